"""Loss scaling together with other options, and with sparse and missing gradients."""

from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from ....vectors.spec import Relation
from ....vectors.switches import CLIPS, GROUPS, KINDS, L2_OR_DECOUPLED, OURS, TWO_MAXIMA, TWO_PLACES
from ..recipe import DYADIC, Numbers, Recipe, RowSlices, normal, wild
from .accumulation import DECAY
from .loss_scale import FALLING, HALF, THREE, USUAL, loss_scale

_SCOPES = {
    "step_scope": ["optimizer", "parameter"],
    "none_gradient": ["skip", "skip_but_count"],
}


def _slices(seed: int, rows: int, scale: float) -> NDArray[np.float64]:
    """Return scaled slices of two elements, of few digits."""
    digits = np.random.default_rng(seed).normal(size=(rows, 2))
    return np.asarray(np.round(digits, 3) * scale * 2.0**-4)


def _sparse() -> Recipe:
    shapes = ((4, 2), (2,))
    # The rows of each call; the second call overflows in a slice.
    rows = ((0, 2), (1, 2), (3, 0, 1), (2,))
    dense = wild(470, 4, ((2,),), -3, 0)
    grads: list[list[Numbers | RowSlices | None]] = []
    for number, (indices, scale) in enumerate(zip(rows, FALLING, strict=True)):
        values = _slices(471 + number, len(indices), scale)
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
        axes=OURS,
        config=DYADIC,
        scales=FALLING,
    )


def _sparse_only() -> Recipe:
    shapes = ((3, 2), (4, 2))
    grads = []
    for number, scale in enumerate(FALLING):
        # Other rows in each call.
        rows = [[number % 3], [number % 4, (number + 1) % 4]]
        values = [_slices(480 + number, 1, scale), _slices(490 + number, 2, scale)]
        if number == 1:
            values[1][0, 1] = nan
        grads.append([RowSlices(*pair) for pair in zip(rows, values, strict=True)])
    return Recipe(
        name="loss-scale.sparse-only",
        why="All gradients are sparse, and a slice of the second parameter has a NaN.",
        dtypes=("float32",),
        flags=["loss-scale", "loss-scale-skip", "loss-scale-check", "sparse-rows"],
        shapes=shapes,
        params=normal(479, shapes),
        grads=grads,
        axes=OURS,
        config=DYADIC,
        scales=FALLING,
    )


SCALED_OPTIONS = (
    loss_scale(
        name="clipvalue",
        seed=424,
        why="Elements are clipped after they are unscaled, and a call that overflows is skipped, "
        "not clipped.",
        flags=["loss-scale-skip", "loss-scale-order", "clip-kind"],
        config=DYADIC | {"clipvalue": 2.0**-4},
        axes=TWO_PLACES | CLIPS,
    ),
    loss_scale(
        name="clipnorm",
        seed=426,
        why="The norm of each gradient is that of the unscaled one, and an infinite norm skips "
        "the step.",
        flags=["loss-scale-skip", "loss-scale-order", "clip-kind"],
        config=DYADIC | {"clipnorm": 2.0**-3},
        axes=TWO_PLACES | CLIPS,
    ),
    loss_scale(
        name="global-norm",
        seed=428,
        why="The norm of all gradients is that of the unscaled ones; in the second call "
        "it is infinite, which must not make zeros of them.",
        flags=["loss-scale-skip", "loss-scale-order", "clip-kind"],
        config=DYADIC | {"global_clipnorm": 2.0**-3},
        axes=TWO_PLACES | CLIPS,
    ),
    loss_scale(
        name="three-norm",
        seed=430,
        why="A scale that is no power of two, before a norm is taken.",
        flags=["loss-scale-order", "clip-kind", "worst-rounding"],
        scales=(THREE, THREE, 2 * THREE),
        bad={},
        config=DYADIC | {"global_clipnorm": 2.0**-3},
        axes=TWO_PLACES | CLIPS,
    ),
    loss_scale(
        name="decay",
        seed=432,
        why="L2 is added to the unscaled gradient, and weights do not decay in a call "
        "that overflows.",
        flags=["loss-scale-skip", "loss-scale-order", "decay-kind"],
        config=DECAY,
        axes=TWO_PLACES | KINDS,
        bad={(1, 1): inf},
        dtypes=("float32",),
    ),
    loss_scale(
        name="amsgrad",
        seed=434,
        why="The maximum of AMSGrad does not see a call that overflows.",
        flags=["loss-scale-skip", "amsgrad-memory"],
        config=DYADIC | {"amsgrad": True},
        axes=TWO_PLACES | TWO_MAXIMA,
    ),
    loss_scale(
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
    _sparse_only(),
    loss_scale(
        name="schedule",
        seed=438,
        why="A learning rate that is passed in a call that overflows holds from then on.",
        flags=["loss-scale-skip", "schedule"],
        rates=(None, 2.0**-4, None, 2.0**-3),
    ),
    loss_scale(
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
    loss_scale(
        name="resume",
        seed=442,
        why="Saved after a call that overflowed, and restored: nothing of that call is left.",
        flags=["loss-scale-skip", "relation-resume"],
        rates=(2.0**-4, None, None, None),
        relation=Relation("resume", after=2, used=True, other=("numbers", "params")),
    ),
    loss_scale(
        name="beside",
        seed=444,
        why="The calls of an optimizer beside it overflow at other times.",
        flags=["loss-scale-skip", "relation-beside"],
        scales=(USUAL, USUAL, HALF, HALF, HALF),
        relation=Relation("beside", other=("params",)),
    ),
    loss_scale(
        name="together",
        seed=446,
        why="AMSGrad, L2 or decoupled decay, missing gradients, scales and rates that change, "
        "and two overflows.",
        flags=["loss-scale-skip", "loss-scale-changes", "amsgrad-memory", "decay-kind"],
        scales=(USUAL, USUAL, HALF, 2.0**-3, 2.0**20, 1.0),
        bad={(1, 0): nan, (4, 1): inf},
        config=DECAY | {"amsgrad": True},
        axes={"epsilon": ["hat", "outside"]} | L2_OR_DECOUPLED | TWO_MAXIMA | _SCOPES,
        rates=(None, 2.0**-4, None, None, 2.0**-2, None),
        missing=((), (1,), (0,), (), (), ()),
    ),
)
