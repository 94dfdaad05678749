"""Inputs with sparse gradients: gaps, empty lists, explicit zeros, rows that are named twice."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...truth.spans import ALL_ROWS, OURS, SUMS, TWO_MAXIMA, WHOSE
from ...vectors.spec import Relation, VectorSpec
from .build import DEFAULTS, DYADIC, Rows, normal, vector

# The shape of the second parameter where the first is what a vector is about.
BESIDE = (3,)


def sparse() -> Iterator[VectorSpec]:
    yield from _rows()
    yield from _in_turn()
    yield from _with_others()


def _rows() -> Iterator[VectorSpec]:
    """Which rows have a slice, and how many."""
    yield from vector(
        "sparse.gaps",
        "Rows with and without slices, in no order: all move, or only those with slices, by the t of one or the other.",
        ["sparse-rows", "sparse-counter"],
        ((4, 3), BESIDE),
        normal(200, (12, 3)),
        beside(260, lookups(201, ((2, 0), (2,), (3, 1), (0,), (2, 1)))),
        WHOSE,
    )
    yield from vector(
        "sparse.hit-once",
        "A row that is hit once and never again goes on moving, or stays where it is.",
        ["sparse-rows", "sparse-counter"],
        ((3, 2), BESIDE),
        normal(202, (6, 3)),
        beside(261, lookups(203, ((1, 0), (0,), (0,), (0, 2), (0,), (2,), (0,), (2, 0)), 2)),
        WHOSE,
        after=(1, 2, 4, 8),
    )
    yield from vector(
        "sparse.empty",
        "Sparse gradients without a row: a step in which nothing is added to the moments, or none at all.",
        ["sparse-empty"],
        ((3, 2), BESIDE),
        normal(204, (6, 3)),
        beside(262, lookups(205, ((0, 2), (), (1,), (), (2,)), 2)),
        {**WHOSE, "empty_sparse": ["counts", "ignored"]},
    )
    yield from vector(
        "sparse.zero-rows",
        "Slices of zeros: a row that has one is a row with a gradient, also where only those move.",
        ["sparse-rows", "zero-gradient"],
        ((4, 2), BESIDE),
        normal(206, (8, 3)),
        beside(
            263,
            [
                [Rows((0, 1), [[3.0, -0.5], [0.25, 8.0]])],
                [Rows((1, 3), [[0.0, 0.0], [0.0, 0.0]])],
                [Rows((3, 0), [[-2.0, 0.0], [0.0, 1.0]])],
                [Rows((1,), [[0.0, 0.0]])],
            ],
        ),
        OURS,
    )


def _in_turn() -> Iterator[VectorSpec]:
    """Sparse gradients beside dense ones, before and after them, and beside none."""
    yield from vector(
        "sparse.beside-dense",
        "An embedding between two dense parameters: each is moved as its own gradient says.",
        ["sparse-rows", "several-parameters"],
        ((3,), (3, 2), (2, 2)),
        normal(207, (3, 6, 4)),
        [
            [dense, *row, other]
            for dense, row, other in zip(
                normal(208, (3,) * 4),
                lookups(209, ((1,), (0, 2), (2,), (1,)), 2),
                normal(210, (4,) * 4),
                strict=True,
            )
        ],
        OURS,
    )
    yield from vector(
        "sparse.then-dense",
        "A parameter with sparse and dense gradients in turn: they enter the same moments.",
        ["sparse-rows", "sparse-counter"],
        ((3, 2), BESIDE),
        normal(251, (6, 3)),
        beside(
            252,
            [
                *lookups(253, ((1, 0),), 2),
                [[0.5, -2.0, 0.25, 1.0, -0.75, 3.0]],
                *lookups(254, ((2,), (2, 1)), 2),
            ],
        ),
        WHOSE,
    )
    yield from vector(
        "sparse.none-between",
        "An embedding that one call leaves out altogether, which is not an empty gradient.",
        ["sparse-counter", "none-is-not-zero"],
        ((3, 2), (3, 2)),
        normal(211, (6, 6)),
        [
            [first, second]
            for (first,), (second,) in zip(
                lookups(212, ((0, 2), None, (1,), (2,)), 2),
                lookups(213, ((1,), (0,), None, (1, 2)), 2),
                strict=True,
            )
        ],
        WHOSE,
    )
    yield from vector(
        "sparse.ranks",
        "Rows of one number, and rows that are matrices.",
        ["sparse-rows", "ranks"],
        ((5,), (2, 2, 3)),
        normal(214, (5, 12)),
        [
            [
                Rows(at, normal(215 + turn, (len(at),))[0]),
                Rows(of, normal(225 + turn, (len(of) * 6,))[0]),
            ]
            for turn, (at, of) in enumerate((((4, 0), (1,)), ((2,), (0, 1)), ((4,), (1,))))
        ],
        OURS,
    )


def _with_others() -> Iterator[VectorSpec]:
    """Sparse gradients together with something else."""
    yield from vector(
        "sparse.weight-decay",
        "Decoupled decay of an embedding: of every row, or of the rows that move.",
        ["sparse-rows", "decay-kind"],
        ((4, 2), BESIDE),
        normal(235, (8, 3)),
        beside(264, lookups(236, ((0, 3), (3,), (1,)), 2)),
        {**OURS, "weight_decay": ["decoupled"]},
        config=DYADIC | {"weight_decay": 0.25},
    )
    yield from vector(
        "sparse.learning-rate-changes",
        "A learning rate that changes scales the step of sparse gradients too.",
        ["sparse-rows", "schedule"],
        ((3, 2), BESIDE),
        normal(255, (6, 3)),
        beside(256, lookups(257, ((0, 2), (2,), (1, 0)), 2)),
        OURS,
        rates=(2.0**-6, 2.0**-3, 2.0**-9),
    )
    yield from vector(
        "sparse.loaded-state",
        "From moments and a t that are not zero: what is loaded corrects the rows of sparse gradients too.",
        ["sparse-counter", "loaded-state"],
        ((3, 2), BESIDE),
        normal(258, (6, 3)),
        beside(259, lookups(270, ((0, 2), (2,), (1, 0)), 2)),
        OURS,
        load={
            "t": [4, 4],
            "m": [[0.5, -3.0, 0.125, 0.25, -1.0, 2.0], [0.25, -8.0, 0.5]],
            "v": [[0.75, 20.0, 0.0625, 0.5, 3.0, 5.0], [7.0, 66.0, 1.0]],
        },
    )
    yield from vector(
        "sparse.resume",
        "Saved after the second step and restored into a new one: the steps of sparse gradients go on.",
        ["sparse-counter", "relation-resume"],
        ((3, 2), BESIDE),
        normal(271, (6, 3)),
        beside(272, lookups(273, ((0, 2), (2,), (1, 0), (2, 1)), 2)),
        OURS,
        after=(2, 4),
        relation=Relation("resume", after=2),
    )
    yield from vector(
        "sparse.decimal",
        "The usual numbers, from parameters of zero, with rows that come and go.",
        ["sparse-rows", "sparse-counter", "scalar-format", "from-zero"],
        ((3, 2), BESIDE),
        [np.zeros(6), np.zeros(3)],
        beside(265, lookups(237, ((0, 2), (2,), (1, 0)), 2)),
        OURS,
        config=DEFAULTS,
        after=(1, 3),
    )


def sparse_amsgrad() -> Iterator[VectorSpec]:
    on = DYADIC | {"amsgrad": True}
    yield from vector(
        "sparse-amsgrad.spike-then-gaps",
        "A spike in two rows, then small slices and gaps: the maximum stays, in rows with and without slices.",
        ["amsgrad-memory", "sparse-rows", "spike"],
        ((3, 2), BESIDE),
        normal(246, (6, 3)),
        beside(
            270,
            [
                [Rows((0, 2), [[40.0, -6.0], [3.0, -90.0]])],
                *lookups(247, ((2,), (0, 1), (2, 1), (0,), (2,)), 2, 1 / 16),
            ],
        ),
        TWO_MAXIMA | ALL_ROWS | {"sparse": ["dense_equivalent", "lazy_global_t"]},
        config=on,
        after=(1, 2, 3, 6),
    )
    yield from vector(
        "sparse-amsgrad.duplicates",
        "AMSGrad with a row named twice: the maximum is that of what v became, not of what one slice made it.",
        ["amsgrad-memory", "duplicate-rows"],
        ((3, 2), BESIDE),
        normal(248, (6, 3)),
        beside(271, lookups(249, ((0, 0, 2), (2,), (0, 1, 1), (2, 2)), 2)),
        TWO_MAXIMA | ALL_ROWS | SUMS,
        config=on,
    )
    yield from vector(
        "sparse-amsgrad.decimal",
        "The usual numbers and AMSGrad, from parameters of zero.",
        ["amsgrad-memory", "sparse-rows", "scalar-format", "from-zero"],
        ((3, 2), BESIDE),
        [np.zeros(6), np.zeros(3)],
        beside(272, lookups(250, ((0, 2), (1,), (2,)), 2)),
        ALL_ROWS,
        config=DEFAULTS | {"amsgrad": True},
        after=(1, 3),
    )


def lookups(
    seed: int, batches: Sequence[Sequence[int] | None], width: int = 3, scale: float = 1.0
) -> list[list[Any]]:
    """One parameter's sparse gradients: for each batch of rows a slice a row; None for no gradient."""
    rng = np.random.default_rng(seed)
    return [
        [
            None
            if rows is None
            else Rows(rows, np.round(rng.normal(size=(len(rows), width)) * 64) / 64 * scale)
        ]
        for rows in batches
    ]


def beside(seed: int, calls: list[list[Any]]) -> list[list[Any]]:
    """The same with a second parameter, of which each call has one row."""
    others = normal(seed, (1,) * len(calls))
    return [
        [*call, Rows((at % 3,), other)]
        for at, (call, other) in enumerate(zip(calls, others, strict=True))
    ]
