"""Guesses: explainers that try other conventions, arithmetics, mistakes and formulas."""

from collections.abc import Iterable

from ..defects.defect import DefectKind
from ..trial.judged_runs import failures
from ..trial.outcomes import Status
from ..trial.sentences import failure_line
from ..vectors.answer import Axes
from .axis_words import difference
from .case import Case, Fit
from .explanation import Explanation, Kind, as_data
from .formula.equations import find_formulas

# A convention that leaves a larger part of its vectors unexplained is not worth a word.
_NEARLY = 0.15
_UNSUPPORTED = "unsupported"
# A named convention may lack answers for so small a part of the failures.
_LACKING = 0.05


def another_point(case: Case) -> Explanation | None:
    """Another convention, or one other value, under which nothing fails."""
    failed = len(case.failed_ids)
    whole = [fit for fit in case.perfect_fits if fit.explained]
    # One other value has answers in some vectors only. A named convention that lacks answers for
    # failures lacks what they are about.
    few = _LACKING * failed
    whole = [fit for fit in whole if fit.explained >= failed - few or not fit.candidate.whole]
    if not whole:
        return None
    # A fit with far fewer answers explains less.
    most = max(fit.compared for fit in whole)
    best = [fit for fit in whole if fit.compared > most * (1 - _NEARLY)]
    points = _names(best)
    left_over = failed - max(fit.explained for fit in best)
    # A mistake says more than a point that leaves most failures open.
    if 2 * left_over > failed and case.defects:
        return Explanation(
            kind=Kind.MISTAKE,
            points=points,
            mistakes=as_data(case.defects),
            cause=case.defects[0].name,
        )
    return Explanation(
        kind=Kind.POINT,
        points=points,
        passed=most,
        compared=most,
        compared_at_least=min(fit.compared for fit in best),
        failed=failed,
        left_over=left_over,
        difference=_difference(case, best[0].candidate.axes),
        known=_known(case),
        cause=_cause(case, best[0].candidate.axes, best[0].candidate.code),
    )


def known_mistake(case: Case) -> Explanation | None:
    """A known mistake in the claimed convention."""
    if not case.defects:
        return None
    return Explanation(
        kind=Kind.MISTAKE, mistakes=as_data(case.defects), cause=case.defects[0].name
    )


def mistake_in_another_arithmetic(case: Case) -> Explanation | None:
    """A known mistake in the claimed convention, with scalars of other formats."""
    axes = case.convention.axes
    for code, words in case.suite.arithmetics.items():
        if code in case.convention.arithmetics:
            continue
        failed = {one.vector.id for one in failures(case.judged.under(axes, code))}
        # Without the mistake fewer vectors must fail than by the accepted arithmetics.
        if not failed or len(failed) >= len(case.failed_ids):
            continue
        if defects := case.find_mistakes(failed, axes, code):
            points = (f"{case.convention.name} with arithmetic {code} ({words})",)
            mistakes = as_data(defects)
            return Explanation(
                kind=Kind.MISTAKE_ELSEWHERE,
                points=points,
                mistakes=mistakes,
                cause=f"arithmetic={code},{defects[0].name}",
            )
    return None


def nearly_an_arithmetic(case: Case) -> Explanation | None:
    """Another arithmetic, under which few vectors fail."""
    axes = case.convention.axes
    passed: dict[str, int] = {}
    for code in case.suite.arithmetics:
        told = case.told_under(axes, code)
        ids = {one.vector.id for one in told if one.status is Status.PASSED}
        passed[code] = len(ids & case.failed_ids)
    nearest = max(passed, key=lambda code: passed[code])
    failed = len(case.failed_ids)
    others = failures(case.judged.under(axes, nearest))
    if nearest in case.convention.arithmetics or passed[nearest] < (1 - _NEARLY) * failed:
        return None
    if not others:
        return None
    remark = (
        f"the algorithm is right in {passed[nearest]} of the {failed} vectors that failed, "
        f"with arithmetic {nearest} ({case.suite.arithmetics[nearest]}), where "
        f"{case.convention.name} accepts {', '.join(case.convention.arithmetics)}; of the others "
        f"the first is {failure_line(others[0])}"
    )
    return Explanation(
        kind=Kind.ARITHMETIC, points=(nearest,), remark=remark, cause=f"arithmetic={nearest}"
    )


def several_other_values(case: Case) -> Explanation | None:
    """The claimed convention with several other values, or a known mistake there."""
    claimed = case.convention
    # Guesses too: what follows shows whether they explain.
    others = {
        axis: value
        for axis, value in case.identity.axes.items()
        if value != claimed.axes[axis] and _UNSUPPORTED not in (value, claimed.axes[axis])
    }
    if not others:
        return None
    values = " and ".join(f"{axis} = {value}" for axis, value in others.items())
    points = (f"{claimed.name} with {values}",)
    axes = {**claimed.axes, **others}
    code = case.identity.arithmetic or claimed.arithmetics[0]
    told = case.told_under(axes, code)
    unexplained = {comparison.vector.id for comparison in case.identity.unexplained}
    failed_there = unexplained | {comparison.vector.id for comparison in told if comparison.failed}
    if told and not failed_there:
        return Explanation(
            kind=Kind.POINT,
            points=points,
            passed=len(told),
            compared=len(told),
            compared_at_least=len(told),
            difference=_difference(case, axes),
            cause=_cause(case, axes, code),
        )
    defects = case.find_mistakes(failed_there, axes, code) if failed_there else []
    if not defects:
        return None
    return Explanation(
        kind=Kind.MISTAKE_ELSEWHERE,
        points=points,
        mistakes=as_data(defects),
        cause=f"{_cause(case, axes, code)},{defects[0].name}",
    )


def another_formula(case: Case) -> Explanation | None:
    """Another formula, which is found by exchanging parts."""
    formulas = find_formulas(case.judged.runs, case.convention.axes)
    if not formulas:
        return None
    remark = f"{' or '.join(formulas)}: this is what it returned in every small plain vector"
    others = [one for one in case.failures if one.vector.features > {one.vector.dtype}]
    if others:
        remark += (
            f"; {len(others)} of the {len(case.failures)} failures are of vectors with more, where "
            "a second mistake may hide: mend this one and check again"
        )
    return Explanation(kind=Kind.FORMULA, remark=remark)


def nearly_a_convention(case: Case) -> Explanation | None:
    """A convention under which few vectors fail, and a smaller part than under the claimed one."""
    failed = len(case.failed_ids)
    limit = min(_NEARLY, failed / len(case.comparisons))
    near = [fit for fit in case.fits if fit.explained and fit.failing_part < limit]
    if not near:
        return None
    nearest = min(near, key=lambda fit: (fit.failing_part, -fit.compared))
    return Explanation(
        kind=Kind.NEARLY,
        points=_names([nearest]),
        passed=nearest.compared - nearest.failed,
        compared=nearest.compared,
        compared_at_least=nearest.compared,
        failed=failed,
        left_over=failed - nearest.explained,
    )


def _difference(case: Case, axes: Axes) -> str:
    asked: set[str] = set()
    for comparison in case.comparisons:
        if comparison.status is not Status.UNSUPPORTED:
            asked |= comparison.vector.features
    return difference(axes, case.convention.axes, case.convention.name, asked)


def _known(case: Case) -> str:
    """Return the known mistakes that are these other values, with their links."""
    found = [one for one in case.defects if one.kind is DefectKind.OTHER_CONVENTION and one.links]
    # Somebody did this in an Adam of the same convention.
    found = [one for one in found if one.convention == case.convention.name]
    return " or ".join(f"{one.name} ({', '.join(one.links)})" for one in found)


def _cause(case: Case, axes: Axes, code: str) -> str:
    """Return how a waiver names a convention and an arithmetic that are not the claimed ones."""
    claimed = case.convention
    named = {name for name, listed in case.suite.conventions.items() if listed.axes == axes}
    parts = [f"convention={min(named)}"] if named else []
    if not named:
        changes = {axis: value for axis, value in axes.items() if value != claimed.axes[axis]}
        parts = [f"{axis}={value}" for axis, value in changes.items()]
    if code != claimed.arithmetics[0]:
        parts.append(f"arithmetic={code}")
    return ",".join(parts)


def _names(fits: Iterable[Fit]) -> tuple[str, ...]:
    """Return the names of the candidates, each once: several arithmetics share one."""
    return tuple(dict.fromkeys(fit.candidate.name for fit in fits))
