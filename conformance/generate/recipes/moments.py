"""The algorithm itself: moments, bias correction, epsilon."""

import numpy as np
from numpy.typing import NDArray

from ...vectors.switches import PLACES, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, PAIR, Load, Recipe, normal, scale, wild, zeros

_BASIC = ((5,), (2, 2), (1,))
_FOUR_AND_THREE = ((4,), (3,))

# The algorithm as such.
BASIC = (
    Recipe(
        name="basic.mixed",
        why="Gradients of mixed size and sign on three parameters: "
        "a wrong square, power or sign shows at once.",
        flags=["mixed-magnitudes", "several-parameters"],
        shapes=_BASIC,
        params=normal(1, _BASIC),
        grads=[
            # From 0 to 50 in one parameter, all in the first step.
            [[0.3, -2.0, 1e-3, 50.0, 0.0], *wild(2, 1, _BASIC[1:])[0]],
            *wild(3, 4, _BASIC),
        ],
        axes=PLACES,
        config=DYADIC,
    ),
    Recipe(
        name="basic.from-zero",
        why="Parameters start at zero, "
        "so that the step is not hidden below the parameter's own rounding.",
        flags=["from-zero", "mixed-magnitudes"],
        shapes=_FOUR_AND_THREE,
        params=zeros(_FOUR_AND_THREE),
        grads=wild(5, 4, _FOUR_AND_THREE),
        axes=PLACES,
        config=DYADIC,
    ),
    Recipe(
        name="basic.spike-then-silence",
        why="One large gradient and then none: the moments must decay, and m faster than v.",
        flags=["spike", "zero-gradient"],
        shapes=PAIR,
        params=normal(6, PAIR),
        grads=[
            [[100.0, -0.5, 3.0], [8.0, -0.25]],
            *[zeros(PAIR)] * 4,
            [[1e-3, 0.0, -4.0], [0.0, 2.0]],
        ],
        axes=TWO_PLACES,
        config=DYADIC,
    ),
    Recipe(
        name="basic.learning-rate-changes",
        why="A learning rate that changes scales that step alone; "
        "a step that was traced once does not follow.",
        flags=["schedule"],
        shapes=PAIR,
        params=normal(7, PAIR),
        grads=wild(8, 5, PAIR),
        axes=TWO_PLACES,
        config=DYADIC,
        # Twice the same in the middle: an Adam that notices changes only must keep it.
        rates=(2.0**-6, 2.0**-4, 2.0**-9, 2.0**-9, 2.0**-2),
    ),
    Recipe(
        name="basic.loaded-state",
        why="From moments and a t that are not zero: what is loaded must be used, all of it.",
        flags=["loaded-state"],
        shapes=PAIR,
        params=normal(9, PAIR),
        grads=wild(10, 3, PAIR),
        axes=PLACES,
        config=DYADIC,
        # Numbers that four steps could leave.
        load=Load(
            t=[4, 4],
            m=[[0.5, -3.0, 1e-3], [0.25, -8.0]],
            v=[[0.75, 20.0, 1e-4], [7.0, 66.0]],
        ),
    ),
    Recipe(
        name="basic.defaults",
        why="The numbers that everybody leaves as they are.",
        flags=["defaults", "scalar-format"],
        shapes=PAIR,
        params=normal(11, PAIR),
        grads=wild(12, 4, PAIR),
        axes=PLACES,
        config=DEFAULTS,
    ),
)

_THREE_AND_ONE = ((3,), (1,))
_FOUR = ((1,), (2,), (1,), (2,))
_SINGLE = ((2,), (1,))


def _positive(call: list[NDArray[np.float64]], least: float) -> list[NDArray[np.float64]]:
    """Return gradients of one sign that are nowhere zero."""
    return [np.abs(grad) + least for grad in call]


# The exponent t, the counter, and which moments are corrected.
BIAS = (
    Recipe(
        name="bias.twelve-steps",
        why="Twelve steps of one sign: "
        "an exponent, a counter or a correction that is off leaves a trail.",
        flags=["bias-power"],
        shapes=_THREE_AND_ONE,
        params=normal(13, _THREE_AND_ONE),
        # One sign, so that the mistakes of single steps add up.
        grads=[_positive(call, 0.125) for call in wild(14, 12, _THREE_AND_ONE, -2, 1)],
        axes=TWO_PLACES | {"bias_correction": ["both", "none", "first", "second"]},
        config=DYADIC,
        # The early steps, where corrections are large, and the last.
        after=(1, 2, 3, 6, 12),
    ),
    Recipe(
        name="bias.four-parameters",
        why="Four parameters in one step share one t; "
        "a counter inside the loop over parameters does not.",
        flags=["several-parameters", "bias-power"],
        shapes=_FOUR,
        params=normal(15, _FOUR),
        grads=wild(16, 4, _FOUR),
        axes=PLACES,
        config=DYADIC,
    ),
    Recipe(
        name="bias.betas-exchanged",
        why="beta1 above beta2: each must be used where it belongs.",
        flags=["betas"],
        shapes=PAIR,
        params=normal(17, PAIR),
        grads=wild(18, 5, PAIR),
        axes=PLACES,
        # Exchanged, and still dyadic.
        config=DYADIC | {"beta1": 0.75, "beta2": 0.5},
    ),
    Recipe(
        name="bias.beta1-zero",
        why="Without a first moment m is the gradient itself; a lerp may lose it.",
        flags=["betas"],
        shapes=PAIR,
        params=normal(19, PAIR),
        # A lerp adds the difference of gradient and moment to the moment, and loses digits where
        # one of them is large.
        grads=[[[1e4, -3.0, 0.5], [1e3, 2.0]], *wild(20, 3, PAIR)],
        axes=TWO_PLACES,
        config=DYADIC | {"beta1": 0.0},
    ),
    Recipe(
        name="bias.beta2-zero",
        why="Without a second moment v is the square of the gradient itself.",
        flags=["betas"],
        shapes=PAIR,
        params=normal(140, PAIR),
        grads=wild(141, 4, PAIR, -2, 1),
        axes=TWO_PLACES,
        config=DYADIC | {"beta2": 0.0},
    ),
    Recipe(
        name="bias.decimal",
        why="The usual betas: 1 - beta2^t is 0.001 at first, "
        "and every unit in the last place of it counts a thousandfold.",
        flags=["bias-power", "scalar-format"],
        shapes=_SINGLE,
        params=normal(21, _SINGLE),
        grads=wild(22, 6, _SINGLE, -1, 1),
        axes=TWO_PLACES,
        config=DEFAULTS,
        after=(1, 2, 3, 6),
    ),
)

_FIVE_AND_TWO = ((5,), (2,))

# Hat, outside, inside, both: they differ where gradients are as small as epsilon.
EPSILON = (
    Recipe(
        name="epsilon.as-small",
        why="Gradients as small as epsilon: "
        "hat and outside differ 2-fold at once; under the root nothing moves.",
        flags=["epsilon-place"],
        shapes=_FIVE_AND_TWO,
        params=normal(23, _FIVE_AND_TWO),
        # Around epsilon; a power of two keeps their digits.
        grads=scale(wild(24, 4, _FIVE_AND_TWO, -1, 1), 2.0**-27),
        axes=PLACES,
        config=DYADIC | {"epsilon": 2.0**-27},
    ),
    Recipe(
        name="epsilon.dominates",
        why="Epsilon far above the root of v: "
        "a step that ignores it, subtracts it or places it elsewhere is far off.",
        flags=["epsilon-place"],
        shapes=_FIVE_AND_TWO,
        params=normal(25, _FIVE_AND_TWO),
        # At most about 1, and epsilon is 4.
        grads=wild(26, 4, _FIVE_AND_TWO, -2, 0),
        axes=PLACES,
        config=DYADIC | {"epsilon": 4.0, "learning_rate": 0.5},
    ),
    Recipe(
        name="epsilon.below",
        why="Gradients a thousand times below epsilon: "
        "the step shrinks with them and does not vanish.",
        flags=["epsilon-place", "from-zero"],
        shapes=PAIR,
        params=zeros(PAIR),
        # 2^-10 of epsilon.
        grads=scale(wild(27, 4, PAIR, -1, 1), 2.0**-34),
        axes=PLACES,
        config=DYADIC | {"epsilon": 2.0**-24},
    ),
    Recipe(
        name="epsilon.root",
        why="A second epsilon under the root beside the one outside, as optax has it.",
        flags=["epsilon-root"],
        shapes=PAIR,
        params=normal(28, PAIR),
        grads=wild(29, 4, PAIR, -3, 0),
        # Only a convention with two places has a second epsilon.
        axes={"epsilon": ["both"]},
        config=DYADIC | {"epsilon_root": 2.0**-8},
    ),
    Recipe(
        name="epsilon.zero",
        why="An epsilon of 0 with gradients near 1e-7: "
        "used as it is, or taken for one that was left out.",
        flags=["epsilon-zero", "scalar-format", "from-zero"],
        shapes=_THREE_AND_ONE,
        params=zeros(_THREE_AND_ONE),
        # Nowhere zero, because 0 / 0 has no answer.
        grads=[_positive(call, 1e-8) for call in scale(wild(142, 3, _THREE_AND_ONE, -1, 1), 1e-7)],
        axes=TWO_PLACES | {"epsilon_zero": ["as_given", "default"]},
        config=DEFAULTS | {"epsilon": 0.0},
    ),
    Recipe(
        name="epsilon.decimal",
        why="The usual epsilon of 1e-8 with gradients near it; "
        "in float32 epsilon is rounded, in float64 it may be.",
        flags=["epsilon-place", "scalar-format", "from-zero"],
        shapes=_THREE_AND_ONE,
        params=zeros(_THREE_AND_ONE),
        grads=scale(wild(30, 3, _THREE_AND_ONE, -1, 1), 1e-8),
        axes=PLACES,
        config=DEFAULTS,
    ),
)
