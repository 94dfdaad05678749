"""Narrowing: on which inputs an Adam is wrong, where no known convention or mistake fits.

The levels of the input space that stand in every vector that fails are compared with those of the
vectors that pass. For example, an Adam that leaves out a step with a learning rate of 0 fails every
vector with `learning_rate zero`, and no other.
"""

from collections.abc import Sequence
from itertools import combinations

from ..coverage.measure import Conventions, home, reference, rows_in
from ..coverage.model import LEVELS
from ..trial.outcomes import Status
from ..vectors.switches import ACCUMULATION, GROUPS
from ..vectors.vector import Vector
from .case import Case

# Something that holds in a vector: one level, or two that stand together.
_Condition = tuple[str, ...]
# Features and relations are no levels of the model, and hold in a whole vector.
_WHOLE = (ACCUMULATION, GROUPS, "complex")
# More conditions than this do not say what matters.
_MOST = 3
# Two levels stand together in one vector by chance.
_FEWEST = 2


def narrow(case: Case) -> str:
    """Return what all failures have in common and no pass has; empty if nothing is found."""
    told = [one for one in case.comparisons if one.failed or one.status is Status.PASSED]
    failed = [one.vector for one in told if one.failed]
    passed = [one.vector for one in told if not one.failed]
    if not passed:
        return f"it fails all {len(failed)} vectors that it was asked"
    # float32 and float64 of one name are one input.
    names = {vector.id.replace(f".f{vector.dtype[5:]}.", ".") for vector in failed}
    for count in (1, 2):
        if count == 2 and len(names) < _FEWEST:
            break
        found = _in_all_and_in_none(failed, passed, case.suite.conventions, count)
        if 0 < len(found) <= _MOST:
            words = "; or ".join(" together with ".join(condition) for condition in sorted(found))
            return (
                f"what its {len(failed)} failures have in common, and none of the {len(passed)} "
                f"vectors that pass has: {words}"
            )
    return ""


def _in_all_and_in_none(
    failed: Sequence[Vector], passed: Sequence[Vector], conventions: Conventions, count: int
) -> set[_Condition]:
    common = _conditions(failed[0], conventions, count)
    for vector in failed[1:]:
        common &= _conditions(vector, conventions, count)
        if not common:
            return common
    for vector in passed:
        common -= _conditions(vector, conventions, count)
        # The first vectors that pass have most conditions, so that few vectors are run.
        if not common:
            break
    return common


def _conditions(vector: Vector, conventions: Conventions, count: int) -> set[_Condition]:
    """Return the levels, or pairs of levels, that stand somewhere in a vector."""
    whole = [feature for feature in _WHOLE if feature in vector.features]
    if vector.relation is not None:
        whole.append(f"relation {vector.relation.name}")
    try:
        rows = rows_in(reference(home(vector, conventions).name), vector)
    except ValueError:
        # No named convention has all of it.
        rows = set()
    conditions: set[_Condition] = set()
    for row in rows:
        names = sorted([*whole, *(str(LEVELS[number]) for number in row)])
        conditions.update(combinations(names, count))
    return conditions
