"""Loss scaling: gradients that are multiplied by a scale, and steps that are skipped.

Unscaled gradients are about as large as epsilon: only there, and where weights decay or limits
clip, does Adam see the size of its gradients. In a call that overflows, one element is infinite or
NaN, and all others are as in any call.
"""

from collections.abc import Mapping, Sequence
from math import inf, nan
from typing import Any

import numpy as np

from ....vectors.spans import ALL_ROWS, CLIPS, KINDS, L2_OR_DECOUPLED, TWO_MAXIMA, TWO_PLACES
from ....vectors.spec import Relation
from ....vectors.switches import GROUPS
from ..recipe import DYADIC, PAIR, Dense, Numbers, Recipe, RowSlices, Shapes, drop, normal, wild
from .accumulation import DECAY

# As a dynamic scale goes: it is halved after an overflow.
_USUAL = 2.0**16
_HALF = _USUAL / 2
_THREE = 3 * 2.0**10
_STEADY = (_USUAL, _USUAL, _USUAL, _USUAL)
_FALLING = (_USUAL, _USUAL, _HALF, _HALF)
_SCOPES = {
    "step_scope": ["optimizer", "parameter"],
    "none_gradient": ["skip", "skip_but_count"],
}
# Call, from 0, and parameter -> what its first element is.
_Bad = Mapping[tuple[int, int], float]
_SECOND_CALL: _Bad = {(1, 0): inf}


def _scaled(grads: Dense, scales: Sequence[float], bad: _Bad) -> Dense:
    """Return gradients times the scale of their call, with the elements that are not finite."""
    calls = []
    for number, (call, scale) in enumerate(zip(grads, scales, strict=True)):
        arrays = [np.multiply(grad, scale) for grad in call]
        for param, array in enumerate(arrays):
            array[:1] = bad.get((number, param), array[0])
        calls.append(arrays)
    return calls


def _loss_scale(
    name: str,
    seed: int,
    why: str,
    flags: Sequence[str],
    scales: Sequence[float] = _FALLING,
    bad: _Bad = _SECOND_CALL,
    config: dict[str, Any] = DYADIC,
    axes: dict[str, list[str]] = TWO_PLACES,
    shapes: Shapes = PAIR,
    missing: Sequence[Sequence[int]] = (),
    sizes: tuple[float, float] = (-3, 0),
    **given: Any,
) -> Recipe:
    low, high = sizes
    grads = _scaled(wild(seed, len(scales), shapes, low, high), scales, bad)
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


def _sparse() -> Recipe:
    shapes = ((4, 2), (2,))
    # The rows of each call; the second call overflows in a slice.
    rows = ((0, 2), (1, 2), (3, 0, 1), (2,))
    dense = wild(470, 4, ((2,),), -3, 0)
    grads: list[list[Numbers | RowSlices | None]] = []
    for number, (indices, scale) in enumerate(zip(rows, _FALLING, strict=True)):
        digits = np.random.default_rng(471 + number).normal(size=(len(indices), 2))
        values = np.round(digits, 3) * scale * 2.0**-4
        if number == 1:
            values[-1, 0] = -inf
        grads.append([RowSlices(indices, values), dense[number][0] * scale])
    return Recipe(
        name="loss-scale.sparse",
        why="An infinity in a slice of a sparse gradient: the dense parameter stays, too.",
        flags=["loss-scale", "loss-scale-skip", "loss-scale-check", "sparse-rows"],
        shapes=shapes,
        params=normal(472, shapes),
        grads=grads,
        axes=ALL_ROWS
        | {
            "sparse": ["dense_equivalent", "lazy_global_t", "lazy_tensor_t"],
            "step_scope": ["optimizer", "parameter"],
        },
        config=DYADIC,
        scales=_FALLING,
    )


LOSS_SCALES = (
    _loss_scale(
        name="plain",
        seed=400,
        why="Gradients as small as epsilon, times 2^16: they are divided by the scale, once.",
        flags=[],
        scales=_STEADY,
        bad={},
    ),
    _loss_scale(
        name="changes",
        seed=402,
        why="Each call has another scale, 1 and a scale below 1 among them.",
        flags=["loss-scale-changes"],
        scales=(_USUAL, 2.0**15, 2.0**20, 1.0, 2.0**-4),
        bad={},
    ),
    _loss_scale(
        name="three",
        seed=404,
        why="Scales that are no powers of two: quotients and products with the reciprocal "
        "differ in the last digits.",
        flags=["loss-scale-changes", "worst-rounding"],
        scales=(_THREE, 4 * _THREE, 3.0, _THREE),
        bad={},
    ),
    _loss_scale(
        name="skip-first",
        seed=406,
        why="The first call overflows: the second is the first step.",
        flags=["loss-scale-skip", "bias-power"],
        scales=(_USUAL, _HALF, _HALF, _HALF),
        bad={(0, 0): inf},
    ),
    _loss_scale(
        name="skip-middle",
        seed=408,
        why="A NaN in the last parameter: the first stays as well, "
        "and the next step is as if the call had not been.",
        flags=["loss-scale-skip", "loss-scale-check", "several-parameters"],
        bad={(1, 1): nan},
    ),
    _loss_scale(
        name="skip-negative",
        seed=410,
        why="An infinity below zero, in the first parameter alone.",
        flags=["loss-scale-skip", "loss-scale-check", "several-parameters"],
        bad={(1, 0): -inf},
    ),
    _loss_scale(
        name="skip-twice",
        seed=412,
        why="Two calls overflow, one after the other, and the step after them is an ordinary one.",
        flags=["loss-scale-skip", "loss-scale-changes"],
        scales=(_USUAL, _USUAL, _HALF, _HALF / 2, _HALF / 2),
        bad={(1, 0): inf, (2, 1): -inf},
    ),
    _loss_scale(
        name="skip-last",
        seed=414,
        why="The last call overflows: parameters and moments are those of the call before.",
        flags=["loss-scale-skip"],
        scales=_STEADY,
        bad={(3, 1): inf},
    ),
    _loss_scale(
        name="skip-alternate",
        seed=416,
        why="Every second call overflows: t is 1, 1, 2, 2, 3, and not that of the overflow before.",
        flags=["loss-scale-skip"],
        scales=(_USUAL, _USUAL, _HALF, _HALF, _HALF / 2),
        bad={(1, 0): inf, (3, 1): nan},
    ),
    _loss_scale(
        name="scale-of-one",
        seed=418,
        why="A scale of 1 divides nothing, but an infinity is skipped all the same.",
        flags=["loss-scale-skip", "loss-scale-check"],
        scales=(1.0, 1.0, 1.0, 1.0),
    ),
    _loss_scale(
        name="large",
        seed=420,
        why="Every scaled gradient is finite, but not the norm of all: no call is skipped.",
        flags=["loss-scale-check"],
        scales=(2.0**32, 2.0**32, 2.0**32),
        bad={},
        dtypes=("float32",),
        sizes=(11.5, 12.5),
    ),
    _loss_scale(
        name="clipvalue",
        seed=424,
        why="Elements are clipped after they are unscaled, and a call that overflows is skipped, "
        "not clipped.",
        flags=["loss-scale-skip", "loss-scale-order", "clip-kind"],
        config=DYADIC | {"clipvalue": 2.0**-4},
        axes=TWO_PLACES | CLIPS,
    ),
    _loss_scale(
        name="clipnorm",
        seed=426,
        why="The norm of each gradient is that of the unscaled one, and an infinite norm skips "
        "the step.",
        flags=["loss-scale-skip", "loss-scale-order", "clip-kind"],
        config=DYADIC | {"clipnorm": 2.0**-3},
        axes=TWO_PLACES | CLIPS,
    ),
    _loss_scale(
        name="global-norm",
        seed=428,
        why="The norm of all gradients is that of the unscaled ones; in the second call "
        "it is infinite, which must not make zeros of them.",
        flags=["loss-scale-skip", "loss-scale-order", "clip-kind"],
        config=DYADIC | {"global_clipnorm": 2.0**-3},
        axes=TWO_PLACES | CLIPS,
    ),
    _loss_scale(
        name="three-norm",
        seed=430,
        why="A scale that is no power of two, before a norm is taken.",
        flags=["loss-scale-order", "clip-kind", "worst-rounding"],
        scales=(_THREE, _THREE, 2 * _THREE),
        bad={},
        config=DYADIC | {"global_clipnorm": 2.0**-3},
        axes=TWO_PLACES | CLIPS,
    ),
    _loss_scale(
        name="decay",
        seed=432,
        why="L2 is added to the unscaled gradient, and weights do not decay in a call "
        "that overflows.",
        flags=["loss-scale-skip", "loss-scale-order", "decay-kind"],
        config=DECAY,
        axes=TWO_PLACES | KINDS,
        bad={(1, 1): inf},
    ),
    _loss_scale(
        name="amsgrad",
        seed=434,
        why="The maximum of AMSGrad does not see a call that overflows.",
        flags=["loss-scale-skip", "amsgrad-memory"],
        config=DYADIC | {"amsgrad": True},
        axes=TWO_PLACES | TWO_MAXIMA,
    ),
    _loss_scale(
        name="missing",
        seed=436,
        why="Missing gradients, also in the call that overflows, which counts for no parameter.",
        flags=["loss-scale-skip", "none-is-not-zero"],
        bad={(1, 1): inf},
        axes=TWO_PLACES | _SCOPES,
        shapes=((2,), (1,), (2,)),
        missing=((2,), (0,), (1,), ()),
    ),
    _sparse(),
    _loss_scale(
        name="schedule",
        seed=438,
        why="A learning rate that is passed in a call that overflows holds from then on.",
        flags=["loss-scale-skip", "schedule"],
        rates=(None, 2.0**-4, None, 2.0**-3),
    ),
    _loss_scale(
        name="groups",
        seed=440,
        why="An infinity in one group skips the step of the others.",
        flags=["loss-scale-skip", "groups", "several-parameters"],
        config=DYADIC
        | {
            GROUPS: [
                {"params": [2], "learning_rate": 2.0**-2, "beta2": 0.5},
                {"params": [0], "epsilon": 2.0**-4},
            ]
        },
        shapes=((2,), (3,), (1,)),
        bad={(1, 2): -inf},
    ),
    _loss_scale(
        name="resume",
        seed=442,
        why="Saved after a call that overflowed, and restored: nothing of that call is left.",
        flags=["loss-scale-skip", "relation-resume"],
        rates=(2.0**-4, None, None, None),
        relation=Relation("resume", after=2, used=True, other=("numbers", "params")),
    ),
    _loss_scale(
        name="beside",
        seed=444,
        why="The calls of an optimizer beside it overflow at other times.",
        flags=["loss-scale-skip", "relation-beside"],
        scales=(_USUAL, _USUAL, _HALF, _HALF, _HALF),
        relation=Relation("beside", other=("params",)),
    ),
    _loss_scale(
        name="together",
        seed=446,
        why="AMSGrad, L2 or decoupled decay, missing gradients, scales and rates that change, "
        "and two overflows.",
        flags=["loss-scale-skip", "loss-scale-changes", "amsgrad-memory", "decay-kind"],
        scales=(_USUAL, _USUAL, _HALF, 2.0**-3, 2.0**20, 1.0),
        bad={(1, 0): nan, (4, 1): inf},
        config=DECAY | {"amsgrad": True},
        axes={"epsilon": ["hat", "outside"]} | L2_OR_DECOUPLED | TWO_MAXIMA | _SCOPES,
        rates=(None, 2.0**-4, None, None, 2.0**-2, None),
        missing=((), (1,), (0,), (), (), ()),
    ),
)
