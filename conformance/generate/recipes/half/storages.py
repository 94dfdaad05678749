"""Which storage it is: inputs on which each stores other numbers after a few steps."""

from collections.abc import Callable
from typing import Any

from ....vectors.spec import Relation
from ..recipe import Numbers, Shapes, normal, wild, zeros
from .table import (
    ALL_EXACT,
    ALL_NATIVE_TOO,
    EIGHT,
    EXACT,
    RATE,
    TWENTY,
    USUAL_NUMBERS,
    WIDE_MOMENTS,
    of_each_half,
    same,
)

# Where rates are small beside parameters, few of the updates reach the last place.
_SMALL = USUAL_NUMBERS | {"learning_rate": RATE / 4}
_FOUR = ((4,),)
# Units in the last place of these are 2, in both formats; an update is less than half of one.
_LARGE = {
    "bfloat16": [[256.0, -300.0, 500.0, -256.0]],
    "float16": [[2048.0, -2400.0, 4000.0, -2048.0]],
}
_LOST = EXACT | {"learning_rate": 9 * RATE}
_SIGNS = [[[1.0, -1.0, 2.0, -0.5]]]
_POWERS = [[[1.0, -1.0, 0.5, -2.0]], [[2.0, 4.0, -0.25, 1.0]], [[-1.0, 0.5, -0.5, 0.25]]]


def _by_dtype(make: Callable[[int], Any], bfloat16: int, float16: int) -> dict[str, Any]:
    """Return numbers for each dtype, by a seed of its own."""
    return {"bfloat16": make(bfloat16), "float16": make(float16)}


def _large(shapes: Shapes) -> Callable[[int], list[Numbers]]:
    return lambda seed: [4 * param for param in normal(seed, shapes)]


STORAGES = (
    *of_each_half(
        "from-zero",
        "From parameters of zero every digit of a step is seen, and so is what moments keep.",
        ["storage-moments", "from-zero"],
        same(zeros(TWENTY)),
        _by_dtype(lambda seed: wild(seed, 6, TWENTY, -2, 1), 18, 7),
        shapes=TWENTY,
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
        codes=ALL_EXACT,
    ),
    *of_each_half(
        "lost-steps",
        "Updates below half a unit in the last place, 300 times in a row: "
        "a rounded parameter never moves, a master does.",
        ["storage-weights", "lost-updates"],
        _LARGE,
        same(_SIGNS),
        shapes=_FOUR,
        config=_LOST,
        axes={},
        cycle=300,
        after=(1, 5, 20, 60, 100, 150, 200, 250, 300),
        codes=WIDE_MOMENTS,
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
        "resume",
        "Saved and restored between steps that are lost in the parameter: "
        "what is kept besides it is saved too.",
        ["storage-weights", "relation-resume"],
        _by_dtype(_large(EIGHT), 1012, 1022),
        _by_dtype(lambda seed: wild(seed, 8, EIGHT, -1, 1), 12, 22),
        config=_SMALL,
        relation=Relation("resume", after=5),
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
        codes=WIDE_MOMENTS,
    ),
)
