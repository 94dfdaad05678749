"""The score of the suite: what it rejects and accepts, and how far it tells conventions apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from ..coverage.score import Combinations
from ..on_demand.judging import APART
from ..vectors.suite import Suite
from .mutants import EQUIVALENT

# The dtypes in which every convention is measured; float16 has only first steps.
DTYPES = ("float32", "float64")
_MISSED = "no vector finds it"


class Pair(NamedTuple):
    """Two named conventions, and how far apart their answers are.

    Fields:
        one, other: the names.
        apart: dtype -> the largest distance in bounds on a dyadic vector; empty if no vector tells
            the two apart.
    """

    one: str
    other: str
    apart: dict[str, float]


@dataclass(frozen=True)
class Score:
    """The worth of the suite.

    Fields:
        kills: wrong Adam -> the vectors that it fails.
        errors: wrong Adam -> params, m, v, v_max -> the largest error over the bound, in float32 if
            its mistake shows there; None if it fails by more than numbers that are off.
        mutants: mutant of the reference -> where it fails, or None.
        honest: (right Adam, convention) -> whether it is accepted.
        worst: dtype -> params, m, v -> the largest error over bound of any right Adam.
        pairs: all pairs of named conventions.
        combinations: the pairs of levels of two features that the vectors show.
        seconds: how long measuring took.
    """

    kills: Mapping[str, tuple[str, ...]]
    errors: Mapping[str, Mapping[str, float] | None]
    mutants: Mapping[str, str | None]
    honest: Mapping[tuple[str, str], bool]
    worst: Mapping[str, Mapping[str, float]]
    pairs: Sequence[Pair]
    combinations: Combinations
    seconds: float

    @property
    def survivors(self) -> dict[str, str]:
        """Everything wrong that passes, and why."""
        survivors = {}
        for name, vectors in self.kills.items():
            if not vectors:
                survivors[name] = _MISSED
        for name, killer in self.mutants.items():
            if killer is None:
                # An equivalent mutant survives rightly.
                survivors[name] = EQUIVALENT.get(name, _MISSED)
        return survivors

    @property
    def false_alarms(self) -> list[str]:
        """The right Adams that were rejected."""
        return [
            f"{name} as {convention}"
            for (name, convention), accepted in self.honest.items()
            if not accepted
        ]

    @property
    def alone(self) -> dict[str, int]:
        """Vector -> how many wrong Adams it finds, without the help of other vectors."""
        counts: Counter[str] = Counter()
        for vectors in self.kills.values():
            counts.update(vectors)
        return dict(counts)

    @property
    def passed(self) -> bool:
        """Whether only equivalent mutants survive, and no right Adam is rejected."""
        if self.false_alarms:
            return False
        return set(self.survivors) <= set(EQUIVALENT)


def cover(score: Score, suite: Suite) -> list[str]:
    """Return few vectors that together find every wrong Adam.

    The smallest such set would take too long to find. This one takes, again and again, the vector
    that finds most of the wrong Adams that are left.
    """
    # A wrong Adam that no vector finds would keep the loop from ending.
    missing = [set(vectors) for vectors in score.kills.values() if vectors]
    order = [vector.id for vector in suite.vectors]
    chosen: list[str] = []
    while missing:
        counts = Counter(chain.from_iterable(missing))
        # Of equally good vectors, the first of the suite.
        best = max(order, key=lambda name: counts[name])
        chosen.append(best)
        missing = [vectors for vectors in missing if best not in vectors]
    return sorted(chosen, key=order.index)


def far(pair: Pair) -> bool:
    """Return whether two conventions are told apart beyond doubt in both dtypes."""
    return all(pair.apart.get(dtype, 0.0) >= APART for dtype in DTYPES)
