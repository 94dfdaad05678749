"""Narrowing: on which inputs an Adam is wrong, where no known convention or mistake fits.

The levels of the input space that stand in every vector that fails are compared with those of the
vectors that pass. For example, an Adam that leaves out a step with a learning rate of 0 fails every
vector with `learning_rate zero`, and hardly another.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import combinations

from ..coverage.measure import Conventions, Row, home, reference, rows_in
from ..coverage.model import LEVELS
from ..trial.outcomes import Status
from ..vectors.switches import ACCUMULATION, GROUPS
from ..vectors.vector import Vector
from .case import Case

# Something that holds in a vector: one level, or two that stand together.
_Condition = tuple[str, ...]
# Features that are no levels of the model, and hold in a whole vector.
_WHOLE = (ACCUMULATION, GROUPS, "complex")
# More conditions than this do not say what matters.
_MOST = 3
# Two levels stand together in one vector by chance.
_FEWEST = 2


def narrow(case: Case) -> str:
    """Return what all failures have in common and few passes have; empty if nothing is found."""
    told = [one for one in case.comparisons if one.failed or one.status is Status.PASSED]
    failed = [one.vector for one in told if one.failed]
    passed = [one.vector for one in told if not one.failed]
    if not passed:
        return f"it fails all {len(failed)} vectors that it was asked"
    in_vectors = _Conditions(case.suite.conventions)
    # float32 and float64 of one name are one input.
    names = {vector.id.replace(f".f{vector.dtype[5:]}.", ".") for vector in failed}
    for count in (1, 2):
        if count == 2 and len(names) < _FEWEST:
            break
        common = set.intersection(*(in_vectors.of(vector, count) for vector in failed))
        alone = in_vectors.without(common, passed, count)
        if 0 < len(alone) <= _MOST:
            return f"all its failures have {_words(alone)}, and no vector that passes has"
    return _rare(in_vectors, failed, passed)


def _rare(in_vectors: "_Conditions", failed: Sequence[Vector], passed: Sequence[Vector]) -> str:
    """Return the level of all failures that fewest passes have, if these are fewer."""
    common = set.intersection(*(in_vectors.of(vector, 1) for vector in failed))
    counts = dict.fromkeys(sorted(common), 0)
    for vector in passed:
        for condition in in_vectors.of(vector, 1) & common:
            counts[condition] += 1
    rare = min(counts, key=lambda condition: counts[condition], default=None)
    if rare is None or counts[rare] >= len(failed):
        return ""
    return f"all its failures have {_words([rare])}, as {counts[rare]} vectors that pass"


def _words(conditions: Iterable[_Condition]) -> str:
    return " or ".join(" together with ".join(condition) for condition in sorted(conditions))


class _Conditions:
    """What holds in vectors, each of which is run once."""

    def __init__(self, conventions: Conventions) -> None:
        self._conventions = conventions
        self._rows = cache(self._run)

    def of(self, vector: Vector, count: int) -> set[_Condition]:
        """Return the levels, or pairs of levels, that stand somewhere in a vector."""
        whole = [feature for feature in _WHOLE if feature in vector.features]
        if vector.relation is not None:
            whole.append(f"relation {vector.relation.name}")
        conditions: set[_Condition] = set()
        for row in self._rows(vector):
            names = sorted([*whole, *(str(LEVELS[number]) for number in row)])
            conditions.update(combinations(names, count))
        return conditions

    def without(
        self, conditions: set[_Condition], vectors: Sequence[Vector], count: int
    ) -> set[_Condition]:
        """Return those of some conditions that hold in none of some vectors."""
        left = set(conditions)
        for vector in vectors:
            # The first vectors have most conditions, so that few are run.
            if not left:
                break
            left -= self.of(vector, count)
        return left

    def _run(self, vector: Vector) -> set[Row]:
        try:
            return rows_in(reference(home(vector, self._conventions).name), vector)
        except ValueError:
            # No named convention has all of it.
            return set()
