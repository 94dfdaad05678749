"""What an arithmetic costs: how far its exact results are from those with every scalar in binary64."""

import numpy as np

from ..vectors.suite import Suite
from ..vectors.vector import Answer, Axes, Vector, answers_under

# Nothing is rounded to less than binary64.
_BEST = "ddddd"


def cost(suite: Suite, axes: Axes, code: str) -> dict[str, float]:
    """The largest distance of a parameter, in units in the last place, over the vectors of a dtype; dtype -> ulps."""
    worst: dict[str, float] = {}
    for vector in suite.vectors:
        if vector.dyadic or vector.level != "core":
            continue
        here, best = (_answer(vector, axes, one) for one in (code, _BEST))
        if here and best:
            worst[vector.dtype] = max(worst.get(vector.dtype, 0.0), _distance(here, best))
    return worst


def _answer(vector: Vector, axes: Axes, code: str) -> Answer | None:
    found = answers_under(vector, axes, code)
    return next((answer for answer in found if answer.of == "params"), None)


def _distance(one: Answer, other: Answer) -> float:
    """Between two exact results, in units in the last place of the second."""
    largest = 0.0
    for row in range(len(one.lo)):
        for lo, offset, base, at in zip(
            one.lo[row], one.offset[row], other.lo[row], other.offset[row], strict=True
        ):
            unit, own = (np.spacing(np.abs(x)).astype(np.float64) for x in (base, lo))
            apart = (
                (lo.astype(np.float64) - base.astype(np.float64)) / unit + offset * own / unit - at
            )
            largest = max(largest, float(np.abs(apart).max(initial=0.0)))
    return largest
