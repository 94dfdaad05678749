"""Which storage it is: inputs on which each stores other numbers after a few steps."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ....vectors.spec import Relation
from ....vectors.storage import ALL_NATIVE
from ..recipe import DYADIC, Numbers, Shapes, normal, wild, zeros
from .table import (
    ALL_EXACT,
    ALL_NATIVE_TOO,
    EIGHT,
    EXACT,
    RATE,
    STOCHASTIC_TOO,
    TWENTY,
    USUAL_NUMBERS,
    WIDE_MOMENTS,
    of_each_half,
    same,
)

# Where rates are small beside parameters, few of the updates reach the last place.
_SMALL = USUAL_NUMBERS | {"learning_rate": RATE / 4}
_FOUR = ((4,),)
_ONE = ((1,),)
_TWO = ((2,),)
# Units in the last place of these are 2, in both formats; an update is less than half of one.
_LARGE = {
    "bfloat16": [[256.0, -300.0]],
    "float16": [[2048.0, -2400.0]],
}
_LOST = EXACT | {"learning_rate": RATE}
# Of a compensation between 0.5 and 1 the unit in the last place is 0.0039.
_STUCK_RATE = float(np.float32(0.0019))
_SIGNS = [[[1.0, -0.5]]]
_POWERS = [[[1.0, -1.0, 0.5, -2.0]], [[2.0, 4.0, -0.25, 1.0]], [[-1.0, 0.5, -0.5, 0.25]]]


# Units in the last place are 2, and a step is 1; half of these are even in the last place.
_TIES = {
    "bfloat16": [[256.0, 258.0, -260.0, -262.0]],
    "float16": [[2048.0, 2050.0, -2052.0, -2054.0]],
}
# Eight parameters, with units in the last place of 2 and of 1.
_BASES = {
    "bfloat16": [300.0, -300.0, 256.0, 400.0, -200.0, 150.0, 255.0, -129.0],
    "float16": [2400.0, -2400.0, 2048.0, 4000.0, -1500.0, 1200.0, 2047.0, -1025.0],
}
# From call to call each lies elsewhere between two numbers.
_RANDOM = [
    [[0.127, -0.51, 1.03, 3.1, -0.257, 0.061, 0.77, -1.49]],
    [[1.07, 0.253, -2.1, 0.497, 0.13, -1.02, -0.247, 0.75]],
    [[-0.53, 1.51, 0.121, -0.127, 1.01, 0.519, 2.05, -0.063]],
]


def _by_dtype(make: Callable[[int], Any], bfloat16: int, float16: int) -> dict[str, Any]:
    """Return numbers for each dtype, by a seed of its own."""
    return {"bfloat16": make(bfloat16), "float16": make(float16)}


def _large(shapes: Shapes) -> Callable[[int], list[Numbers]]:
    return lambda seed: [4 * param for param in normal(seed, shapes)]


def _keeps_rest(code: str) -> bool:
    return "master" in code or "compensated" in code


STORAGES = (
    *of_each_half(
        "from-zero",
        "From parameters of zero every digit of a step is seen, and so is what moments keep.",
        ["storage-moments", "from-zero"],
        same(zeros(TWENTY)),
        _by_dtype(lambda seed: wild(seed, 6, TWENTY, -2, 1), 18, 7),
        shapes=TWENTY,
        after=(1, 2, 6),
        codes=ALL_EXACT,
    ),
    *of_each_half(
        "small-steps",
        "Steps of a few units in the last place: what rounding loses of each adds up.",
        ["storage-weights"],
        _by_dtype(_large(TWENTY), 1022, 1000),
        _by_dtype(lambda seed: wild(seed, 12, TWENTY, -1, 1), 22, 0),
        shapes=TWENTY,
        config=_SMALL,
        after=(1, 2, 8, 12),
        codes=ALL_EXACT,
    ),
    *of_each_half(
        "lost-steps",
        "Updates of less than a hundredth of a unit in the last place, 300 times in a row: "
        "a rounded parameter never moves, a master does.",
        ["storage-weights", "lost-updates"],
        _LARGE,
        same(_SIGNS),
        shapes=_TWO,
        config=_LOST,
        axes={},
        cycle=300,
        after=(1, 40, 80, 81, 160, 240, 300),
        codes=WIDE_MOMENTS,
    ),
    *of_each_half(
        "stuck",
        "Updates below half a unit in the last place of what rounding lost: "
        "a compensation stops growing, a master does not.",
        ["storage-weights", "lost-updates"],
        {"bfloat16": [[256.0]]},
        {"bfloat16": [[[-1.0]]]},
        shapes=_ONE,
        config=EXACT | {"learning_rate": _STUCK_RATE},
        axes={},
        cycle=560,
        after=(1, 100, 560),
        codes={"bfloat16": [code for code in ALL_EXACT["bfloat16"] if _keeps_rest(code)]},
    ),
    *of_each_half(
        "exact-steps",
        "Numbers of which every operation is exact: the only rounding is that of the parameter, "
        "also where each operation is rounded to its format.",
        ["storage-operations", "lost-updates"],
        {"bfloat16": [[32.0, -3.0, 0.5, 100.0]], "float16": [[256.0, -24.0, 4.0, 800.0]]},
        same(_POWERS),
        shapes=_FOUR,
        config=EXACT,
        axes={},
        cycle=30,
        after=(1, 2, 3, 10, 30),
        codes=ALL_NATIVE_TOO,
    ),
    *of_each_half(
        "first-step",
        "The first step where every operation is rounded to bfloat16: "
        "later ones are less exact than what they should tell apart.",
        ["storage-operations", "from-zero"],
        {"bfloat16": zeros(EIGHT)},
        {"bfloat16": wild(540, 1, EIGHT, -3, 1)},
        codes={"bfloat16": [ALL_NATIVE]},
        config=DYADIC,
    ),
    *of_each_half(
        "ties",
        "Weights that lie in the middle between two numbers: they are rounded to the even one.",
        ["storage-operations", "lost-updates"],
        _TIES,
        same(_POWERS),
        shapes=_FOUR,
        config=EXACT | {"learning_rate": 1.0},
        axes={},
        codes={
            dtype: [*WIDE_MOMENTS[dtype], *ALL_NATIVE_TOO[dtype]]
            # Also where each operation is rounded, because all are exact.
            for dtype in WIDE_MOMENTS
        },
    ),
    *of_each_half(
        "random",
        "Many equal parameters that are rounded at random: up as often as they lie high "
        "between two numbers.",
        ["storage-random"],
        {"bfloat16": [_BASES["bfloat16"]], "float16": [_BASES["float16"]]},
        same(_RANDOM),
        shapes=((262144,),),
        tile=8,
        config=DYADIC | {"learning_rate": 1.0, "epsilon": 1.0},
        axes={"epsilon": ["outside"]},
        codes=STOCHASTIC_TOO,
    ),
    *of_each_half(
        "resume",
        "Saved and restored between steps that are lost in the parameter: "
        "what is kept besides it is saved too.",
        ["storage-weights", "relation-resume"],
        _by_dtype(_large(EIGHT), 1012, 1022),
        _by_dtype(lambda seed: wild(seed, 8, EIGHT, -1, 1), 12, 22),
        config=_SMALL,
        relation=Relation("resume", after=5),
        after=(3, 5, 6, 8),
        codes=ALL_EXACT,
    ),
    *of_each_half(
        "resume-used",
        "Restored in an optimizer that has taken other steps: "
        "what it kept besides its parameters is replaced.",
        ["storage-weights", "relation-resume"],
        _by_dtype(_large(EIGHT), 510, 511),
        _by_dtype(lambda seed: wild(seed, 6, EIGHT, -1, 1), 512, 513),
        config=_SMALL,
        relation=Relation("resume", after=4, used=True),
        after=(2, 4, 5, 6),
        codes=WIDE_MOMENTS,
    ),
)
