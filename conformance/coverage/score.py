"""The score of the vectors: the legal pairs and triples of levels that they cover and show."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any, NamedTuple

from ..vectors.vector import Vector
from .measure import TOPIC, Conventions, Row, home, pairs_in, reference, rows_in, shown, shown_rows
from .model import LEVELS, Pair, legal_pairs

# A function like `map`, which may use other processes.
Map = Callable[..., Iterable[Any]]
# Three levels, by their places in `LEVELS`.
_Triple = tuple[int, int, int]


class Combinations(NamedTuple):
    """What vectors show of the pairs and triples of levels.

    Fields:
        legal: how many pairs there are.
        uncovered: the pairs that stand together in no vector.
        hidden: the pairs that do, but a mistake confined to them shows nowhere.
        shown: pair -> the id of a vector that shows it.
        triples: how many triples there are of which each pair is legal.
        covered_triples: how many of them stand together in a vector.
        shown_triples: how many of them stand together in a place where a mistake shows.
    """

    legal: int
    uncovered: list[Pair]
    hidden: list[Pair]
    shown: dict[Pair, str]
    triples: int = 0
    covered_triples: int = 0
    shown_triples: int = 0


def measure(vectors: Sequence[Vector], conventions: Conventions, over: Map = map) -> Combinations:
    """Return which legal pairs and triples of levels the vectors show."""
    # The vectors with features together first, because they show most.
    ordered = sorted(_with_home(vectors, conventions), key=lambda vector: vector.topic != TOPIC)
    rows: list[set[Row]] = list(over(rows_together, ordered, [conventions for _ in ordered]))
    legal = legal_pairs(listed.axes for listed in conventions.values())
    found = _shown_pairs(ordered, rows, legal, conventions, over)
    covered = pairs_in(row for table in rows for row in table)
    uncovered = [pair for pair in legal if pair not in covered]
    hidden = [pair for pair in legal if pair in covered and pair not in found]
    triples = _legal_triples(legal)
    together = {triple for table in rows for row in table for triple in _triples(row)} & triples
    left = _hidden_triples(ordered, rows, together, conventions, over)
    counts = len(triples), len(together), len(together) - len(left)
    return Combinations(len(legal), uncovered, hidden, found, *counts)


def rows_together(vector: Vector, conventions: Conventions) -> set[Row]:
    """Return the levels that stand together in a vector, with or without answers."""
    return rows_in(reference(home(vector, conventions).name), vector)


def _with_home(vectors: Sequence[Vector], conventions: Conventions) -> Iterator[Vector]:
    for vector in vectors:
        try:
            home(vector, conventions)
        except ValueError:
            # It tells values of axes apart that no convention has together.
            continue
        yield vector


def _shown_pairs(
    vectors: Sequence[Vector],
    rows: Sequence[set[Row]],
    legal: Sequence[Pair],
    conventions: Conventions,
    over: Map,
) -> dict[Pair, str]:
    """Return pair -> the first vector that shows it; each is tried on one after the other."""
    # The vectors on which a pair has not been tried.
    left: dict[Pair, list[int]] = {pair: [] for pair in legal}
    for at, table in enumerate(rows):
        for pair in pairs_in(table) & left.keys():
            left[pair].append(at)
    found: dict[Pair, str] = {}
    while any(left.values()):
        tasks: dict[int, set[Pair]] = {}
        for pair, places in left.items():
            if places:
                tasks.setdefault(places.pop(0), set()).add(pair)
        tried = [vectors[at] for at in tasks]
        results = over(shown, tried, tasks.values(), [conventions for _ in tried])
        for vector, pairs in zip(tried, results, strict=True):
            for pair in pairs:
                found[pair] = vector.id
                left[pair] = []
    return found


def _legal_triples(legal: Sequence[Pair]) -> set[_Triple]:
    numbers = {level: number for number, level in enumerate(LEVELS)}
    pairs = {tuple(sorted((numbers[one], numbers[other]))) for one, other in legal}
    after: dict[int, set[int]] = {number: set() for number in numbers.values()}
    for first, second in pairs:
        after[first].add(second)
    triples: set[_Triple] = set()
    for first, second in pairs:
        triples.update((first, second, third) for third in after[first] & after[second])
    return triples


def _triples(row: Row) -> Iterator[_Triple]:
    return combinations(sorted(row), 3)


def _within(row: Row, triples: set[_Triple]) -> set[_Triple]:
    """Return those of some triples that stand together in a row."""
    # A row has thousands, and in the end few are left.
    if len(triples) < comb(len(row), 3):
        return {triple for triple in triples if row.issuperset(triple)}
    return triples.intersection(_triples(row))


def _hidden_triples(
    vectors: Sequence[Vector],
    rows: Sequence[set[Row]],
    triples: set[_Triple],
    conventions: Conventions,
    over: Map,
) -> set[_Triple]:
    """Return those of some triples that stand together in no place where a mistake shows."""
    # The vectors on which a row has not been tried.
    left: dict[Row, list[int]] = {}
    for at, table in enumerate(rows):
        for row in table:
            left.setdefault(row, []).append(at)
    hidden = set(triples)
    while any(left.values()):
        tasks: dict[int, list[Row]] = {}
        # Long rows first: they make others unnecessary.
        missing = set(hidden)
        for row in sorted(left, key=lambda row: (-len(row), sorted(row))):
            if not left[row]:
                continue
            new = _within(row, missing)
            if new:
                missing -= new
                tasks.setdefault(left[row].pop(0), []).append(row)
            elif not _within(row, hidden):
                left[row] = []
        tried = [vectors[at] for at in tasks]
        for found in over(shown_rows, tried, tasks.values(), [conventions for _ in tried]):
            for row in found:
                hidden.difference_update(_triples(row))
                left[row] = []
    return hidden
