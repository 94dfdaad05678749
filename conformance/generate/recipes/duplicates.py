"""Inputs with sparse gradients that name a row more than once."""

from collections.abc import Iterator

import numpy as np

from ...truth.spans import CLIPS, OURS, SUMS, TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DEFAULTS, DYADIC, Rows, normal, vector
from .sparse import BESIDE, beside, lookups


def sparse_duplicates() -> Iterator[VectorSpec]:
    yield from vector(
        "sparse-duplicates.pair",
        "One row named twice: its slices are summed and the sum is squared, which is not the sum of the squares.",
        ["duplicate-rows"],
        ((3, 2), BESIDE),
        normal(238, (6, 3)),
        beside(
            266,
            [
                [Rows((0, 0, 2), [[1.0, -0.5], [2.0, -0.25], [4.0, 1.0]])],
                [Rows((2,), [[0.5, -2.0]])],
                [Rows((1, 2, 1), [[3.0, 0.5], [-1.0, 0.75], [0.5, 0.25]])],
            ],
        ),
        OURS | SUMS,
    )
    yield from vector(
        "sparse-duplicates.cancel",
        "Slices of one row that cancel: nothing is left to square.",
        ["duplicate-rows", "zero-gradient"],
        ((3, 2), BESIDE),
        normal(239, (6, 3)),
        beside(
            267,
            [
                [Rows((1, 0, 1), [[3.0, -8.0], [0.5, 2.0], [-3.0, 8.0]])],
                [Rows((1, 1, 2), [[1.0, 0.5], [2.0, -0.5], [-4.0, 0.25]])],
                [Rows((0,), [[1.0, -1.0]])],
            ],
        ),
        OURS | SUMS,
    )
    yield from vector(
        "sparse-duplicates.many",
        "Rows named up to five times, in no order, with slices of mixed size.",
        ["duplicate-rows", "mixed-magnitudes"],
        ((4, 3), BESIDE),
        normal(240, (12, 3)),
        beside(268, lookups(241, ((3, 1, 3, 3, 0, 3, 3), (0, 0, 3), (1, 1, 1, 1), (2, 3, 2)))),
        OURS | SUMS,
    )
    for name, seed, scale, limit, what in (
        (
            "clipvalue",
            242,
            4,
            {"clipvalue": 1.0},
            "each slice is within the limit, or their sum is",
        ),
        ("clipnorm", 243, 1, {"clipnorm": 2.0}, "the norm is that of the slices, or of their sums"),
        (
            "global-clipnorm",
            244,
            1,
            {"global_clipnorm": 3.0},
            "the norm is that of the slices, or of their sums",
        ),
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
                    lookups(seed + 10, ((0, 0, 2), (1, 2, 1), (2,)), 2, scale),
                    normal(seed + 20, (2,) * 3),
                    strict=True,
                )
            ],
            {**TWO_PLACES, **CLIPS, **SUMS, "clip_duplicates": ["before_sum", "after_sum"]},
            config=DYADIC | limit,
        )
    yield from vector(
        "sparse-duplicates.decimal",
        "The usual numbers, from parameters of zero, with a row named twice.",
        ["duplicate-rows", "scalar-format", "from-zero"],
        ((3, 2), BESIDE),
        [np.zeros(6), np.zeros(3)],
        beside(269, lookups(245, ((2, 2, 0), (1, 2), (1, 1)), 2)),
        OURS | SUMS,
        config=DEFAULTS,
        after=(1, 3),
    )
