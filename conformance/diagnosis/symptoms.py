"""Symptoms: explainers of what the failures have in common, without a guess at the formula."""

from math import inf

import numpy as np

from ..trial.comparison import EQUATIONS
from ..trial.outcomes import Detail, Failure, Status
from ..trial.sentences import failure_line
from .case import Case
from .explanation import Explanation, Kind, as_data
from .formula.equations import shows_corrected

# So many vectors tell an arithmetic from an accident.
_TELLING = 4
# Moments that are rounded to fewer digits are hardly further off.
_OTHER = 64
# A storage must explain so many times more failures than it leaves.
_STORAGE_LEAVES = 2
_WRAP = "an Adam with another interface needs a wrapper, as `adamref init python` writes"


def another_arithmetic(case: Case) -> Explanation | None:
    """The algorithm is right, and its scalars are rounded to other formats."""
    if not case.arithmetics:
        return None
    # Few failures may be those of a mistake, which a wider bound happens to cover.
    if len(case.failed_ids) < _TELLING and (defects := case.numeric_defects):
        return Explanation(kind=Kind.MISTAKE, mistakes=as_data(defects), cause=defects[0].name)
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
        f"`--arithmetic {case.arithmetics[0]}` declares it; "
        f"parameters are off by up to {ulps} units in the last place"
    )
    mistakes = as_data(case.numeric_defects)
    points = tuple(case.arithmetics)
    return Explanation(
        kind=Kind.ARITHMETIC,
        points=points,
        mistakes=mistakes,
        remark=remark,
        cause=f"arithmetic={points[0]}",
    )


def missing_feature(case: Case) -> Explanation | None:
    """Everything that it was asked is right, and a required feature is missing."""
    required = all(failure.failure is Failure.REQUIRED for failure in case.failures)
    if not required or len(case.failures) == len(case.comparisons):
        return None
    remark = f"what it was asked is right; {case.failures[0].reason}"
    return _with_mistakes(case, Kind.REQUIRED, remark)


def bad_hygiene(case: Case) -> Explanation | None:
    """The numbers are right, but arrays are changed or shared that must not be."""
    if any(failure.cause.detail is not Detail.HYGIENE for failure in case.failures):
        return None
    remark = f"its numbers are right; {case.failures[0].cause.message}"
    return _with_mistakes(case, Kind.HYGIENE, remark)


def only_moments(case: Case) -> Explanation | None:
    """Every parameter is right, but `slots` returns other moments."""
    # Moments that are seldom off are wrong, and not something else.
    told = [one for one in case.comparisons if one.status is not Status.UNSUPPORTED]
    if 2 * len(case.failures) < len(told):
        return None
    far = [failure for failure in case.failures if failure.worst_ratio >= _OTHER]
    if 2 * len(far) < len(case.failures):
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
        f"m and v of E1 and E2: {failure_line(case.failures[0])}; return those, or leave slots() "
        "out"
    )
    return Explanation(kind=Kind.MOMENTS, remark=remark)


def another_storage(case: Case) -> Explanation | None:
    """What it keeps of half precision is something else than it says, and that is all."""
    options, left = case.other_storages
    if not options or left:
        return None
    remark = (
        f"it keeps something else than it declares: `{options}` explains what it returned; "
        f"the first failure: {failure_line(case.failures[0])}"
    )
    return _with_mistakes(case, Kind.STORAGE, remark)


def nearly_another_storage(case: Case) -> Explanation | None:
    """It keeps something else of half precision than it says, and something else is wrong too."""
    options, left = case.other_storages
    if not options or _STORAGE_LEAVES * len(left) > len(case.failures):
        return None
    explained = len(case.failures) - len(left)
    remark = (
        f"it keeps something else than it declares: `{options}` explains {explained} of the "
        f"{len(case.failures)} failures; then {failure_line(left[0])}"
    )
    return Explanation(kind=Kind.STORAGE, remark=remark)


def no_numbers(case: Case) -> Explanation | None:
    """No vector came to a number, and all for one reason."""
    reasons = {failure.reason for failure in case.failures}
    if any(comparison.worst for comparison in case.comparisons) or len(reasons) > 1:
        return None
    # Random rounding is judged by counts of numbers.
    if any(failure.failure in EQUATIONS.values() for failure in case.failures):
        return None
    # Without a number no mistake of an algorithm can be told.
    remark = f"it never came to numbers: {reasons.pop()}; {_WRAP}"
    return Explanation(kind=Kind.NO_NUMBERS, remark=remark)


def only_nan(case: Case) -> Explanation | None:
    """Every failure is a NaN."""
    for failure in case.failures:
        if failure.discrepancy is None or not np.isnan(failure.discrepancy.got):
            return None
    remark = "what it returns is not a number (NaN) in every vector that failed"
    return _with_mistakes(case, Kind.NAN, remark)


def only_changed_runs(case: Case) -> Explanation | None:
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


def other_numbers_each_time(case: Case) -> Explanation | None:
    """A second run gave other numbers."""
    if not case.unrepeatable:
        return None
    remark = (
        f"two runs of {case.unrepeatable} differ: something outlives a run, as in "
        "t-goes-on-in-next-run (A25), or the subject is not deterministic"
    )
    return Explanation(kind=Kind.UNREPEATABLE, remark=remark)


def _with_mistakes(case: Case, kind: Kind, remark: str) -> Explanation:
    defects = case.defects
    cause = defects[0].name if defects else ""
    return Explanation(kind=kind, mistakes=as_data(defects), remark=remark, cause=cause)
