"""Inputs at the ends of a format: zeros of both signs, subnormals, squares that vanish or overflow, inf, NaN."""

from collections.abc import Iterator

import numpy as np

from ...truth.spans import TWO_MAXIMA, TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DYADIC, normal, vector, wild

SHAPES, SIZES = ((4,), (2,)), (4, 2)
AMSGRAD = DYADIC | {"amsgrad": True}


def extremes() -> Iterator[VectorSpec]:
    zero = [[np.array([0.0, -0.0, 0.0, -0.0]), np.array([-0.0, 0.0])]]
    yield from vector(
        "extremes.zeros",
        "Nothing but zeros of both signs at first: 0 / epsilon is 0, and every parameter stays as it is.",
        ["zero-gradient", "signed-zero"],
        SHAPES,
        [np.array([1.5, -2.0, 0.0, -0.0]), np.array([0.25, -3.0])],
        [*zero * 3, *wild(90, 2, SIZES)],
        TWO_PLACES,
    )
    yield from vector(
        "extremes.rate-zero",
        "A learning rate of 0: moments move, parameters stay to the last bit, also where a gradient is 0.",
        ["zero-gradient", "rate-zero"],
        SHAPES,
        normal(91, SIZES),
        [[[0.0, 1.0, -2.0, 0.0], [0.5, 0.0]], *wild(92, 2, SIZES)],
        TWO_PLACES,
        config=DYADIC | {"learning_rate": 0.0},
    )
    for dtype in ("float32", "float64"):
        yield from _of_format(dtype)


def _of_format(dtype: str) -> Iterator[VectorSpec]:
    info = np.finfo(dtype)
    least = float(info.smallest_subnormal)
    tiny, root = float(info.smallest_normal), float(info.max) ** 0.5

    def with_first(numbers: list[float], seed: int) -> list[list[np.ndarray]]:
        """Wild gradients; the first element of the first parameter gets ``numbers``, one a call."""
        calls = wild(seed, len(numbers), SIZES, -2, 1)
        for call, number in zip(calls, numbers, strict=True):
            call[0][0] = number
        return calls

    yield from vector(
        "extremes.subnormal",
        "Gradients below the smallest normal number, which an Adam may take for zero: nothing else may happen.",
        ["subnormal"],
        SHAPES,
        [np.zeros(4), np.zeros(2)],
        with_first([3 * least, -tiny / 4, least, 0.5 * tiny], 93),
        TWO_PLACES,
        dtypes=[dtype],
    )
    yield from vector(
        "extremes.square-vanishes",
        "A gradient whose square is smaller than any number: v is 0, the step is learning_rate m / epsilon.",
        ["subnormal", "square-vanishes", "from-zero"],
        SHAPES,
        [np.zeros(4), np.zeros(2)],
        with_first([4 * tiny**0.75, -8 * tiny**0.75, 16 * tiny**0.75, tiny**0.75], 94),
        TWO_PLACES,
        dtypes=[dtype],
    )
    # In float64 the fused multiply-add of variants/fma.py is emulated, with products of 2^27.
    near = root / (8 if dtype == "float32" else 2**16)
    yield from vector(
        "extremes.large",
        "Gradients whose squares are still just finite: no detour may overflow.",
        ["overflow"],
        SHAPES,
        normal(95, SIZES),
        with_first([near, -near / 2, near / 4, near], 96),
        TWO_PLACES,
        dtypes=[dtype],
    )
    spoilt = "spoils its own element from then on, and no other; it is never silently dropped."
    poisons = (
        (
            "square-overflows",
            "overflow",
            "A gradient whose square overflows leaves v and the parameter open, but not m, and no other element.",
            2.0**30 * root,
        ),
        ("infinite", "not-finite", f"An infinite gradient {spoilt}", np.inf),
        ("negative-infinite", "not-finite", f"A gradient of minus infinity {spoilt}", -np.inf),
        ("nan", "not-finite", f"A gradient that is not a number {spoilt}", np.nan),
    )
    for at, (name, flag, why, poison) in enumerate(poisons):
        yield from vector(
            f"extremes.{name}",
            why,
            [flag, "neighbours"],
            SHAPES,
            normal(97, SIZES),
            with_first([1.0, poison, -0.5, 0.25], 98 + at),
            TWO_PLACES,
            dtypes=[dtype],
        )
    yield from vector(
        "extremes.nan-amsgrad",
        "With AMSGrad a maximum may drop a NaN; the parameter may not.",
        ["not-finite", "neighbours", "amsgrad-memory"],
        SHAPES,
        normal(102, SIZES),
        with_first([1.0, np.nan, -0.5, 0.25], 103),
        TWO_PLACES | TWO_MAXIMA,
        AMSGRAD,
        dtypes=[dtype],
    )
