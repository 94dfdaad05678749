"""Diagnosis: the search for what explains the numbers of a subject that does not conform.

`diagnose` climbs a ladder of explainers, from facts to guesses; the first that finds something
wins. For example, an Adam with epsilon inside the root fails most vectors of the paper's
convention. Judged again with `epsilon = inside` all of them pass, and this is the explanation.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..trial.comparison import Comparison
from ..trial.outcomes import Failure, Permitted, Status
from ..trial.sentences import failure_line
from .built_in import built_in_numbers
from .case import Case
from .explanation import Explanation, Kind
from .guesses import (
    another_formula,
    another_point,
    known_mistake,
    mistake_in_another_arithmetic,
    nearly_a_convention,
    nearly_an_arithmetic,
    several_other_values,
)
from .narrowing import facts, narrow
from .rough import rough_operations
from .symptoms import (
    another_arithmetic,
    another_storage,
    bad_hygiene,
    missing_feature,
    nearly_another_storage,
    no_numbers,
    only_changed_runs,
    only_moments,
    only_nan,
    other_numbers_each_time,
)

# This many reasons of vectors that came to no numbers are said.
_MOST_REASONS = 3
_DECLARE = "raise conformance.Unsupported there: the vector then counts as not supported"
_ENDED = "ProgramEnded"
_KEEP_DTYPE = 'a dtype that is not kept can be declared, as make.dtypes = {"float32"}'


def diagnose(case: Case) -> Explanation:
    """Return the first explanation that the ladder finds; the last rung always finds one."""
    for explain in _LADDER:
        explanation = explain(case)
        if explanation is not None:
            return explanation
    return _first_failure(case)


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
        # What has crashed or hung has refused nothing.
        if _ENDED not in found:
            remark += f"; if an input is refused on purpose, {_DECLARE}"
    elif " as float" in found:
        remark += f"; {_KEEP_DTYPE}"
    return Explanation(kind=Kind.REFUSED, remark=remark)


def _lost_infinities(case: Case) -> Explanation | None:
    """Numbers where NaN or infinities must be: the rest is explained as if they were not there."""
    lost = [failure for failure in case.failures if _loses_infinities(failure)]
    if not lost:
        return None
    found = (
        f"in {len(lost)} of {len(case.comparisons)} vectors NaN and infinities are lost, as in "
        f"code for finite numbers alone (-ffinite-math-only): {failure_line(lost[0])}"
    )
    rest = case.without({failure.vector.id for failure in lost})
    if rest.failures:
        return replace(diagnose(rest), besides=found)
    remark = f"its finite numbers are right, but {found}; no declaration of roundings permits that"
    return Explanation(kind=Kind.FINITE, failed=len(lost), remark=remark)


def _loses_infinities(failure: Comparison) -> bool:
    return bool(failure.permitted) and failure.permitted <= {Permitted.NAN, Permitted.NONFINITE}


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
    another_arithmetic,
    missing_feature,
    bad_hygiene,
    rough_operations,
    only_moments,
    no_numbers,
    only_nan,
    only_changed_runs,
    another_storage,
    other_numbers_each_time,
    another_point,
    known_mistake,
    nearly_another_storage,
    _lost_infinities,
    _refusals,
    built_in_numbers,
    mistake_in_another_arithmetic,
    nearly_an_arithmetic,
    several_other_values,
    another_formula,
    nearly_a_convention,
)
