"""Stochastic rounding: each stored parameter is a neighbour of the exact one, at random.

A vector about it has the exact change of each step instead of parameters, because the next step
starts from what the subject stored. For example, 300 and a change of -0.5 are 299.5, which lies at
3/4 between the neighbours 298 and 300 in bfloat16: of many equal elements 3/4 must be rounded up.

A right Adam deviates from that share as a fair coin does. Hoeffding's inequality limits it: n
elements are more than d from their share with a probability of at most 2 exp(-2 n d^2).
"""

from collections.abc import Iterator
from math import log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...vectors.answer import Answer
from ...vectors.interval import Floats, Interval
from ...vectors.words import Array
from ..outcomes import Cause
from ..run import Run

# The probability that one count of a right Adam is beyond its limit. A run has less than a
# thousand counts, so that it raises a false alarm with a probability below 1e-9.
FALSE_ALARM = 1e-12
# Of a sum in float32.
_ROUNDOFF = 2.0**-24


class _Neighbours(NamedTuple):
    """The exact results of one array, between the numbers of its format."""

    low: Floats
    high: Floats
    share: Floats


def wrong_rounding(run: Run, answer: Answer) -> Cause | None:
    """Return what no right stochastic rounding returns, or None.

    Args:
        run: with an answer after every call.
        answer: the changes of the parameters in each call.
    """
    before = run.vector.params
    for row, step in enumerate(run.vector.after):
        after = run.snapshots[step].params
        for param, interval in enumerate(answer.intervals[row]):
            for message in _wrong(before[param], after[param], interval):
                return Cause(f"step {step}, parameter {param}: {message}")
        before = list(after)
    return None


def _wrong(before: Array, after: Array, change: Interval) -> Iterator[str]:
    """Yield what is wrong with the rounding of one array in one call."""
    old = before.astype(np.float64)
    new = after.astype(np.float64)
    exact = old + change.exact
    place = _place_of(exact, before.dtype)
    # The sum may be rounded in float32, before it is rounded at random.
    radius = change.radius + _ROUNDOFF * np.abs(exact)
    is_outside = _is_outside(new, exact, radius, before.dtype)
    if is_outside.any():
        index = np.unravel_index(int(np.argmax(is_outside)), new.shape)
        yield (
            f"element {[int(number) for number in index]} must be rounded to "
            f"{place.low[index]:g} or {place.high[index]:g}, the neighbours of "
            f"{exact[index]:.6g}, got {new[index]:g}"
        )
        return
    yield from _wrong_counts(exact, new, place)


def _wrong_counts(exact: Floats, new: Floats, place: _Neighbours) -> Iterator[str]:
    """Yield which count of numbers that were rounded up is no accident."""
    is_open = place.low != place.high
    goes_up = new[is_open] > exact[is_open]
    expected = place.share[is_open]
    # Equal elements first, then all together, which shows a smaller bias.
    numbers, group = np.unique(exact[is_open], return_inverse=True)
    groups = [group == index for index in range(len(numbers))]
    if len(groups) > 1:
        groups.append(np.ones(len(goes_up), bool))
    for chosen in groups:
        count = int(chosen.sum())
        ups = int(goes_up[chosen].sum())
        due = float(expected[chosen].sum())
        limit = count * sqrt(log(2 / FALSE_ALARM) / (2 * count))
        if abs(ups - due) > limit:
            yield (
                f"of {count} elements {ups} were rounded up, where {due:.0f} must be, and no fair "
                f"coin is more than {limit:.0f} off"
            )


def _place_of(exact: Floats, dtype: "np.dtype[np.floating]") -> _Neighbours:
    low = _below(exact, dtype)
    high = -_below(-exact, dtype)
    width = np.where(high > low, high - low, 1.0)
    return _Neighbours(low, high, (exact - low) / width)


def _below(numbers: Floats, dtype: "np.dtype[np.floating]") -> Floats:
    """Return the largest numbers of a format that are not above ``numbers``."""
    nearest = numbers.astype(dtype)
    lower = np.nextafter(nearest, dtype.type(-np.inf)).astype(np.float64)
    wide = nearest.astype(np.float64)
    return np.where(wide > numbers, lower, wide)


def _is_outside(
    new: Floats,
    exact: Floats,
    radius: Floats,
    dtype: "np.dtype[np.floating]",
) -> NDArray[np.bool_]:
    low = _below(exact - radius, dtype)
    high = -_below(-(exact + radius), dtype)
    return ~((low <= new) & (new <= high))
