"""Cost of an arithmetic: how far its exact results are from those with binary64 scalars."""

from ..vectors.answer import Answer, Axes
from ..vectors.suite import Suite
from ..vectors.vector import Vector

# The arithmetic that rounds every scalar to binary64, the most exact one.
_BEST = "ddddd"


def cost(suite: Suite, axes: Axes, code: str) -> dict[str, float]:
    """Return dtype -> the largest distance of a parameter, in units in the last place."""
    largest: dict[str, float] = {}
    for vector in suite.vectors:
        # Dyadic vectors have one answer for every arithmetic.
        if vector.dyadic or vector.level != "core":
            continue
        answer = _answer(vector, axes, code)
        best = _answer(vector, axes, _BEST)
        if answer and best:
            before = largest.get(vector.dtype, 0.0)
            largest[vector.dtype] = max(before, _distance(answer, best))
    return largest


def _answer(vector: Vector, axes: Axes, code: str) -> Answer | None:
    for answer in vector.answers_for(axes, code):
        if answer.quantity == "params":
            return answer
    return None


def _distance(answer: Answer, best: Answer) -> float:
    """Return the largest distance of exact results, in units in the last place of ``best``."""
    largest = 0.0
    for row, best_row in zip(answer.intervals, best.intervals, strict=True):
        for interval, best_interval in zip(row, best_row, strict=True):
            distances = best_interval.distance(interval)
            largest = max(largest, float(distances.max(initial=0.0)))
    return largest
