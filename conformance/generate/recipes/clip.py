"""Inputs about clipping. Squares and their sums are exact, so that every order of summation has the same norm."""

from collections.abc import Iterator

import numpy as np

from ...truth.spans import CLIPS, LAWS, ORDERS, TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DYADIC, normal, vector

SHAPES, SIZES = ((4,), (2,), (1,)), (4, 2, 1)
# Norms 10 and 5 and 0.25, then 5, 0 and 12, then 1 and 1.25 and 2; the sums of all squares are exact too.
STEPS = [
    [[1.0, -3.0, 3.0, 9.0], [3.0, -4.0], [0.25]],
    [[-4.0, 0.0, 3.0, 0.0], [0.0, 0.0], [-12.0]],
    [[0.5, 0.5, -0.5, 0.5], [0.75, 1.0], [2.0]],
    [[0.0, 0.125, 0.0, -0.25], [-0.5, 0.25], [-0.125]],
]


def clip() -> Iterator[VectorSpec]:
    yield from _alone()
    yield from _special()
    yield from _together()


def _alone() -> Iterator[VectorSpec]:
    yield from vector(
        "clip.value",
        "Elements beyond a limit are cut to it, of both signs; those within keep their value.",
        ["clip-kind", "several-parameters"],
        SHAPES,
        normal(80, SIZES),
        STEPS,
        TWO_PLACES | CLIPS,
        config=DYADIC | {"clipvalue": 1.0},
    )
    yield from vector(
        "clip.norm",
        "The norm of each parameter's gradient is limited by itself; one that is zero, or small, stays as it is.",
        ["clip-kind", "several-parameters"],
        SHAPES,
        normal(81, SIZES),
        STEPS,
        TWO_PLACES | CLIPS,
        config=DYADIC | {"clipnorm": 2.0},
    )
    yield from vector(
        "clip.global-norm",
        "The norm of all gradients of a step together: large ones shrink the small ones with them.",
        ["clip-kind", "several-parameters"],
        SHAPES,
        normal(82, SIZES),
        STEPS,
        TWO_PLACES | CLIPS,
        config=DYADIC | {"global_clipnorm": 4.0},
    )


def _special() -> Iterator[VectorSpec]:
    yield from vector(
        "clip.law",
        "Gradients near 1e-6, where a 1e-6 in the denominator, as torch.nn.utils.clip_grad_norm_ has it, is seen.",
        ["clip-law", "from-zero"],
        SHAPES,
        [np.zeros(n) for n in SIZES],
        [[np.array(g) * 2.0**-19 for g in call] for call in STEPS],
        TWO_PLACES | CLIPS | LAWS,
        config=DYADIC | {"clipnorm": 2.0**-18, "epsilon": 2.0**-20},
    )
    yield from vector(
        "clip.missing",
        "A gradient that is missing adds nothing to the global norm.",
        ["clip-kind", "none-is-not-zero"],
        SHAPES,
        normal(83, SIZES),
        [
            [None if at == call % 3 else g for at, g in enumerate(grads)]
            for call, grads in enumerate(STEPS)
        ],
        TWO_PLACES | CLIPS | {"step_scope": ["optimizer", "parameter"]},
        config=DYADIC | {"global_clipnorm": 4.0},
    )


def _together() -> Iterator[VectorSpec]:
    # Powers of two and their halves, so that norms are exact after the elements are cut too.
    cut = [
        [[8.0, 0.0, 0.0, 0.0], [0.0, -4.0], [2.0]],
        [[0.0, -4.0, 0.0, 0.0], [8.0, 0.0], [-8.0]],
        *STEPS[2:],
    ]
    yield from vector(
        "clip.value-and-global-norm",
        "A limit of elements and one of all together: what the first cuts does not count for the second.",
        ["clip-kind", "clip-order"],
        SHAPES,
        normal(84, SIZES),
        cut,
        TWO_PLACES | ORDERS,
        config=DYADIC | {"clipvalue": 1.0, "global_clipnorm": 0.5},
    )
    yield from vector(
        "clip.value-and-norm",
        "A limit of elements and one of norms: after the first the second finds other numbers.",
        ["clip-kind", "clip-order"],
        SHAPES,
        normal(85, SIZES),
        [
            [[3.0, 3.0, 3.0, 3.0], [0.0, -4.0], [2.0]],
            [[1.0, -1.0, 1.0, 1.0], [8.0, 0.0], [-8.0]],
            *STEPS[2:],
        ],
        TWO_PLACES | ORDERS,
        config=DYADIC | {"clipvalue": 2.0, "clipnorm": 1.0},
    )
