"""What explains the numbers of a subject: an arithmetic, another value on one axis, another convention, or nothing."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..subject.subject import Subject
from ..trial.bench import Bench, failed, failures
from ..trial.compare import Comparison
from ..trial.digest import digest
from ..trial.outcomes import Detail, Failure, RunStatus, Status
from ..trial.run import run
from ..trial.sentences import in_a_line, in_words
from ..vectors.answer import Axes
from ..vectors.suite import ListedConvention, Suite

if TYPE_CHECKING:
    from ..defects.defect import Defect

# A convention that leaves more vectors unexplained is not worth a word.
_NEARLY = 0.15
_NUMERIC = (Status.PASSED, Status.FAILED, Status.ERRORED)


def diagnosed(
    subject: Subject,
    bench: Bench,
    named: ListedConvention,
    suite: Suite,
    comparisons: Sequence[Comparison],
    fitting: Sequence[str],
) -> str:
    """What explains the numbers of a subject that fails, in one sentence.

    Args:
        subject: the Adam under test.
        bench: its runs.
        named: the convention that it was judged by.
        suite: with the other ones.
        comparisons: its runs by that convention.
        fitting: the arithmetics under which nothing fails.
    """
    wrong = failed(comparisons)
    if fitting:
        said = rounding(fitting, named, suite, wrong)
    else:
        said = no_numbers(comparisons)
        if not said and (repeated := unrepeatable(subject, bench, wrong)):
            return repeated
        if not said:
            return explained(bench, named, suite, comparisons)
    found = _suspects(bench, named, {one.vector.id for one in wrong})
    if fitting:  # of rounding, a mistake must be one of rounding
        found = [one for one in found if one.is_numeric]
    return f"{said}; what it does is {in_words([one.sentence for one in found])}" if found else said


def _suspects(bench: Bench, named: ListedConvention, wrong: set[str]) -> "list[Defect]":
    """The known mistakes that explain what failed."""
    from ..identity.known_mistakes import find_mistakes

    return find_mistakes(bench.runs, wrong, named.axes, named.arithmetics[0])


def unrepeatable(subject: Subject, bench: Bench, wrong: Sequence[Comparison]) -> str:
    """That a vector does not give the same numbers twice, if it does not."""
    first = next((one for one in bench.runs if one.vector.id == wrong[0].vector.id), None)
    if (
        first is None
        or first.status is not RunStatus.RAN
        or digest(run(subject, first.vector).snapshots) == digest(first.snapshots)
    ):
        return ""
    return (
        f"two runs of {first.vector.id} differ: something outlives a run, as in t-goes-on-in-next-run (A25), "
        "or the subject is not deterministic"
    )


def rounding(
    codes: Sequence[str], named: ListedConvention, suite: Suite, wrong: Sequence[Comparison]
) -> str:
    """That the algorithm is right, and to which formats its scalars may have been rounded; ``wrong`` is what failed."""
    seen = " or ".join(f"{code} ({suite.arithmetics[code]})" for code in codes)
    cost: dict[str, float] = {}
    for one in wrong:
        cost[one.vector.dtype] = max(cost.get(one.vector.dtype, 0.0), one.ulps)
    costs = " and ".join(f"{ulps:.3g} in {dtype}" for dtype, ulps in sorted(cost.items()))
    return (
        f"the algorithm is right; of the known arithmetics its numbers fit {seen}, where {named.name} accepts "
        f"{', '.join(named.arithmetics)}; the parameter is off by up to {costs}, in units in the last place"
    )


def no_numbers(comparisons: Sequence[Comparison]) -> str:
    """What there is to say if no vector has a number in it."""
    wrong = failed(comparisons)
    if all(one.failure is Failure.REQUIRED for one in wrong) and len(wrong) < len(comparisons):
        return f"what it was asked is right; {wrong[0].reason}"
    if all(one.cause.detail is Detail.HYGIENE for one in wrong):
        return f"its numbers are right; {wrong[0].cause.message}"
    if not any(one.worst for one in comparisons) and len({one.reason for one in wrong}) == 1:
        return f"it never came to numbers: {wrong[0].reason}"
    if all(one.discrepancy is not None and np.isnan(one.discrepancy.got) for one in wrong):
        return "what it returns is not a number (NaN) in every vector that failed"
    if all(one.discrepancy is not None and one.discrepancy.relation for one in wrong):
        kinds = dict.fromkeys(one.discrepancy.relation for one in wrong if one.discrepancy)
        return f"it is right in every first run; only changed runs fail: {', '.join(kinds)}; {in_a_line(wrong[0])}"
    return ""


class _Explanation(NamedTuple):
    """A convention under which the runs were judged again; ``explains``: of the vectors that failed, how many pass."""

    name: str
    compared: int
    failures: int
    explains: int


def explained(
    bench: Bench, named: ListedConvention, suite: Suite, comparisons: Sequence[Comparison]
) -> str:
    """Another convention, or another value on one axis, that explains the numbers; else the first failure in a line."""
    wrong = {one.vector.id for one in failed(comparisons)}
    found = [
        _judged_as(bench, name, axes, code, wrong) for name, axes, code in _candidates(named, suite)
    ]
    # A changed axis has answers in some vectors only; a named convention without them lacks what they are about.
    whole = [one for one in found if one.explains and not one.failures]
    whole = [
        one for one in whole if one.explains == len(wrong) or not one.name.startswith("convention ")
    ]
    if whole:
        # What has far fewer vectors with an answer explains less.
        most = max(one.compared for one in whole)
        best = [one for one in whole if one.compared > most * (1 - _NEARLY)]
        names, least = dict.fromkeys(one.name for one in best), min(one.compared for one in best)
        count = f"{most}" if least == most else f"{least} to {most}"
        lost = len(wrong) - max(one.explains for one in best)
        rest = f", but {lost} of the {len(wrong)} that failed have no answer for it" if lost else ""
        if 2 * lost > len(wrong) and (mistakes := _suspects(bench, named, wrong)):
            return f"what it does is {in_words([one.sentence for one in mistakes])}, as {' or '.join(names)}"
        return f"these are the numbers of {' or '.join(names)}: all {count} vectors with an answer for it pass{rest}"
    if known := _known(bench, named, suite, wrong):
        return known
    own = len(wrong) / len(comparisons)
    nearly = [
        one for one in found if one.explains and one.failures / one.compared < min(_NEARLY, own)
    ]
    if nearly:
        closest = min(nearly, key=lambda one: (one.failures / one.compared, -one.compared))
        lost = len(wrong) - closest.explains
        rest = (
            f", but {lost} of the {len(wrong)} that failed have no answer for it, or fail there too"
            if lost
            else ""
        )
        passed = closest.compared - closest.failures
        return f"nearly {closest.name}: {passed} of the {closest.compared} vectors with an answer for it pass{rest}"
    return f"no known convention or mistake fits; first, {in_a_line(failed(comparisons)[0])}"


def _known(bench: Bench, named: ListedConvention, suite: Suite, wrong: set[str]) -> str:
    """A known mistake that explains the numbers, a point with several other values, or a mistake there; or nothing.

    This needs the oracle, which judging does not.
    """
    from ..identity.known_mistakes import find_mistakes
    from ..identity.search import identify_runs

    if found := _suspects(bench, named, wrong):
        return f"what it does is {in_words([one.sentence for one in found])}"
    identity = identify_runs(bench.runs, suite, named.name)
    code = identity.arithmetic or named.arithmetics[0]
    other = {
        axis: v
        for axis, v in identity.convention.items()
        if v not in (named.axes[axis], "unsupported")
    }
    if not other:
        return ""
    name = f"{named.name} with {' and '.join(f'{axis} = {value}' for axis, value in other.items())}"
    axes = {**named.axes, **other}
    compared = [one for one in bench.compared(axes, code) if one.status in _NUMERIC]
    if compared and not failures(compared) and not identity.unexplained:
        return f"these are the numbers of {name}: all {len(compared)} vectors with an answer for it pass"
    lost = {one.vector.id for one in failed(compared)} | {
        one.vector.id for one in identity.unexplained
    }
    if lost and (found := find_mistakes(bench.runs, lost, axes, code)):
        return f"it is {name}, and what it does is {in_words([one.sentence for one in found])}"
    return ""


def _candidates(named: ListedConvention, suite: Suite) -> Iterator[tuple[str, Axes, str]]:
    """Every other named convention, and the convention with one axis changed; what to call it, and an arithmetic."""
    for name, other in suite.conventions.items():
        if name != named.name:
            yield from ((f"convention {name}", other.axes, code) for code in other.arithmetics)
    points = [other.axes for other in suite.conventions.values()]
    for axis, values in suite.axes.items():
        for value in values:
            if named.axes[axis] == "unsupported" and axis in ("sparse", "clip"):
                continue  # nothing says that it has such a thing
            changed: dict[str, str] = {**named.axes, axis: value}
            if axis == "bias_correction":  # who forgets it forgets it with AMSGrad too
                changed["amsgrad_bias_correction"] = value
            if value.startswith("lazy"):  # whose t it is, is whose t there is
                changed["step_scope"] = "optimizer" if value == "lazy_global_t" else "parameter"
            if value not in (named.axes[axis], "unsupported") and changed not in points:
                yield from (
                    (f"{named.name} with {axis} = {value}", changed, code)
                    for code in named.arithmetics
                )


def _judged_as(bench: Bench, name: str, axes: Axes, code: str, wrong: set[str]) -> _Explanation:
    compared = [one for one in bench.compared(axes, code) if one.status in _NUMERIC]
    explains = sum(one.status is Status.PASSED and one.vector.id in wrong for one in compared)
    return _Explanation(name, len(compared), failures(compared), explains)
