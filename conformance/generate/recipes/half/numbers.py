"""Numbers that die in half precision: too small, too large, or with too many digits for it."""

from ....vectors.switches import CLIPS, KINDS, TWO_MAXIMA, TWO_PLACES
from ..recipe import DEFAULTS, DYADIC, normal, wild, zeros
from .table import ALL_EXACT, DECAY, EIGHT, USUAL_NUMBERS, WIDE_MOMENTS, of_each_half, same

_PAIR = ((2,),)
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
# Norms 85, 2 and 170; the squares and their sums are exact.
_NORMS = [
    [[3.0, -4.0, 12.0], [84.0]],
    [[0.5, 0.5, -0.5], [-1.5]],
    [[-8.0, 6.0, 24.0], [-168.0]],
]
_THREE_AND_ONE = ((3,), (1,))

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
    *of_each_half(
        "count",
        "270 steps, where t stops at 256 if it is kept in bfloat16.",
        ["half-count", "bias-exponent"],
        same(zeros(_PAIR)),
        same([[[1.0, -0.375]]]),
        shapes=_PAIR,
        config=DEFAULTS | {"beta2": 0.998046875},
        axes={},
        cycle=270,
        after=(1, 270),
        codes={"bfloat16": WIDE_MOMENTS["bfloat16"][1:2]},
    ),
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
        axes=KINDS,
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
        "amsgrad",
        "The maximum of AMSGrad is kept in the format of v.",
        ["storage-moments", "amsgrad-memory"],
        same(zeros(_THREE)),
        same(wild(534, 5, _THREE, -1, 1)),
        shapes=_THREE,
        config=USUAL_NUMBERS | {"amsgrad": True},
        axes=TWO_PLACES | TWO_MAXIMA,
        codes=ALL_EXACT,
    ),
)
