"""Weight decay and ascent."""

from ...vectors.switches import KINDS, L2_OR_DECOUPLED, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, PAIR, Recipe, drop, normal, wild, zeros

_THREE = ((3,), (1, 2), (1,))
# Fewer elements where every arithmetic has an answer of its own.
_SINGLE = ((2,), (1,))
# A learning rate as large as the decay, so that a step of decoupled decay is seen.
_DECAYING = DYADIC | {"weight_decay": 2.0**-3, "learning_rate": 2.0**-3}

WEIGHT_DECAY = (
    Recipe(
        name="weight-decay.mixed",
        why="Parameters of both signs decay while gradients pull elsewhere: "
        "its kind, its order and its scale all show.",
        flags=["decay-kind", "decay-sign", "several-parameters"],
        shapes=_THREE,
        params=normal(60, _THREE),
        grads=wild(61, 4, _THREE, -2, 0),
        axes=TWO_PLACES | KINDS,
        config=_DECAYING,
    ),
    Recipe(
        name="weight-decay.zero-gradient",
        why="Without a gradient only decay is left: "
        "decoupled it shrinks the parameter, as L2 it enters the moments.",
        flags=["decay-kind", "decay-sign", "zero-gradient"],
        shapes=PAIR,
        # Nowhere zero, because zero does not decay.
        params=[[1.0, -2.0, 0.5], [4.0, -0.25]],
        grads=[zeros(PAIR)] * 3,
        axes=TWO_PLACES | L2_OR_DECOUPLED,
        config=_DECAYING,
    ),
    Recipe(
        name="weight-decay.negative",
        why="A weight decay below 0 lets weights grow; "
        "whoever asks whether it is above 0 loses it.",
        flags=["decay-kind", "decay-sign"],
        shapes=_THREE,
        params=normal(64, _THREE),
        grads=wild(65, 3, _THREE, -2, 0),
        axes=TWO_PLACES | L2_OR_DECOUPLED,
        # As large as that of the others.
        config=_DECAYING | {"weight_decay": -(2.0**-3)},
    ),
    Recipe(
        name="weight-decay.one",
        why="A weight decay of just 1, which is not 0 and is not off.",
        flags=["decay-kind"],
        shapes=_THREE,
        params=normal(70, _THREE),
        grads=wild(71, 3, _THREE, -2, 0),
        axes=TWO_PLACES | KINDS,
        config=_DECAYING | {"weight_decay": 1.0},
    ),
    Recipe(
        name="weight-decay.schedule",
        why="Decay that is scaled by the learning rate follows it when it changes; "
        "a cached factor does not.",
        flags=["decay-kind", "schedule"],
        shapes=PAIR,
        params=normal(62, PAIR),
        grads=wild(63, 4, PAIR, -2, 0),
        axes=TWO_PLACES | KINDS,
        config=_DECAYING,
        after=(2, 4),
        # Down and up, so that a factor from any earlier call is seen.
        rates=(2.0**-3, 2.0**-6, 2.0**-1, 2.0**-4),
    ),
    Recipe(
        name="weight-decay.none-gradient",
        why="A parameter without a gradient does not decay either.",
        flags=["decay-kind", "none-is-not-zero"],
        shapes=_THREE,
        params=normal(65, _THREE),
        # One is missing in each call.
        grads=drop(wild(64, 4, _THREE, -2, 0), ((0,), (1,), (2,), (0,))),
        axes=TWO_PLACES | L2_OR_DECOUPLED | {"step_scope": ["optimizer", "parameter"]},
        config=_DECAYING,
    ),
    Recipe(
        name="weight-decay.amsgrad",
        why="Decay together with AMSGrad.",
        flags=["decay-kind", "amsgrad-memory"],
        shapes=PAIR,
        params=normal(68, PAIR),
        # A spike first, so that the maximum is not v.
        grads=[[[20.0, -3.0, 0.5], [2.0, -40.0]], *wild(69, 4, PAIR, -2, 0)],
        axes=TWO_PLACES | L2_OR_DECOUPLED,
        config=_DECAYING | {"amsgrad": True},
        after=(1, 3, 5),
    ),
    Recipe(
        name="weight-decay.decimal",
        why="The usual decay of 0.01 at a learning rate where it can be seen.",
        flags=["decay-kind", "scalar-format"],
        shapes=_SINGLE,
        params=normal(70, _SINGLE),
        grads=wild(71, 4, _SINGLE, -1, 0),
        axes=TWO_PLACES | L2_OR_DECOUPLED,
        # A hundred times the usual rate, because decay is scaled by it.
        config=DEFAULTS | {"learning_rate": 0.1, "weight_decay": 0.01},
        after=(1, 4),
    ),
)

# The sign of the gradient, and not of the decay.
MAXIMIZE = (
    Recipe(
        name="maximize.mixed",
        why="Ascent: every step goes the other way.",
        flags=["ascent"],
        shapes=_THREE,
        params=normal(72, _THREE),
        grads=wild(73, 4, _THREE),
        axes=TWO_PLACES,
        config=DYADIC | {"maximize": True},
    ),
    Recipe(
        name="maximize.weight-decay",
        why="Ascent turns the gradient around and not the decay: weights still shrink.",
        flags=["ascent", "decay-sign"],
        shapes=PAIR,
        params=normal(74, PAIR),
        grads=wild(75, 4, PAIR, -2, 0),
        axes=TWO_PLACES | L2_OR_DECOUPLED,
        config=_DECAYING | {"maximize": True},
    ),
)
