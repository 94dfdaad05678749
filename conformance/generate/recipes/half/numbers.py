"""Numbers that die in half precision: too small, too large, or with too many digits for it."""

from ....vectors.switches import CLIPS, L2_OR_DECOUPLED, TWO_MAXIMA, TWO_PLACES
from ..recipe import DEFAULTS, DYADIC, CallGrads, Recipe, normal, wild, zeros
from .table import ALL_EXACT, DECAY, EIGHT, RATE, USUAL_NUMBERS, WIDE_MOMENTS, of_each_half, same

_ONE = ((1,),)
_THREE = ((3,),)
# The smallest number of float16, and an epsilon below half of it.
_LEAST = 2.0**-24
_TINY_EPSILON = DYADIC | {"epsilon": 2.0**-27}
_LARGE_SQUARES = [[[300.0, -2048.0, 30000.0]], [[-400.0, 256.0, 1000.0]], [[1.0, -60000.0, 0.0]]]
_SMALL_SQUARES = [
    [[2.0**-13, -3 * 2.0**-15, 2.0**-20]],
    [[-(2.0**-14), 2.0**-12, 0.0]],
    [[2.0**-12, 2.0**-16, -(2.0**-18)]],
]
# Norms 85, 1.7 and 170; the squares and their sums are exact.
_NORMS = [
    [[3.0, -4.0, 12.0], [84.0]],
    [[0.5, 0.5, -0.5], [-1.5]],
    [[-8.0, 6.0, 24.0], [-168.0]],
]
_THREE_AND_ONE = ((3,), (1,))
# Norms 257, 1.7 and 514, of which bfloat16 has none, and 8500, 1300 and 2600, whose squares
# overflow in float16.
_HARD_NORMS = {
    "bfloat16": [
        [[32.0, 0.0, 0.0], [-255.0]],
        [[0.5, 0.5, -0.5], [-1.5]],
        [[0.0, -64.0, 0.0], [510.0]],
    ],
    "float16": [
        [[300.0, -400.0, 1200.0], [8400.0]],
        [[-300.0, 1200.0, 400.0], [0.0]],
        [[600.0, 800.0, -2400.0], [0.0]],
    ],
}
# Those that libraries have which train in half precision.
_DECAYS = L2_OR_DECOUPLED | {"decay_when": ["before", "after"]}
# Gradients end after the first call, so that only decay moves parameters.
_DECAYING = USUAL_NUMBERS | {"learning_rate": 16 * RATE, "weight_decay": 2 * DECAY}


def _of_counts(dtype: str, steps: int, why: str) -> list[Recipe]:
    """Return a recipe of so many equal steps, after which the parameter is near zero."""
    config = DEFAULTS | {"beta2": 1 - 1 / (2 * steps)}
    return of_each_half(
        "count",
        why,
        ["half-count"],
        {dtype: [[steps * config["learning_rate"]]]},
        {dtype: [[[1.0]]]},
        shapes=_ONE,
        config=config,
        axes={},
        cycle=steps,
        after=(1, steps),
        codes={dtype: WIDE_MOMENTS[dtype][1:2]},
    )


def _ending(seed: int) -> list[CallGrads]:
    """Return gradients of a call, and none in the five that follow."""
    return [*wild(seed, 1, EIGHT, -1, 1), *([zeros(EIGHT)] * 5)]


DYING_NUMBERS = (
    *of_each_half(
        "epsilon",
        "Gradients of zero, and the least of float16, with an epsilon that float16 has not: "
        "if it becomes 0 there, 0 / 0 is NaN.",
        ["half-epsilon", "zero-gradient"],
        same(zeros(_THREE)),
        same([[[0.0, _LEAST, -3 * _LEAST]], [[_LEAST, 0.0, 1.0]], [[0.0, -_LEAST, _LEAST]]]),
        shapes=_THREE,
        config=_TINY_EPSILON,
        codes=ALL_EXACT,
    ),
    *of_each_half(
        "default-betas",
        "beta2 = 0.999 is 1 in bfloat16, and 1 - beta2 has few digits in float16: "
        "v would never fill.",
        ["half-betas", "from-zero"],
        same(zeros(_THREE)),
        {"bfloat16": wild(0, 4, _THREE, -2, 1), "float16": wild(15, 4, _THREE, -2, 1)},
        shapes=_THREE,
        config=DEFAULTS,
        axes={},
        codes=ALL_EXACT,
    ),
    *_of_counts("bfloat16", 320, "320 steps, where t stops at 256 if it is kept in bfloat16."),
    *_of_counts("float16", 2148, "2148 steps, where t stops at 2048 if it is kept in float16."),
    *of_each_half(
        "large-squares",
        "Gradients whose squares overflow in float16: they are widened before they are squared.",
        ["half-squares"],
        same(zeros(_THREE)),
        same(_LARGE_SQUARES),
        shapes=_THREE,
        codes=WIDE_MOMENTS,
    ),
    *of_each_half(
        "small-squares",
        "Gradients whose squares vanish in float16: they are widened before they are squared.",
        ["half-squares", "from-zero"],
        same(zeros(_THREE)),
        same(_SMALL_SQUARES),
        shapes=_THREE,
        config=_TINY_EPSILON,
        codes=ALL_EXACT,
    ),
    *of_each_half(
        "decay",
        "A decay and a rate with more digits than half precision has.",
        ["half-hyperparameters", "decay-kind"],
        {"bfloat16": normal(1001, EIGHT), "float16": normal(1016, EIGHT)},
        {"bfloat16": wild(1, 6, EIGHT, -1, 1), "float16": wild(16, 6, EIGHT, -1, 1)},
        config=USUAL_NUMBERS | {"weight_decay": DECAY},
        axes=_DECAYS,
        after=(1, 3, 6),
        codes=WIDE_MOMENTS,
    ),
    *of_each_half(
        "clip",
        "Gradients that are clipped by their norm: what is left of them has more digits "
        "than half precision.",
        ["half-clip", "clip-kind"],
        same(zeros(_THREE_AND_ONE)),
        same(_NORMS),
        shapes=_THREE_AND_ONE,
        config=USUAL_NUMBERS | {"global_clipnorm": 5.0},
        axes=TWO_PLACES | CLIPS,
        codes=WIDE_MOMENTS,
    ),
    *of_each_half(
        "decay-only",
        "Weights that only decay: what a parameter lost by rounding decays too.",
        ["half-hyperparameters", "decay-kind"],
        {"bfloat16": normal(600, EIGHT), "float16": normal(601, EIGHT)},
        {"bfloat16": _ending(602), "float16": _ending(603)},
        config=_DECAYING,
        axes=_DECAYS,
        after=(1, 3, 6),
        codes=WIDE_MOMENTS,
    ),
    *of_each_half(
        "clip-hard-norms",
        "Norms that half precision has not, or whose squares overflow in it.",
        ["half-clip", "clip-kind"],
        same(zeros(_THREE_AND_ONE)),
        _HARD_NORMS,
        shapes=_THREE_AND_ONE,
        config=USUAL_NUMBERS | {"global_clipnorm": 5.0},
        axes=TWO_PLACES | CLIPS,
        codes=WIDE_MOMENTS,
    ),
    *of_each_half(
        "amsgrad",
        "The maximum of AMSGrad is kept in the format of v.",
        ["storage-moments", "amsgrad-memory"],
        same(zeros(_THREE)),
        same(wild(534, 5, _THREE, -1, 1)),
        shapes=_THREE,
        config=USUAL_NUMBERS | {"amsgrad": True},
        axes=TWO_PLACES | TWO_MAXIMA,
        after=(1, 3, 5),
        codes=ALL_EXACT,
    ),
)
