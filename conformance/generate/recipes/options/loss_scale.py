"""Loss scaling: gradients that are multiplied by a scale, and steps that are skipped.

Unscaled gradients are about as large as epsilon: only there, and where weights decay or limits
clip, does Adam see the size of its gradients. In a call that overflows, one element is infinite or
NaN, and all others are as in any call.
"""

from collections.abc import Mapping, Sequence
from math import inf, nan
from typing import Any

import numpy as np

from ....vectors.switches import TWO_PLACES
from ..recipe import DYADIC, PAIR, Dense, Recipe, Shapes, drop, normal, wild

# As a dynamic scale goes: it is halved after an overflow.
USUAL = 2.0**16
HALF = USUAL / 2
THREE = 3 * 2.0**10
_STEADY = (USUAL, USUAL, USUAL, USUAL)
FALLING = (USUAL, USUAL, HALF, HALF)
# Call, from 0, and parameter -> what its first element is.
Bad = Mapping[tuple[int, int], float]
SECOND_CALL: Bad = {(1, 0): inf}


def _with_scales(grads: Dense, scales: Sequence[float], bad: Bad) -> Dense:
    """Return gradients times the scale of their call, with the elements that are not finite."""
    calls = []
    for number, (call, scale) in enumerate(zip(grads, scales, strict=True)):
        arrays = [np.multiply(grad, scale) for grad in call]
        for param, array in enumerate(arrays):
            array[:1] = bad.get((number, param), array[0])
        calls.append(arrays)
    return calls


def loss_scale(
    name: str,
    seed: int,
    why: str,
    flags: Sequence[str],
    scales: Sequence[float] = FALLING,
    bad: Bad = SECOND_CALL,
    config: dict[str, Any] = DYADIC,
    axes: dict[str, list[str]] = TWO_PLACES,
    shapes: Shapes = PAIR,
    missing: Sequence[Sequence[int]] = (),
    sizes: tuple[float, float] = (-3, 0),
    **given: Any,
) -> Recipe:
    low, high = sizes
    grads = _with_scales(wild(seed, len(scales), shapes, low, high), scales, bad)
    return Recipe(
        name=f"loss-scale.{name}",
        why=why,
        flags=["loss-scale", *flags],
        shapes=shapes,
        # Another seed than that of the gradients.
        params=normal(seed + 1, shapes),
        grads=drop(grads, missing) if missing else grads,
        axes=axes,
        config=config,
        scales=scales,
        **given,
    )


LOSS_SCALES = (
    loss_scale(
        name="plain",
        seed=400,
        why="Gradients as small as epsilon, times 2^16: they are divided by the scale, once.",
        flags=[],
        scales=_STEADY,
        bad={},
    ),
    loss_scale(
        name="changes",
        seed=402,
        why="Each call has another scale, 1 and a scale below 1 among them.",
        flags=["loss-scale-changes"],
        scales=(USUAL, 2.0**15, 2.0**20, 1.0, 2.0**-4),
        bad={},
    ),
    loss_scale(
        name="three",
        seed=404,
        why="Scales that are no powers of two: quotients and products with the reciprocal "
        "differ in the last digits.",
        flags=["loss-scale-changes", "worst-rounding"],
        scales=(THREE, 4 * THREE, 3.0, THREE),
        bad={},
    ),
    loss_scale(
        name="skip-first",
        seed=406,
        why="The first call overflows: the second is the first step.",
        flags=["loss-scale-skip", "bias-power"],
        scales=(USUAL, HALF, HALF, HALF),
        bad={(0, 0): inf},
    ),
    loss_scale(
        name="skip-middle",
        seed=408,
        why="A NaN in the last parameter: the first stays as well, "
        "and the next step is as if the call had not been.",
        flags=["loss-scale-skip", "loss-scale-check", "several-parameters"],
        bad={(1, 1): nan},
    ),
    loss_scale(
        name="skip-negative",
        seed=410,
        why="An infinity below zero, in the first parameter alone.",
        flags=["loss-scale-skip", "loss-scale-check", "several-parameters"],
        bad={(1, 0): -inf},
    ),
    loss_scale(
        name="skip-twice",
        seed=412,
        why="Two calls overflow, one after the other, and the step after them is an ordinary one.",
        flags=["loss-scale-skip", "loss-scale-changes"],
        scales=(USUAL, USUAL, HALF, HALF / 2, HALF / 2),
        bad={(1, 0): inf, (2, 1): -inf},
    ),
    loss_scale(
        name="skip-last",
        seed=414,
        why="The last call overflows: parameters and moments are those of the call before.",
        flags=["loss-scale-skip"],
        scales=_STEADY,
        bad={(3, 1): inf},
    ),
    loss_scale(
        name="skip-alternate",
        seed=416,
        why="Every second call overflows: t is 1, 1, 2, 2, 3, and not that of the overflow before.",
        flags=["loss-scale-skip"],
        scales=(USUAL, USUAL, HALF, HALF, HALF / 2),
        bad={(1, 0): inf, (3, 1): nan},
    ),
    loss_scale(
        name="scale-of-one",
        seed=418,
        why="A scale of 1 divides nothing, but an infinity is skipped all the same.",
        flags=["loss-scale-skip", "loss-scale-check"],
        scales=(1.0, 1.0, 1.0, 1.0),
    ),
    loss_scale(
        name="large",
        seed=420,
        why="Every scaled gradient is finite, but not the norm of all: no call is skipped.",
        flags=["loss-scale-check"],
        scales=(2.0**32, 2.0**32, 2.0**32),
        bad={},
        dtypes=("float32",),
        sizes=(11.5, 12.5),
    ),
)
