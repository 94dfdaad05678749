"""Inputs about the algorithm itself: moments, bias correction, epsilon."""

from collections.abc import Iterator

import numpy as np

from ...truth.spans import TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DEFAULTS, DYADIC, normal, vector, wild

CORRECTIONS = {"bias_correction": ["both", "none", "first", "second"]}


def basic() -> Iterator[VectorSpec]:
    shapes, sizes = ((5,), (2, 2), (1,)), (5, 4, 1)
    yield from vector(
        "basic.mixed",
        "Gradients of mixed size and sign on three parameters: a wrong square, power or sign shows at once.",
        ["mixed-magnitudes", "several-parameters"],
        shapes,
        normal(1, sizes),
        [[[0.3, -2.0, 1e-3, 50.0, 0.0], *wild(2, 1, (4, 1))[0]], *wild(3, 4, sizes)],
    )
    yield from vector(
        "basic.from-zero",
        "Parameters start at zero, so that the step is not hidden below the parameter's own rounding.",
        ["from-zero", "mixed-magnitudes"],
        ((4,), (3,)),
        [np.zeros(4), np.zeros(3)],
        wild(5, 4, (4, 3)),
    )
    yield from vector(
        "basic.spike-then-silence",
        "One large gradient and then none: the moments must decay, and m faster than v.",
        ["spike", "zero-gradient"],
        ((3,), (2,)),
        normal(6, (3, 2)),
        [
            [[100.0, -0.5, 3.0], [8.0, -0.25]],
            *[[np.zeros(3), np.zeros(2)]] * 4,
            [[1e-3, 0.0, -4.0], [0.0, 2.0]],
        ],
        TWO_PLACES,
    )
    yield from vector(
        "basic.learning-rate-changes",
        "A learning rate that changes scales that step alone; a step that was traced once does not follow.",
        ["schedule"],
        ((3,), (2,)),
        normal(7, (3, 2)),
        wild(8, 5, (3, 2)),
        TWO_PLACES,
        rates=(2.0**-6, 2.0**-4, 2.0**-9, 2.0**-9, 2.0**-2),
    )
    loaded = {
        "t": [4, 4],
        "m": [[0.5, -3.0, 1e-3], [0.25, -8.0]],
        "v": [[0.75, 20.0, 1e-4], [7.0, 66.0]],
    }
    yield from vector(
        "basic.loaded-state",
        "From moments and a t that are not zero: what is loaded must be used, all of it.",
        ["loaded-state"],
        ((3,), (2,)),
        normal(9, (3, 2)),
        wild(10, 3, (3, 2)),
        load=loaded,
    )
    yield from vector(
        "basic.defaults",
        "The numbers that everybody leaves as they are.",
        ["defaults", "scalar-format"],
        ((3,), (2,)),
        normal(11, (3, 2)),
        wild(12, 4, (3, 2)),
        config=DEFAULTS,
    )


def bias() -> Iterator[VectorSpec]:
    yield from vector(
        "bias.twelve-steps",
        "Twelve steps of one sign: an exponent, a counter or a correction that is off leaves a trail.",
        ["bias-power"],
        ((3,), (1,)),
        normal(13, (3, 1)),
        [[np.abs(g) + 0.125 for g in call] for call in wild(14, 12, (3, 1), -2, 1)],
        TWO_PLACES | CORRECTIONS,
        after=(1, 2, 3, 6, 12),
    )
    yield from vector(
        "bias.four-parameters",
        "Four parameters in one step share one t; a counter inside the loop over parameters does not.",
        ["several-parameters", "bias-power"],
        ((1,), (2,), (1,), (2,)),
        normal(15, (1, 2, 1, 2)),
        wild(16, 4, (1, 2, 1, 2)),
    )
    yield from vector(
        "bias.betas-exchanged",
        "beta1 above beta2: each must be used where it belongs.",
        ["betas"],
        ((3,), (2,)),
        normal(17, (3, 2)),
        wild(18, 5, (3, 2)),
        config=DYADIC | {"beta1": 0.75, "beta2": 0.5},
    )
    yield from vector(
        "bias.beta1-zero",
        "Without a first moment m is the gradient itself; a lerp may lose it.",
        ["betas"],
        ((3,), (2,)),
        normal(19, (3, 2)),
        [[[1e4, -3.0, 0.5], [1e3, 2.0]], *wild(20, 3, (3, 2))],
        TWO_PLACES,
        config=DYADIC | {"beta1": 0.0},
    )
    yield from vector(
        "bias.beta2-zero",
        "Without a second moment v is the square of the gradient itself.",
        ["betas"],
        ((3,), (2,)),
        normal(140, (3, 2)),
        wild(141, 4, (3, 2), -2, 1),
        TWO_PLACES,
        config=DYADIC | {"beta2": 0.0},
    )
    yield from vector(
        "bias.decimal",
        "The usual betas: 1 - beta2^t is 0.001 at first, and every unit in the last place of it counts a thousandfold.",
        ["bias-power", "scalar-format"],
        ((2,), (1,)),
        normal(21, (2, 1)),
        wild(22, 6, (2, 1), -1, 1),
        TWO_PLACES,
        config=DEFAULTS,
        after=(1, 2, 3, 6),
    )


def epsilon() -> Iterator[VectorSpec]:
    yield from vector(
        "epsilon.as-small",
        "Gradients as small as epsilon: hat and outside differ 2-fold at once; under the root nothing moves.",
        ["epsilon-place"],
        ((5,), (2,)),
        normal(23, (5, 2)),
        [[g * 2.0**-27 for g in call] for call in wild(24, 4, (5, 2), -1, 1)],
        config=DYADIC | {"epsilon": 2.0**-27},
    )
    yield from vector(
        "epsilon.dominates",
        "Epsilon far above the root of v: a step that ignores it, subtracts it or places it elsewhere is far off.",
        ["epsilon-place"],
        ((5,), (2,)),
        normal(25, (5, 2)),
        wild(26, 4, (5, 2), -2, 0),
        config=DYADIC | {"epsilon": 4.0, "learning_rate": 0.5},
    )
    yield from vector(
        "epsilon.below",
        "Gradients a thousand times below epsilon: the step shrinks with them and does not vanish.",
        ["epsilon-place", "from-zero"],
        ((3,), (2,)),
        [np.zeros(3), np.zeros(2)],
        [[g * 2.0**-34 for g in call] for call in wild(27, 4, (3, 2), -1, 1)],
        config=DYADIC | {"epsilon": 2.0**-24},
    )
    yield from vector(
        "epsilon.root",
        "A second epsilon under the root beside the one outside, as optax has it.",
        ["epsilon-root"],
        ((3,), (2,)),
        normal(28, (3, 2)),
        wild(29, 4, (3, 2), -3, 0),
        {"epsilon": ["both"]},
        config=DYADIC | {"epsilon_root": 2.0**-8},
    )
    yield from vector(
        "epsilon.zero",
        "An epsilon of 0 with gradients near 1e-7: used as it is, or taken for one that was left out.",
        ["epsilon-zero", "scalar-format", "from-zero"],
        ((3,), (1,)),
        [np.zeros(3), np.zeros(1)],
        [[np.abs(g) * 1e-7 + 1e-8 for g in call] for call in wild(142, 3, (3, 1), -1, 1)],
        TWO_PLACES | {"epsilon_zero": ["as_given", "default"]},
        config=DEFAULTS | {"epsilon": 0.0},
    )
    yield from vector(
        "epsilon.decimal",
        "The usual epsilon of 1e-8 with gradients near it; in float32 epsilon is rounded, in float64 it may be.",
        ["epsilon-place", "scalar-format", "from-zero"],
        ((3,), (1,)),
        [np.zeros(3), np.zeros(1)],
        [[g * 1e-8 for g in call] for call in wild(30, 3, (3, 1), -1, 1)],
        config=DEFAULTS,
    )
