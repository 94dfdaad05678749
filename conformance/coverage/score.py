"""The score of the vectors with features together: the legal pairs that they cover and show."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ..vectors.vector import Vector
from .measure import Conventions, home, pairs_in, reference, shown
from .model import Pair, legal_pairs

# A function like `map`, which may use other processes.
Map = Callable[..., Iterable[Any]]


class Combinations(NamedTuple):
    """What vectors show of the pairs of levels.

    Fields:
        legal: how many pairs there are.
        uncovered: the pairs that stand together in no vector.
        hidden: the pairs that do, but a mistake confined to them shows nowhere.
        shown: pair -> the id of a vector that shows it.
    """

    legal: int
    uncovered: list[Pair]
    hidden: list[Pair]
    shown: dict[Pair, str]


def measure(vectors: Sequence[Vector], conventions: Conventions, over: Map = map) -> Combinations:
    """Return which legal pairs of levels the vectors show.

    Each pair is tried on one vector after the other that covers it, until one shows it.
    """
    everywhere = [conventions for _ in vectors]
    tables: list[set[Pair]] = list(over(together, vectors, everywhere))
    legal = legal_pairs(listed.axes for listed in conventions.values())
    found: dict[Pair, str] = {}
    # The vectors on which a pair has not been tried.
    left: dict[Pair, list[int]] = {pair: [] for pair in legal}
    for at, table in enumerate(tables):
        for pair in table & left.keys():
            left[pair].append(at)
    uncovered = [pair for pair, places in left.items() if not places]
    while any(left.values()):
        tasks: dict[int, set[Pair]] = {}
        for pair, places in left.items():
            if places:
                tasks.setdefault(places.pop(0), set()).add(pair)
        tried = [vectors[at] for at in tasks]
        results = over(shown, tried, tasks.values(), everywhere[: len(tried)])
        for vector, pairs in zip(tried, results, strict=True):
            for pair in pairs:
                found[pair] = vector.id
                left[pair] = []
    hidden = [pair for pair in legal if pair not in found and pair not in uncovered]
    return Combinations(len(legal), uncovered, hidden, found)


def together(vector: Vector, conventions: Conventions) -> set[Pair]:
    """Return the pairs of levels that stand together in a vector, with or without answers."""
    return pairs_in(reference(home(vector, conventions).name), vector)
