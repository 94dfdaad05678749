"""Vectors with features together: of the rows of covering arrays, those in which a new pair shows.

    python -m conformance.generate --search

A row is kept if a mistake that is confined to some pair of levels shows in it and in no row before.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import prod

from ..coverage.measure import Conventions, pairs_in, shown
from ..coverage.model import Pair, legal_pairs
from ..coverage.score import rows_together
from ..process.pool import worker_pool
from ..truth.answers import answer_table
from ..truth.problem import Problem
from ..vectors import files
from ..vectors.spec import VectorSpec
from ..vectors.vector import Vector
from .combined_inputs import vector_of
from .rows import Row, rows

# So many rows are tried at once.
_AT_ONCE = 8
# A step of so many elements takes twice the time of a step of one.
_LARGE = 2000


def combined_vectors(known: Sequence[Pair]) -> Iterator[VectorSpec]:
    """Yield vectors that show the legal pairs besides those that are ``known`` to show."""
    axes = [listed.axes for listed in _conventions().values()]
    missing = set(legal_pairs(axes)) - set(known)
    with worker_pool() as pool:
        candidates = {vector_of(row).id: row for row in rows()}
        costs = {name: _cost(vector_of(row)) for name, row in candidates.items()}
        tables = dict(zip(candidates, pool.map(_pairs_in_row, candidates.values()), strict=True))
        while batch := _best(tables, costs, missing):
            tried = [candidates[name] for name in batch]
            results = pool.map(_shown, tried, batch.values())
            for name, found in zip(batch, results, strict=True):
                # What does not show in a row must show in another one.
                del tables[name]
                missing -= found
                if found:
                    yield vector_of(candidates[name])


def _cost(spec: VectorSpec) -> float:
    """Return the cost of running a vector, in steps of one parameter."""
    calls = spec.call_count * (2 if spec.relation else 1)
    return calls * sum(1 + prod(shape) / _LARGE for shape in spec.shapes)


def _best(
    tables: Mapping[str, set[Pair]], costs: Mapping[str, float], missing: set[Pair]
) -> dict[str, set[Pair]]:
    """Return the rows that cover most of what is missing for their cost, each with what it adds."""
    left = set(missing)
    best: dict[str, set[Pair]] = {}
    while len(best) < _AT_ONCE:
        name = max(tables, key=lambda name: len(tables[name] & left) / costs[name], default="")
        if not name or not tables[name] & left:
            return best
        best[name] = tables[name] & left
        left -= tables[name]
    return best


# The conventions of this process: a task reads them once.
@cache
def _conventions() -> Conventions:
    return files.load().conventions


def _pairs_in_row(row: Row) -> set[Pair]:
    return pairs_in(rows_together(Vector(vector_of(row)), _conventions()))


def _shown(row: Row, pairs: set[Pair]) -> set[Pair]:
    """Return the pairs of levels that show in a row; none if right answers tell nothing there."""
    spec = vector_of(row)
    try:
        vector = Vector(spec, answer_table(Problem(spec)))
        return shown(vector, pairs, _conventions())
    except ValueError:
        return set()
