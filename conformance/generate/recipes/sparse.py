"""Sparse gradients: which rows move, whose t corrects them, and what else a call may have."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from ...vectors.switches import OURS, WHOSE
from .recipe import DYADIC, CallGrads, Recipe, RowSlices, normal

# The second parameter of most recipes, of which each call moves one row.
SECOND = (3,)
# Values are multiples of 1/64: they have few digits, so that sums of slices are exact.
_PARTS = 64


def lookups(
    seed: int, batches: Sequence[Sequence[int] | None], width: int = 3, scale: float = 1.0
) -> list[CallGrads]:
    """Return the sparse gradients of one parameter, with a slice for each row of a batch.

    Args:
        seed: of the values.
        batches: for each call the rows, or None for no gradient.
        width: how many numbers a row has.
        scale: of the values; a power of two, so that they stay exact.
    """
    rng = np.random.default_rng(seed)
    calls: list[CallGrads] = []
    for rows in batches:
        if rows is None:
            calls.append([None])
            continue
        values = rng.normal(size=(len(rows), width))
        calls.append([RowSlices(rows, np.round(values * _PARTS) / _PARTS * scale)])
    return calls


def with_second(seed: int, calls: Sequence[CallGrads]) -> list[CallGrads]:
    """Return the calls with a gradient for a second parameter of shape `SECOND`: one row each."""
    values = normal(seed, [(1,) for _ in calls])
    pairs = zip(calls, values, strict=True)
    return [[*grads, RowSlices((call % 3,), value)] for call, (grads, value) in enumerate(pairs)]


# An embedding, and a second parameter, because an Adam with one t for all is right with one.
_THREE_ROWS = ((3, 2), SECOND)
_FOUR_ROWS = ((4, 2), SECOND)
_WIDE_ROWS = ((4, 3), SECOND)

# Which rows have a slice, and how many.
_ROWS = (
    Recipe(
        name="sparse.gaps",
        why="Rows with and without slices, in no order: "
        "all move, or only those with slices, by the t of one or the other.",
        flags=["sparse-rows", "sparse-counter"],
        shapes=_WIDE_ROWS,
        params=normal(200, _WIDE_ROWS),
        grads=with_second(260, lookups(201, ((2, 0), (2,), (3, 1), (0,), (2, 1)))),
        axes=WHOSE,
        config=DYADIC,
    ),
    Recipe(
        name="sparse.hit-once",
        why="A row that is hit once and never again goes on moving, or stays where it is.",
        flags=["sparse-rows", "sparse-counter"],
        shapes=_THREE_ROWS,
        params=normal(202, _THREE_ROWS),
        # Row 1 is hit in the first call and in no other.
        grads=with_second(
            261, lookups(203, ((1, 0), (0,), (0,), (0, 2), (0,), (2,), (0,), (2, 0)), width=2)
        ),
        axes=WHOSE,
        config=DYADIC,
        after=(1, 2, 4, 8),
    ),
    Recipe(
        name="sparse.empty",
        why="Sparse gradients without a row: "
        "a step in which nothing is added to the moments, or none at all.",
        flags=["sparse-empty"],
        shapes=_THREE_ROWS,
        params=normal(204, _THREE_ROWS),
        # Calls 2 and 4 have no row.
        grads=with_second(262, lookups(205, ((0, 2), (), (1,), (), (2,)), width=2)),
        axes=WHOSE | {"empty_sparse": ["counts", "ignored"]},
        config=DYADIC,
    ),
    Recipe(
        name="sparse.zero-rows",
        why="Slices of zeros: "
        "a row that has one is a row with a gradient, also where only those move.",
        flags=["sparse-rows", "zero-gradient"],
        shapes=_FOUR_ROWS,
        params=normal(206, _FOUR_ROWS),
        # Rows 1 and 3 of the second call, and row 1 of the last, have slices of zeros.
        grads=with_second(
            263,
            [
                [RowSlices((0, 1), [[3.0, -0.5], [0.25, 8.0]])],
                [RowSlices((1, 3), [[0.0, 0.0], [0.0, 0.0]])],
                [RowSlices((3, 0), [[-2.0, 0.0], [0.0, 1.0]])],
                [RowSlices((1,), [[0.0, 0.0]])],
            ],
        ),
        axes=OURS,
        config=DYADIC,
    ),
)


def _side_by_side(*parameters: list[CallGrads]) -> list[CallGrads]:
    """Return the calls in which each parameter has its own gradients."""
    return [list(chain.from_iterable(call)) for call in zip(*parameters, strict=True)]


_BETWEEN_DENSE = ((3,), (3, 2), (2, 2))
_TWO_TABLES = ((3, 2), (3, 2))
_RANKS = ((5,), (2, 2, 3))


def _dense(seed: int, size: int) -> list[CallGrads]:
    """Return the dense gradients of one parameter in four calls."""
    return [[grad] for grad in normal(seed, [(size,)] * 4)]


def _ranks(call: int, rows: tuple[int, ...], matrices: tuple[int, ...]) -> CallGrads:
    """Return slices of single numbers for one parameter, and of 2 by 3 matrices for another."""
    # Every call and parameter has a seed of its own.
    (numbers,) = normal(215 + call, [(len(rows),)])
    (elements,) = normal(225 + call, [(len(matrices), 2, 3)])
    return [RowSlices(rows, numbers), RowSlices(matrices, elements)]


# Sparse gradients together with dense ones, before and after them, and together with none.
_IN_TURN = (
    Recipe(
        name="sparse.beside-dense",
        why="An embedding between two dense parameters: each is moved as its own gradient says.",
        flags=["sparse-rows", "several-parameters"],
        shapes=_BETWEEN_DENSE,
        params=normal(207, _BETWEEN_DENSE),
        grads=_side_by_side(
            _dense(208, 3),
            lookups(209, ((1,), (0, 2), (2,), (1,)), width=2),
            _dense(210, 4),
        ),
        axes=OURS,
        config=DYADIC,
    ),
    Recipe(
        name="sparse.then-dense",
        why="A parameter with sparse and dense gradients in turn: they enter the same moments.",
        flags=["sparse-rows", "sparse-counter"],
        shapes=_THREE_ROWS,
        params=normal(251, _THREE_ROWS),
        grads=with_second(
            252,
            [
                *lookups(253, ((1, 0),), width=2),
                # All six numbers of the table.
                [[0.5, -2.0, 0.25, 1.0, -0.75, 3.0]],
                *lookups(254, ((2,), (2, 1)), width=2),
            ],
        ),
        axes=WHOSE,
        config=DYADIC,
    ),
    Recipe(
        name="sparse.none-between",
        why="An embedding that one call leaves out altogether, which is not an empty gradient.",
        flags=["sparse-counter", "none-is-not-zero"],
        shapes=_TWO_TABLES,
        params=normal(211, _TWO_TABLES),
        grads=_side_by_side(
            lookups(212, ((0, 2), None, (1,), (2,)), width=2),
            lookups(213, ((1,), (0,), None, (1, 2)), width=2),
        ),
        axes=WHOSE,
        config=DYADIC,
    ),
    Recipe(
        name="sparse.ranks",
        why="Rows of one number, and rows that are matrices.",
        flags=["sparse-rows", "ranks"],
        shapes=_RANKS,
        params=normal(214, _RANKS),
        grads=[_ranks(0, (4, 0), (1,)), _ranks(1, (2,), (0, 1)), _ranks(2, (4,), (1,))],
        axes=OURS,
        config=DYADIC,
    ),
)

SPARSE = (*_ROWS, *_IN_TURN)
