"""What an arithmetic costs: how far its exact results are from those with every scalar in binary64."""

from ..vectors.answer import Answer, Axes
from ..vectors.suite import Suite
from ..vectors.vector import Vector

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
    found = vector.answers_for(axes, code)
    return next((answer for answer in found if answer.quantity == "params"), None)


def _distance(answer: Answer, best: Answer) -> float:
    """Return the largest distance of exact results, in units in the last place of ``best``."""
    largest = 0.0
    for row, best_row in zip(answer.intervals, best.intervals, strict=True):
        for interval, best_interval in zip(row, best_row, strict=True):
            distances = best_interval.distance(interval)
            largest = max(largest, float(distances.max(initial=0.0)))
    return largest
