"""Signed errors: whether the errors of a subject go one way.

The bound is the largest error in any order of operations, so a single order leaves room in it. A
mistake of a few units in the last place fits into this room, and no element shows it. But errors of
rounding go both ways, and their mean over many elements is near 0. The mean of a mistake is not.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ..process.floating_point import own_floating_point
from ..trial.comparison import EQUATIONS, Comparison
from ..trial.outcomes import Status
from ..trial.run import Run
from ..vectors.answer import Answer, Axes
from ..vectors.interval import Floats
from ..vectors.words import Array

# The dtype of a vector, and what was compared: `params` or a slot.
Means = Mapping[tuple[str, str], float]


@own_floating_point()
def mean_signed_errors(
    runs: Sequence[Run], comparisons: Sequence[Comparison], axes: Axes, code: str
) -> Means:
    """Return the mean of error over bound, in the vectors that passed.

    An error is positive in the direction of the exact result: of a parameter from where it started,
    of a moment from zero. So a step that is too large has a positive error, whatever its sign.
    """
    passed = {one.vector.id for one in comparisons if one.status is Status.PASSED}
    found: dict[tuple[str, str], list[Floats]] = {}
    for run in runs:
        vector = run.vector
        # Arrays that repeat their elements would outweigh all others.
        if vector.id not in passed or vector.spec.tile is not None:
            continue
        for answer in run.answers_for(axes, code):
            if answer.quantity in EQUATIONS:
                errors = found.setdefault((vector.dtype, answer.quantity), [])
                errors += _signed_errors(run, answer)
    means = {}
    for key, errors in found.items():
        together = np.concatenate(errors) if errors else np.zeros(0)
        if together.size:
            means[key] = float(together.mean())
    return means


def _signed_errors(run: Run, answer: Answer) -> list[Floats]:
    """Return the errors over the bound, with signs, of each array that has an exact direction."""
    signed: list[Floats] = []
    for row, step in zip(answer.intervals, run.vector.after, strict=True):
        # A call that raised, as it must, has none.
        if step not in run.snapshots:
            continue
        snapshot = run.snapshots[step]
        shown: Sequence[Array | None] = snapshot.params
        if answer.quantity != "params":
            shown = snapshot.slots.get(answer.quantity, [])
        # Slots that the subject does not show have no arrays at all.
        for number, (array, interval) in enumerate(zip(shown, row, strict=False)):
            if array is None:
                continue
            start: Array | float = 0.0
            if answer.quantity == "params":
                start = run.vector.params[number].astype(np.float64)
            direction = np.sign(interval.exact - start)
            tells = (direction != 0) & (interval.bound > 0)
            if interval.classes is not None:
                tells &= interval.classes == "interval"
            # Where nothing is told the numbers may be NaN.
            with np.errstate(all="ignore"):
                ratios = direction * interval.above(array) / interval.limit
            signed.append(ratios[tells])
    return signed
