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
from ..trial.comparison import Comparison
from ..trial.outcomes import Status
from ..vectors.switches import ACCUMULATION, GROUPS
from ..vectors.vector import Vector, size
from .case import Case

# Something that holds in a vector: one level, or two that stand together.
_Condition = tuple[str, ...]
# Features that are no levels of the model, and hold in a whole vector.
_WHOLE = (ACCUMULATION, GROUPS, "complex", "load", "save")
# More conditions than this do not say what matters.
_MOST = 3
# Two levels stand together in one vector by chance.
_FEWEST = 2
# In elements times steps: larger vectors say less, and take longer.
_LARGEST = 4000
# This many vectors with a condition may pass, for each that fails.
_RARE = 0.5


def narrow(case: Case, failures: Sequence[Comparison]) -> str:
    """Return what some failures have in common that few other vectors have; empty if nothing.

    Args:
        case: has the other vectors.
        failures: those that are looked at. Vectors that fail in another way are not asked.
    """
    failed = _small(failures)
    passed = _small(one for one in case.comparisons if one.status is Status.PASSED)
    if not failed:
        return ""
    if not passed:
        return "no vector passes"
    in_vectors = _Conditions(case.suite.conventions)
    for count in (1, 2):
        # float32 and float64 of one name are one input.
        if count == 2 and len({_name(vector) for vector in failed}) < _FEWEST:
            break
        common = in_vectors.common(failed, count)
        alone = in_vectors.without(common, passed, count)
        if 0 < len(alone) <= _MOST:
            return f"every vector with {_words(alone)} that was asked, and no other"
    return _rare(in_vectors, failed, passed)


def _small(comparisons: Iterable[Comparison]) -> list[Vector]:
    """Return the vectors that are looked at, the smallest first."""
    vectors = [one.vector for one in comparisons if size(one.vector) <= _LARGEST]
    return sorted(vectors, key=size)


def _name(vector: Vector) -> str:
    topic, _, name = vector.id.split(".", 2)
    return f"{topic}.{name}"


def _rare(in_vectors: "_Conditions", failed: Sequence[Vector], passed: Sequence[Vector]) -> str:
    """Return the level of all failures that fewest passes have, if these are few."""
    common = in_vectors.common(failed, 1)
    counts = dict.fromkeys(sorted(common), 0)
    for vector in passed:
        for condition in in_vectors.of(vector, 1) & common:
            counts[condition] += 1
    rare = min(counts, key=lambda condition: counts[condition], default=None)
    if rare is None or counts[rare] > _RARE * len(failed):
        return ""
    return f"all of them have {_words([rare])}, as {counts[rare]} vectors that pass"


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
            whole.append(f"a second run: {vector.relation.name}")
        conditions: set[_Condition] = set(combinations(sorted(whole), count))
        for row in self._rows(vector):
            names = sorted([*whole, *(str(LEVELS[number]) for number in row)])
            conditions.update(combinations(names, count))
        return conditions

    def common(self, vectors: Sequence[Vector], count: int) -> set[_Condition]:
        """Return what holds in each of some vectors."""
        first, *others = vectors
        conditions = self.of(first, count)
        for vector in others:
            conditions &= self.of(vector, count)
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
