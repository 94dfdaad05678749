"""Inputs that are long, large, or in half precision."""

from collections.abc import Iterator

import numpy as np

from ...truth.spans import TWO_MAXIMA, TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DEFAULTS, DYADIC, normal, vector, wild

# Said beforehand, for to find it out would take many long runs.
CORRECTED = {"bias_correction": ["both"]}

# An epsilon above the root of the smallest number of half precision, so that v need not be exact where it is tiny.
HALF = DYADIC | {"epsilon": 2.0**-4}


def long() -> Iterator[VectorSpec]:
    yield from vector(
        "long.hundreds",
        "300 steps of gradients that come round: a counter of 8 bits starts again at 128 or 256.",
        ["long-counter"],
        ((2,),),
        [np.zeros(2)],
        wild(110, 7, (2,), -1, 0),
        TWO_PLACES | CORRECTED,
        config=DEFAULTS,
        cycle=300,
        after=(1, 100, 127, 128, 129, 255, 256, 257, 300),
    )
    yield from vector(
        "long.thousands",
        "2,100 steps: a counter in half precision stands still at 2,048, a power that is taken as a product drifts.",
        ["long-counter"],
        ((1,),),
        [np.zeros(1)],
        wild(111, 5, (1,), -1, 0),
        TWO_PLACES | CORRECTED,
        config=DEFAULTS,
        cycle=2100,
        after=(1000, 2048, 2049, 2100),
        level="full",
    )
    yield from vector(
        "long.counter-loaded",
        "From step 2,500 on: a counter of 8 bits, or in half precision, has another t.",
        ["long-counter", "loaded-state"],
        ((3,), (1,)),
        normal(112, (3, 1)),
        wild(113, 3, (3, 1), -1, 0),
        TWO_PLACES,
        config=DEFAULTS,
        load={
            "t": [2500, 2500],
            "m": [[0.5, -0.25, 1e-3], [0.125]],
            "v": [[0.75, 0.5, 1e-4], [0.25]],
        },
    )
    yield from vector(
        "long.never-ending",
        "From step 16,777,216 on, where t + 1 is t in float32: bias correction is over, and nothing overflows.",
        ["long-counter", "loaded-state"],
        ((3,), (1,)),
        normal(114, (3, 1)),
        wild(115, 3, (3, 1), -1, 0),
        TWO_PLACES,
        config=DEFAULTS,
        load={
            "t": [2**24, 2**24],
            "m": [[0.5, -0.25, 1e-3], [0.125]],
            "v": [[0.75, 0.5, 1e-4], [0.25]],
        },
    )


def sizes() -> Iterator[VectorSpec]:
    tile = 31
    many = ((0,), (5,), (63,), (1025,), (17, 241), (65537,), (70001,))
    few = [min(int(np.prod(shape)), tile) for shape in many]
    yield from vector(
        "sizes.many",
        "From no element to 70,001, never a multiple of a register: blocks, threads and tails all do the same.",
        ["tails", "empty", "large"],
        many,
        normal(116, few),
        wild(117, 3, few, -2, 1),
        TWO_PLACES,
        tile=tile,
        after=(1, 3),
    )
    yield from vector(
        "sizes.million",
        "1,048,579 elements in one parameter, and three in another.",
        ["tails", "large"],
        ((1048579,), (3,)),
        normal(118, (tile, 3)),
        wild(119, 2, (tile, 3), -2, 1),
        TWO_PLACES,
        tile=tile,
        after=(2,),
        level="full",
    )


def float16() -> Iterator[VectorSpec]:
    shapes, few = ((7,), (2, 2), (1,)), (7, 4, 1)
    yield from vector(
        "float16.first-step",
        "The first step in half precision: later ones are less exact than what they should tell apart.",
        ["half-precision", "from-zero"],
        shapes,
        [np.zeros(n) for n in few],
        wild(120, 1, few, -2, 1),
        config=HALF,
        dtypes=["float16"],
    )
    yield from vector(
        "float16.zero-gradient",
        "A gradient of 0 among others: an epsilon that half precision has not would give 0 / 0.",
        ["half-precision", "zero-gradient"],
        shapes,
        normal(121, few),
        [
            [
                np.where(np.arange(n) % 2, g, 0)
                for n, g in zip(few, wild(122, 1, few, -1, 1)[0], strict=True)
            ]
        ],
        TWO_PLACES,
        config=HALF | {"learning_rate": 0.5},
        dtypes=["float16"],
    )
    yield from vector(
        "float16.amsgrad",
        "AMSGrad's first step in half precision.",
        ["half-precision", "amsgrad-memory"],
        shapes,
        [np.zeros(n) for n in few],
        wild(123, 1, few, -2, 1),
        TWO_PLACES | TWO_MAXIMA,
        config=HALF | {"amsgrad": True},
        dtypes=["float16"],
    )
