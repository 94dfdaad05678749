"""Inputs about weight decay and ascent."""

from collections.abc import Iterator

import numpy as np

from ...truth.spans import KINDS, L2_OR_DECOUPLED, TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DEFAULTS, DYADIC, normal, vector, wild

SHAPES, SIZES = ((3,), (1, 2), (1,)), (3, 2, 1)
DECAYING = DYADIC | {"weight_decay": 2.0**-3, "learning_rate": 2.0**-3}


def weight_decay() -> Iterator[VectorSpec]:
    yield from vector(
        "weight-decay.mixed",
        "Parameters of both signs decay while gradients pull elsewhere: its kind, its order and its scale all show.",
        ["decay-kind", "decay-sign", "several-parameters"],
        SHAPES,
        normal(60, SIZES),
        wild(61, 4, SIZES, -2, 0),
        TWO_PLACES | KINDS,
        config=DECAYING,
    )
    yield from vector(
        "weight-decay.zero-gradient",
        "Without a gradient only decay is left: decoupled it shrinks the parameter, as L2 it enters the moments.",
        ["decay-kind", "decay-sign", "zero-gradient"],
        ((3,), (2,)),
        [np.array([1.0, -2.0, 0.5]), np.array([4.0, -0.25])],
        [[np.zeros(3), np.zeros(2)]] * 3,
        TWO_PLACES | L2_OR_DECOUPLED,
        config=DECAYING,
    )
    yield from vector(
        "weight-decay.negative",
        "A weight decay below 0 lets weights grow; whoever asks whether it is above 0 loses it.",
        ["decay-kind", "decay-sign"],
        SHAPES,
        normal(64, SIZES),
        wild(65, 3, SIZES, -2, 0),
        TWO_PLACES | L2_OR_DECOUPLED,
        config=DECAYING | {"weight_decay": -(2.0**-3)},
    )
    yield from vector(
        "weight-decay.one",
        "A weight decay of just 1, which is not 0 and is not off.",
        ["decay-kind"],
        SHAPES,
        normal(70, SIZES),
        wild(71, 3, SIZES, -2, 0),
        TWO_PLACES | KINDS,
        config=DECAYING | {"weight_decay": 1.0},
    )
    yield from vector(
        "weight-decay.schedule",
        "Decay that is scaled by the learning rate follows it when it changes; a cached factor does not.",
        ["decay-kind", "schedule"],
        ((3,), (2,)),
        normal(62, (3, 2)),
        wild(63, 4, (3, 2), -2, 0),
        TWO_PLACES | KINDS,
        config=DECAYING,
        after=(2, 4),
        rates=(2.0**-3, 2.0**-6, 2.0**-1, 2.0**-4),
    )
    full = wild(64, 4, SIZES, -2, 0)
    yield from vector(
        "weight-decay.none-gradient",
        "A parameter without a gradient does not decay either.",
        ["decay-kind", "none-is-not-zero"],
        SHAPES,
        normal(65, SIZES),
        [
            [None if at == call % 3 else g for at, g in enumerate(grads)]
            for call, grads in enumerate(full)
        ],
        TWO_PLACES | L2_OR_DECOUPLED | {"step_scope": ["optimizer", "parameter"]},
        config=DECAYING,
    )
    yield from vector(
        "weight-decay.amsgrad",
        "Decay together with AMSGrad.",
        ["decay-kind", "amsgrad-memory"],
        ((3,), (2,)),
        normal(68, (3, 2)),
        [[[20.0, -3.0, 0.5], [2.0, -40.0]], *wild(69, 4, (3, 2), -2, 0)],
        TWO_PLACES | L2_OR_DECOUPLED,
        config=DECAYING | {"amsgrad": True},
        after=(1, 3, 5),
    )
    yield from vector(
        "weight-decay.decimal",
        "The usual decay of 0.01 at a learning rate where it can be seen.",
        ["decay-kind", "scalar-format"],
        ((2,), (1,)),
        normal(70, (2, 1)),
        wild(71, 4, (2, 1), -1, 0),
        TWO_PLACES | L2_OR_DECOUPLED,
        config=DEFAULTS | {"learning_rate": 0.1, "weight_decay": 0.01},
        after=(1, 4),
    )


def maximize() -> Iterator[VectorSpec]:
    yield from vector(
        "maximize.mixed",
        "Ascent: every step goes the other way.",
        ["ascent"],
        SHAPES,
        normal(72, SIZES),
        wild(73, 4, SIZES),
        TWO_PLACES,
        config=DYADIC | {"maximize": True},
    )
    yield from vector(
        "maximize.weight-decay",
        "Ascent turns the gradient around and not the decay: weights still shrink.",
        ["ascent", "decay-sign"],
        ((3,), (2,)),
        normal(74, (3, 2)),
        wild(75, 4, (3, 2), -2, 0),
        TWO_PLACES | L2_OR_DECOUPLED,
        config=DECAYING | {"maximize": True},
    )
