"""Intervals: the numbers of a format that lie within a radius of an exact result.

For example, the exact result 0.1 with a radius of 8e-9 permits two numbers of binary32, because
the next ones lie 7.5e-9 apart: 0.1 rounded, and its neighbour below.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..vectors.interval import CLASSES, INTERVAL, Codes, Interval, unit_in_last_place
from ..vectors.words import Array


class Cell(NamedTuple):
    """The answer for one array after one call, an entry an element; equal cells are one answer.

    Attributes:
        lo, hi: the least number >= exact - bound and the greatest <= exact + bound.
        offset, bound: the exact result above lo, and the bound, in units in the last place of lo.
        classes: which elements are intervals at all; the numbers of the others are zeros.
    """

    lo: tuple[float, ...]
    hi: tuple[float, ...]
    offset: tuple[float, ...]
    bound: tuple[float, ...]
    classes: tuple[int, ...]

    def interval(self, dtype: str) -> Interval:
        """Return the answer in flat arrays, as a subject's numbers are compared with it."""
        classes = None
        if any(code != INTERVAL for code in self.classes):
            classes = np.array([CLASSES[code] for code in self.classes])
        return Interval(
            lo=np.array(self.lo, dtype),
            hi=np.array(self.hi, dtype),
            offset=np.array(self.offset, np.float64),
            bound=np.array(self.bound, np.float64),
            classes=classes,
        )


class _Element(NamedTuple):
    lo: float
    hi: float
    offset: float
    bound: float


_NO_INTERVAL = _Element(0.0, 0.0, 0.0, 0.0)


def interval_cell(
    exact: Sequence[Decimal],
    radius: Array,
    classes: Codes,
    dtype: str,
) -> Cell:
    """Return the answer for one array, flat in C order.

    Raises:
        ValueError: the bound of an interval is infinite or NaN, so the input tells nothing there.
    """
    if not np.isfinite(radius[classes == INTERVAL]).all():
        raise ValueError(f"a bound must be finite, got {radius}")
    elements = []
    for value, half_width, code in zip(exact, radius, classes, strict=True):
        element = _NO_INTERVAL
        if code == INTERVAL:
            element = _interval(value, float(half_width), dtype)
        elements.append(element)
    return Cell(
        lo=tuple(element.lo for element in elements),
        hi=tuple(element.hi for element in elements),
        offset=tuple(element.offset for element in elements),
        bound=tuple(element.bound for element in elements),
        classes=tuple(int(code) for code in classes),
    )


# Neighbouring points of the axes differ in few of their elements.
@lru_cache(maxsize=1 << 16)
@np.errstate(over="ignore")
def _interval(value: Decimal, half_width: float, dtype: str) -> _Element:
    number = np.dtype(dtype).type
    exact = Fraction(value)
    radius = Fraction(half_width)
    least = exact - radius
    greatest = exact + radius
    # Converting a fraction rounds twice, to binary64 and to the format, so the nearest number
    # may lie on the wrong side of the limit, or not be the last one on the right side.
    low = number(float(least))
    high = number(float(greatest))
    # First inwards, until both are permitted ...
    while Fraction(float(low)) < least:
        low = np.nextafter(low, number(np.inf))
    while Fraction(float(high)) > greatest:
        high = np.nextafter(high, number(-np.inf))
    # ... then outwards, as long as the next number is permitted as well.
    while Fraction(float(below := np.nextafter(low, number(-np.inf)))) >= least:
        low = below
    while Fraction(float(above := np.nextafter(high, number(np.inf)))) <= greatest:
        high = above
    # Distances are counted from low, in the unit that a judge can compute again.
    unit = Fraction(float(unit_in_last_place(low)))
    offset = _six_digits((exact - Fraction(float(low))) / unit)
    return _Element(float(low), float(high), offset, _six_digits(radius / unit))


def _six_digits(number: Fraction) -> float:
    # As many digits as a vector file has: an answer is the same from a file and on demand.
    return float(f"{float(number):.6g}")
