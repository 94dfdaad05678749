"""Diagnosis: the search for what explains the numbers of a subject that does not conform.

`diagnose` climbs a ladder of explainers, from facts to guesses; the first that finds something
wins. For example, an Adam with epsilon inside the root fails most vectors of the paper's
convention. Judged again with `epsilon = inside` all of them pass, and this is the explanation.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from ..defects.defect import Defect
from ..trial.comparison import Comparison
from ..trial.judged_runs import failures
from ..trial.outcomes import Detail, Failure, Status
from ..trial.sentences import failure_line
from ..vectors.answer import Axes
from .axis_words import difference
from .case import Case, Fit
from .equations import find_formulas, shows_corrected
from .explanation import Explanation, Kind, KnownMistake
from .narrowing import facts, narrow

# A convention that leaves a larger part of its vectors unexplained is not worth a word.
_NEARLY = 0.15
_UNSUPPORTED = "unsupported"
# A named convention may lack answers for so small a part of the failures.
_LACKING = 0.05
# So many vectors tell an arithmetic from an accident.
_TELLING = 4
# This many reasons of vectors that came to no numbers are said.
_MOST_REASONS = 3
_DECLARE = "raise conformance.Unsupported there: the vector then counts as not supported"


def diagnose(case: Case) -> Explanation:
    """Return the first explanation that the ladder finds; the last rung always finds one."""
    for explain in _LADDER:
        explanation = explain(case)
        if explanation is not None:
            return explanation
    return _first_failure(case)


def _another_arithmetic(case: Case) -> Explanation | None:
    """The algorithm is right, and its scalars are rounded to other formats."""
    if not case.arithmetics:
        return None
    # Few failures may be those of a mistake, which a wider bound happens to cover.
    if len(case.failed_ids) < _TELLING and (defects := case.numeric_defects):
        return Explanation(kind=Kind.MISTAKE, mistakes=_as_data(defects))
    known = case.suite.arithmetics
    fitting = " or ".join(f"{code} ({known[code]})" for code in case.arithmetics)
    furthest: dict[str, float] = {}
    for failure in case.failures:
        dtype = failure.vector.dtype
        furthest[dtype] = max(furthest.get(dtype, 0.0), failure.ulps)
    ulps = " and ".join(f"{most:.3g} ({dtype})" for dtype, most in sorted(furthest.items()))
    accepted = ", ".join(case.convention.arithmetics)
    remark = (
        f"the algorithm is right; of the known arithmetics its numbers fit {fitting}, "
        f"where {case.convention.name} accepts {accepted}; "
        f"parameters are off by up to {ulps} units in the last place"
    )
    mistakes = _as_data(case.numeric_defects)
    points = tuple(case.arithmetics)
    return Explanation(kind=Kind.ARITHMETIC, points=points, mistakes=mistakes, remark=remark)


def _missing_feature(case: Case) -> Explanation | None:
    """Everything that it was asked is right, and a required feature is missing."""
    required = all(failure.failure is Failure.REQUIRED for failure in case.failures)
    if not required or len(case.failures) == len(case.comparisons):
        return None
    remark = f"what it was asked is right; {case.failures[0].reason}"
    return _with_mistakes(case, Kind.REQUIRED, remark)


def _bad_hygiene(case: Case) -> Explanation | None:
    """The numbers are right, but arrays are changed or shared that must not be."""
    if any(failure.cause.detail is not Detail.HYGIENE for failure in case.failures):
        return None
    remark = f"its numbers are right; {case.failures[0].cause.message}"
    return _with_mistakes(case, Kind.HYGIENE, remark)


def _only_moments(case: Case) -> Explanation | None:
    """Every parameter is right, but `slots` returns other moments."""
    # Moments that are seldom off are wrong, and not something else.
    told = [one for one in case.comparisons if one.status is not Status.UNSUPPORTED]
    if 2 * len(case.failures) < len(told):
        return None
    for failure in case.failures:
        discrepancy = failure.discrepancy
        if discrepancy is None or discrepancy.quantity == "params" or discrepancy.relation:
            return None
        if failure.worst.get("params", inf) > 1:
            return None
    corrected = " m_hat and v_hat," if shows_corrected(case.judged.runs) else ""
    remark = (
        f"its parameters are right in every vector; slots() returns{corrected} other moments than "
        f"m and v of E1 and E2: {failure_line(case.failures[0])}"
    )
    return Explanation(kind=Kind.MOMENTS, remark=remark)


def _no_numbers(case: Case) -> Explanation | None:
    """No vector came to a number, and all for one reason."""
    reasons = {failure.reason for failure in case.failures}
    if any(comparison.worst for comparison in case.comparisons) or len(reasons) > 1:
        return None
    return _with_mistakes(case, Kind.NO_NUMBERS, f"it never came to numbers: {reasons.pop()}")


def _only_nan(case: Case) -> Explanation | None:
    """Every failure is a NaN."""
    for failure in case.failures:
        if failure.discrepancy is None or not np.isnan(failure.discrepancy.got):
            return None
    remark = "what it returns is not a number (NaN) in every vector that failed"
    return _with_mistakes(case, Kind.NAN, remark)


def _only_changed_runs(case: Case) -> Explanation | None:
    """Every first run is right; only runs with changed inputs fail."""
    relations: dict[str, None] = {}
    for failure in case.failures:
        if failure.discrepancy is None or not failure.discrepancy.relation:
            return None
        assert failure.vector.relation is not None
        relations[failure.vector.relation.name] = None
    remark = (
        f"it is right in every first run; only changed runs fail: {'; '.join(relations)}; "
        f"{failure_line(case.failures[0])}"
    )
    return _with_mistakes(case, Kind.RELATIONS, remark)


def _other_numbers_each_time(case: Case) -> Explanation | None:
    """A second run gave other numbers."""
    if not case.unrepeatable:
        return None
    remark = (
        f"two runs of {case.unrepeatable} differ: something outlives a run, as in "
        "t-goes-on-in-next-run (A25), or the subject is not deterministic"
    )
    return Explanation(kind=Kind.UNREPEATABLE, remark=remark)


def _another_point(case: Case) -> Explanation | None:
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
        return Explanation(kind=Kind.MISTAKE, points=points, mistakes=_as_data(case.defects))
    return Explanation(
        kind=Kind.POINT,
        points=points,
        passed=most,
        compared=most,
        compared_at_least=min(fit.compared for fit in best),
        failed=failed,
        left_over=left_over,
        difference=_difference(case, best[0].candidate.axes),
    )


def _known_mistake(case: Case) -> Explanation | None:
    """A known mistake in the claimed convention."""
    if not case.defects:
        return None
    return Explanation(kind=Kind.MISTAKE, mistakes=_as_data(case.defects))


def _mistake_in_another_arithmetic(case: Case) -> Explanation | None:
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
            mistakes = _as_data(defects)
            return Explanation(kind=Kind.MISTAKE_ELSEWHERE, points=points, mistakes=mistakes)
    return None


def _nearly_an_arithmetic(case: Case) -> Explanation | None:
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
    return Explanation(kind=Kind.ARITHMETIC, points=(nearest,), remark=remark)


def _refusals(case: Case) -> Explanation | None:
    """Some vectors came to no numbers: the rest is explained as if they were not there."""
    silent = [failure for failure in case.failures if _is_silent(failure)]
    rest = case.without({failure.vector.id for failure in silent})
    if not silent or all(_is_silent(one) for one in rest.comparisons):
        return None
    found = _words_of_silent(case, silent)
    if rest.failures:
        return replace(diagnose(rest), besides=found)
    remark = f"what it returns is right, but {found}"
    if any(failure.failure is Failure.ERROR for failure in silent):
        remark += f"; if an input is refused on purpose, {_DECLARE}"
    return Explanation(kind=Kind.REFUSED, remark=remark)


def _is_silent(comparison: Comparison) -> bool:
    """Return whether nothing was compared, because an error or a broken contract came first."""
    if comparison.status is Status.UNSUPPORTED:
        return True
    return comparison.failure in (Failure.ERROR, Failure.CONTRACT) and not comparison.worst


def _words_of_silent(case: Case, silent: Sequence[Comparison]) -> str:
    """Return the reasons of silent failures, each with the inputs that it comes from."""
    of_reason: dict[str, list[Comparison]] = {}
    for failure in silent:
        # Numbers in it are those of each input.
        kind = re.sub(r"[\d.]+", "", failure.reason)
        of_reason.setdefault(kind, []).append(failure)
    words = []
    for alike in list(of_reason.values())[:_MOST_REASONS]:
        inputs = narrow(case, alike)
        where = f" ({inputs})" if inputs else ""
        count = f"{len(alike)} vectors end" if len(alike) > 1 else "one vector ends"
        words.append(f"{count} with {alike[0].reason!r}{where}")
    if (left := len(of_reason) - _MOST_REASONS) > 0:
        words.append(f"{left} other reasons")
    return "; ".join(words)


def _several_other_values(case: Case) -> Explanation | None:
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
        )
    defects = case.find_mistakes(failed_there, axes, code) if failed_there else []
    if not defects:
        return None
    return Explanation(kind=Kind.MISTAKE_ELSEWHERE, points=points, mistakes=_as_data(defects))


def _another_formula(case: Case) -> Explanation | None:
    """Another formula, which is found by exchanging parts."""
    formulas = find_formulas(case.judged.runs, case.convention.axes)
    if not formulas:
        return None
    remark = f"{' or '.join(formulas)}: so it is in every plain vector"
    return Explanation(kind=Kind.FORMULA, remark=remark)


def _nearly_a_convention(case: Case) -> Explanation | None:
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


def _first_failure(case: Case) -> Explanation:
    """Nothing fits: what is known is where it is wrong first, and on which inputs."""
    known = facts(case)
    if narrowed := narrow(case, case.failures):
        known.append(f"what fails: {narrowed}")
    remark = "; ".join([failure_line(case.failures[0]), *known])
    return Explanation(
        kind=Kind.UNKNOWN,
        failed=len(case.failed_ids),
        left_over=len(case.failed_ids),
        remark=remark,
    )


Explainer = Callable[[Case], Explanation | None]
# The order matters: facts come before guesses. What costs little comes before what judges all runs
# again, and that before the searches that need the oracle.
_LADDER: Sequence[Explainer] = (
    _another_arithmetic,
    _missing_feature,
    _bad_hygiene,
    _only_moments,
    _no_numbers,
    _only_nan,
    _only_changed_runs,
    _other_numbers_each_time,
    _another_point,
    _known_mistake,
    _refusals,
    _mistake_in_another_arithmetic,
    _nearly_an_arithmetic,
    _several_other_values,
    _another_formula,
    _nearly_a_convention,
)


def _difference(case: Case, axes: Axes) -> str:
    asked: set[str] = set()
    for comparison in case.comparisons:
        if comparison.status is not Status.UNSUPPORTED:
            asked |= comparison.vector.features
    return difference(axes, case.convention.axes, case.convention.name, asked)


def _with_mistakes(case: Case, kind: Kind, remark: str) -> Explanation:
    return Explanation(kind=kind, mistakes=_as_data(case.defects), remark=remark)


def _as_data(defects: Iterable[Defect]) -> tuple[KnownMistake, ...]:
    return tuple(KnownMistake(defect.name, defect.sentence) for defect in defects)


def _names(fits: Iterable[Fit]) -> tuple[str, ...]:
    """Return the names of the candidates, each once: several arithmetics share one."""
    return tuple(dict.fromkeys(fit.candidate.name for fit in fits))
