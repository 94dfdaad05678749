"""Inputs with sparse gradients: gaps, empty lists, explicit zeros, rows that are named twice."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .build import DEFAULTS, DYADIC, TWO_MAXIMA, TWO_PLACES, Entry, Rows, normal, vector

# Which rows move, and whose t corrects them; what does not go together is left out.
WHOSE = TWO_PLACES | {
    "sparse": ["dense_equivalent", "lazy_global_t", "lazy_row_t", "lazy_tensor_t"],
    "step_scope": ["optimizer", "parameter"],
}
LESS = WHOSE | {"sparse": ["dense_equivalent", "lazy_global_t", "lazy_tensor_t"]}
SUMS = {"duplicates": ["sum_then_square", "sum_of_squares"]}


def sparse() -> Iterator[Entry]:
    yield from vector(
        "sparse.gaps",
        "Rows with and without slices, in no order: all move, or only those with slices, by the t of one or the other.",
        ["sparse-rows", "sparse-counter"],
        ((4, 3),),
        normal(200, (12,)),
        _lookups(201, ((2, 0), (2,), (3, 1), (0,), (2, 1))),
        WHOSE,
    )
    yield from vector(
        "sparse.hit-once",
        "A row that is hit once and never again goes on moving, or stays where it is.",
        ["sparse-rows", "sparse-counter"],
        ((3, 2),),
        normal(202, (6,)),
        _lookups(203, ((1, 0), (0,), (0,), (0, 2), (0,), (2,), (0,), (2, 0)), 2),
        WHOSE,
        after=(1, 2, 4, 8),
    )
    yield from vector(
        "sparse.empty",
        "Sparse gradients without a row: a step in which nothing is added to the moments, or none at all.",
        ["sparse-empty"],
        ((3, 2),),
        normal(204, (6,)),
        _lookups(205, ((0, 2), (), (1,), (), (2,)), 2),
        {**WHOSE, "empty_sparse": ["counts", "ignored"]},
    )
    yield from vector(
        "sparse.zero-rows",
        "Slices of zeros: a row that has one is a row with a gradient, also where only those move.",
        ["sparse-rows", "zero-gradient"],
        ((4, 2),),
        normal(206, (8,)),
        [
            [Rows((0, 1), [[3.0, -0.5], [0.25, 8.0]])],
            [Rows((1, 3), [[0.0, 0.0], [0.0, 0.0]])],
            [Rows((3, 0), [[-2.0, 0.0], [0.0, 1.0]])],
            [Rows((1,), [[0.0, 0.0]])],
        ],
        WHOSE,
    )
    yield from vector(
        "sparse.beside-dense",
        "An embedding between two dense parameters: each is moved as its own gradient says.",
        ["sparse-rows", "several-parameters"],
        ((3,), (3, 2), (2, 2)),
        normal(207, (3, 6, 4)),
        [
            [dense, *row, other]
            for dense, row, other in zip(
                normal(208, (3,) * 4), _lookups(209, ((1,), (0, 2), (2,), (1,)), 2), normal(210, (4,) * 4), strict=True
            )
        ],
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
                _lookups(212, ((0, 2), None, (1,), (2,)), 2), _lookups(213, ((1,), (0,), None, (1, 2)), 2), strict=True
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
            [Rows(at, normal(215 + turn, (len(at),))[0]), Rows(of, normal(225 + turn, (len(of) * 6,))[0])]
            for turn, (at, of) in enumerate((((4, 0), (1,)), ((2,), (0, 1)), ((4,), (1,))))
        ],
        WHOSE,
    )
    yield from vector(
        "sparse.weight-decay",
        "Decoupled decay of an embedding: of every row, or of the rows that move.",
        ["sparse-rows", "decay-kind"],
        ((4, 2),),
        normal(235, (8,)),
        _lookups(236, ((0, 3), (3,), (1,)), 2),
        {**WHOSE, "weight_decay": ["decoupled"]},
        config=DYADIC | {"weight_decay": 0.25},
    )
    yield from vector(
        "sparse.decimal",
        "The usual numbers, from parameters of zero, with rows that come and go.",
        ["sparse-rows", "sparse-counter", "scalar-format", "from-zero"],
        ((3, 2),),
        [np.zeros(6)],
        _lookups(237, ((0, 2), (2,), (1, 0)), 2),
        LESS,
        config=DEFAULTS,
        after=(1, 3),
    )


def sparse_duplicates() -> Iterator[Entry]:
    yield from vector(
        "sparse-duplicates.pair",
        "One row named twice: its slices are summed and the sum is squared, which is not the sum of the squares.",
        ["duplicate-rows"],
        ((3, 2),),
        normal(238, (6,)),
        [
            [Rows((0, 0, 2), [[1.0, -0.5], [2.0, -0.25], [4.0, 1.0]])],
            [Rows((2,), [[0.5, -2.0]])],
            [Rows((1, 2, 1), [[3.0, 0.5], [-1.0, 0.75], [0.5, 0.25]])],
        ],
        WHOSE | SUMS,
    )
    yield from vector(
        "sparse-duplicates.cancel",
        "Slices of one row that cancel: nothing is left to square.",
        ["duplicate-rows", "zero-gradient"],
        ((3, 2),),
        normal(239, (6,)),
        [
            [Rows((1, 0, 1), [[3.0, -8.0], [0.5, 2.0], [-3.0, 8.0]])],
            [Rows((1, 1, 2), [[1.0, 0.5], [2.0, -0.5], [-4.0, 0.25]])],
            [Rows((0,), [[1.0, -1.0]])],
        ],
        WHOSE | SUMS,
    )
    yield from vector(
        "sparse-duplicates.many",
        "Rows named up to five times, in no order, with slices of mixed size.",
        ["duplicate-rows", "mixed-magnitudes"],
        ((4, 3),),
        normal(240, (12,)),
        _lookups(241, ((3, 1, 3, 3, 0, 3, 3), (0, 0, 3), (1, 1, 1, 1), (2, 3, 2))),
        WHOSE | SUMS,
    )
    for name, seed, limit, what in (
        ("clipvalue", 242, {"clipvalue": 1.0}, "each slice is within the limit, or their sum is"),
        ("clipnorm", 243, {"clipnorm": 2.0}, "the norm is that of the slices, or of their sums"),
        ("global-clipnorm", 244, {"global_clipnorm": 3.0}, "the norm is that of the slices, or of their sums"),
    ):
        yield from vector(
            f"sparse-duplicates.{name}",
            f"A row named twice, and {name.replace('-', '_')}: {what}.",
            ["duplicate-rows", "clip-kind"],
            ((3, 2), (2,)),
            normal(seed, (6, 2)),
            [
                [*row, dense]
                for row, dense in zip(
                    _lookups(seed + 10, ((0, 0, 2), (1, 2, 1), (2,)), 2), normal(seed + 20, (2,) * 3), strict=True
                )
            ],
            {**TWO_PLACES, "clip": ["cumulative"], **SUMS, "clip_duplicates": ["before_sum", "after_sum"]},
            config=DYADIC | limit,
        )
    yield from vector(
        "sparse-duplicates.decimal",
        "The usual numbers, from parameters of zero, with a row named twice.",
        ["duplicate-rows", "scalar-format", "from-zero"],
        ((3, 2),),
        [np.zeros(6)],
        _lookups(245, ((2, 2, 0), (1, 2), (1, 1)), 2),
        LESS | SUMS,
        config=DEFAULTS,
        after=(1, 3),
    )


def sparse_amsgrad() -> Iterator[Entry]:
    on = DYADIC | {"amsgrad": True}
    yield from vector(
        "sparse-amsgrad.spike-then-gaps",
        "A spike in two rows, then small slices and gaps: the maximum stays, in rows with and without slices.",
        ["amsgrad-memory", "sparse-rows", "spike"],
        ((3, 2),),
        normal(246, (6,)),
        [
            [Rows((0, 2), [[40.0, -6.0], [3.0, -90.0]])],
            *_lookups(247, ((2,), (0, 1), (2, 1), (0,), (2,)), 2, 1 / 16),
        ],
        TWO_MAXIMA | WHOSE,
        config=on,
        after=(1, 2, 3, 6),
    )
    yield from vector(
        "sparse-amsgrad.duplicates",
        "AMSGrad with a row named twice: the maximum is that of what v became, not of what one slice made it.",
        ["amsgrad-memory", "duplicate-rows"],
        ((3, 2),),
        normal(248, (6,)),
        _lookups(249, ((0, 0, 2), (2,), (0, 1, 1), (2, 2)), 2),
        TWO_MAXIMA | WHOSE | SUMS,
        config=on,
    )
    yield from vector(
        "sparse-amsgrad.decimal",
        "The usual numbers and AMSGrad, from parameters of zero.",
        ["amsgrad-memory", "sparse-rows", "scalar-format", "from-zero"],
        ((3, 2),),
        [np.zeros(6)],
        _lookups(250, ((0, 2), (1,), (2,)), 2),
        TWO_PLACES,
        config=DEFAULTS | {"amsgrad": True},
        after=(1, 3),
    )


def _lookups(seed: int, batches: Sequence[Sequence[int] | None], width: int = 3, scale: float = 1.0) -> list[list[Any]]:
    """One parameter's sparse gradients: for each batch of rows a slice a row; None for no gradient."""
    rng = np.random.default_rng(seed)
    return [
        [None if rows is None else Rows(rows, np.round(rng.normal(size=(len(rows), width)) * 64) / 64 * scale)]
        for rows in batches
    ]
