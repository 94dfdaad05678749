"""Narrowing: on which inputs an Adam is wrong, where no known convention or mistake fits.

The levels of the input space that stand in every vector that fails are compared with those of the
vectors that pass. For example, an Adam that leaves out a step with a learning rate of 0 fails every
vector with `learning_rate zero`, and hardly another.
"""

from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from itertools import combinations

import numpy as np

from ..coverage.measure import Conventions, Row, home, reference, rows_in
from ..coverage.model import LEVELS
from ..trial.comparison import Comparison, Discrepancy
from ..trial.outcomes import Status
from ..vectors.switches import ACCUMULATION, GROUPS, LOSS_SCALE
from ..vectors.vector import Vector, size
from ..vectors.words import Array
from .case import Case

# Something that holds in a vector: one level, or two that stand together.
_Condition = tuple[str, ...]
# Features that are no levels of the model, and hold in a whole vector.
_WHOLE = (ACCUMULATION, GROUPS, LOSS_SCALE, "complex", "load", "save")
# More conditions than this do not say what matters.
_MOST = 3
# Two levels stand together in one vector by chance.
_FEWEST = 2
# Digits in the numbers of each format.
_BFLOAT16_DIGITS = 8
_FLOAT16_DIGITS = 11
# Decimals of a weight decay that are not lost in a parameter.
_DIGITS_OF_A_FACTOR = {"float32": 3, "float64": 6}
# Vectors of few steps end earlier.
_LONG = 20
# In elements times steps: larger vectors say less, and take longer.
_LARGEST = 4000
# This many vectors with a condition may pass, for each that fails.
_RARE = 0.5


def narrow(case: Case, failures: Sequence[Comparison]) -> str:
    """Return what some failures have in common that few other vectors have; empty if nothing.

    Args:
        case: has the other vectors.
        failures: those that are looked at; a vector that fails in another way is one of the others.
    """
    ids = {failure.vector.id for failure in failures}
    told = [one for one in case.comparisons if one.failed or one.status is Status.PASSED]
    failed = _small(failures)
    passed = _small(one for one in told if one.vector.id not in ids)
    # Of a large vector it is not known what it has in common with others.
    if not passed or not failed or len(failed) < len(failures):
        return ""
    in_vectors = _Conditions(case.suite.conventions)
    for count in (1, 2):
        # float32 and float64 of one name are one input.
        if count == 2 and len({_name(vector) for vector in failed}) < _FEWEST:
            break
        common = in_vectors.common(failed, count)
        alone = in_vectors.without(common, passed, count)
        if 0 < len(alone) <= _MOST:
            return f"every vector with {_words(alone)}, and no other"
    if few := _rare(in_vectors, failed, passed):
        return few
    # Where most fails, it is said of those that pass.
    spared = in_vectors.without(in_vectors.common(passed, 1), failed, 1)
    if 0 < len(spared) <= _MOST and len(passed) < len(failed):
        return f"every vector without {_words(spared)}"
    return ""


def facts(case: Case) -> list[str]:
    """Return what is known of all failures, a phrase each."""
    found = [failure.discrepancy for failure in case.failures]
    told = [discrepancy for discrepancy in found if discrepancy is not None]
    # A size says more than the t that its vectors happen to reach.
    extent = _sizes(case) or _since(case)
    known = (_formats(case), _decays(case), _elements(case, told), extent)
    return [fact for fact in known if fact]


def _formats(case: Case) -> str:
    """Say which arrays have no more digits than bfloat16 or float16."""
    arrays: dict[str, list[Array]] = {"parameter": [], "m": [], "v": []}
    for one in case.judged.runs:
        if one.vector.dtype == "float32" and one.vector.topic == "basic":
            for snapshot in one.snapshots.values():
                arrays["parameter"] += snapshot.params
                for slot in ("m", "v"):
                    shown = snapshot.slots.get(slot, ())
                    arrays[slot] += [array for array in shown if array is not None]
    words = []
    for name, some in arrays.items():
        if not any(array.any() for array in some):
            continue
        if all(_has_digits(array, _BFLOAT16_DIGITS) for array in some):
            words.append(f"every {name} that it returns in float32 is a bfloat16 number")
        elif all(_has_digits(array, _FLOAT16_DIGITS) for array in some):
            words.append(f"every {name} that it returns in float32 has the digits of float16")
    return ", and ".join(words)


def _has_digits(array: Array, digits: int) -> bool:
    """Return whether numbers have at most so many binary digits."""
    fraction, _ = np.frexp(array.astype(np.float64))
    scaled = np.ldexp(fraction, digits)
    return bool(np.all(~np.isfinite(scaled) | (scaled == np.rint(scaled))))


def _elements(case: Case, told: Sequence[Discrepancy]) -> str:
    """Say that one element of a parameter is wrong, and those before it are right."""
    shapes = [one.vector.spec.shapes for one in case.failures if one.discrepancy is not None]
    places = set()
    for discrepancy, shape in zip(told, shapes, strict=True):
        whole = shape[discrepancy.param]
        places.add(int(np.ravel_multi_index(discrepancy.element, whole)) if whole else 0)
    if len(places) != 1 or len(told) < _FEWEST:
        return ""
    place = places.pop()
    return f"the first wrong element is always element {place} of a parameter" if place else ""


def _sizes(case: Case) -> str:
    """Say how large a parameter must be to be wrong, if only vectors with large ones fail."""
    wrong = []
    for failure in case.failures:
        if failure.discrepancy is None:
            return ""
        wrong.append(failure.vector.params[failure.discrepancy.param].size)
    passed = [one.vector for one in case.comparisons if one.status is Status.PASSED]
    right = max((param.size for vector in passed for param in vector.params), default=0)
    least = min(wrong, default=0)
    return f"only parameters of {least} or more elements are wrong" if least > right > 0 else ""


def _decays(case: Case) -> str:
    """Say that parameters decay where nobody asked for it, as far as a gradient of 0 shows it."""
    factors = set()
    for one in case.judged.runs:
        first = one.snapshots.get(1)
        told = one.vector.dtype in _DIGITS_OF_A_FACTOR and one.vector.topic == "basic"
        if first is None or not told:
            continue
        for before, grad, after in zip(
            one.vector.params, one.vector.calls[0].grads, first.params, strict=True
        ):
            if isinstance(grad, np.ndarray) and grad.shape == before.shape:
                still = (grad == 0) & (before != 0)
                change = 1 - after[still].astype(np.float64) / before[still]
                digits = _DIGITS_OF_A_FACTOR[one.vector.dtype]
                rate = one.vector.numbers["learning_rate"]
                factors.update(np.round(change / rate, digits).tolist())
    if len(factors) != 1 or not 0 < min(factors) < 1:
        return ""
    return (
        f"a gradient of 0 multiplies a parameter by 1 - learning_rate * {factors.pop():.4g}: "
        "it has a weight decay of its own, which the subject must set to 0"
    )


def _since(case: Case) -> str:
    """Say from which t on it is wrong, if vectors with a larger t alone fail."""
    steps = []
    for failure in case.failures:
        if failure.discrepancy is None:
            return ""
        load = failure.vector.load
        loaded = max(load[1]) if load else 0
        steps.append(loaded + failure.discrepancy.step)
    first = min(steps, default=0)
    return f"nothing that was compared is wrong before t = {first}" if first > _LONG else ""


def _small(comparisons: Iterable[Comparison]) -> list[Vector]:
    """Return the vectors that are looked at, the smallest first."""
    vectors = [one.vector for one in comparisons if size(one.vector) <= _LARGEST]
    return sorted(vectors, key=size)


def _name(vector: Vector) -> str:
    topic, _, name = vector.id.split(".", 2)
    return f"{topic}.{name}"


def _rare(in_vectors: "_Conditions", failed: Sequence[Vector], passed: Sequence[Vector]) -> str:
    """Return the level of all failures that fewest passes have, if these are few."""
    # A level that most vectors have says nothing.
    if len(failed) > len(passed):
        return ""
    common = in_vectors.common(failed, 1)
    counts = dict.fromkeys(sorted(common), 0)
    for vector in passed:
        for condition in in_vectors.of(vector, 1) & common:
            counts[condition] += 1
    rare = min(counts, key=lambda condition: counts[condition], default=None)
    if rare is None or counts[rare] > _RARE * len(failed):
        return ""
    few = f"as {counts[rare]} that pass" if counts[rare] > 1 else "as one that passes"
    return f"vectors with {_words([rare])}, {few}"


def _words(conditions: Iterable[_Condition]) -> str:
    return " or ".join(" together with ".join(condition) for condition in sorted(conditions))


class _Conditions:
    """What holds in vectors."""

    def __init__(self, conventions: Conventions) -> None:
        self._conventions = conventions

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

    def _rows(self, vector: Vector) -> Set[Row]:
        try:
            return _rows_of(vector, home(vector, self._conventions).name)
        except ValueError:
            # No named convention has all of it.
            return set()


# A report may ask about several groups of failures, and all of them about the same passes.
@lru_cache(maxsize=4096)
def _rows_of(vector: Vector, convention: str) -> Set[Row]:
    """Return the levels that stand together in a run of our reference."""
    return rows_in(reference(convention), vector)
