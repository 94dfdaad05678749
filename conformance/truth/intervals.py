"""Intervals: the numbers of a format that lie within a radius of an exact result."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ..vectors.classes import CLASSES, INTERVAL, Codes
from ..vectors.words import Array, encode


class Cell(NamedTuple):
    """The answer for one array after one step, each field one text with a part an element.

    Fields:
        lo, hi: words of the least number >= exact - bound and the greatest <= exact + bound.
        offset, bound: the exact result above lo, and the bound, in units in the last place of lo.
        classes: which elements are intervals at all; the others are zeros.
    """

    lo: str
    hi: str
    offset: str
    bound: str
    classes: str


def cell(exact: Sequence[Decimal], radius: Array, classes: Codes, dtype: str) -> Cell:
    """The answer for one array, flat in C order.

    Raises:
        ValueError: the bound of an interval is infinite or not a number: the input tells nothing there.
    """
    kind = np.dtype(dtype).type
    if not np.isfinite(radius[classes == INTERVAL]).all():
        raise ValueError(f"a bound must be finite, got {radius}")
    rows = [
        _interval(x, Fraction(float(r)), kind) if code == INTERVAL else (kind(0), kind(0), "0", "0")
        for x, r, code in zip(exact, radius, classes, strict=True)
    ]
    lows, highs = (np.array([row[at] for row in rows], dtype) for at in (0, 1))
    offsets, bounds = (" ".join(row[at] for row in rows) for at in (2, 3))
    return Cell(
        encode(lows), encode(highs), offsets, bounds, " ".join(CLASSES[code] for code in classes)
    )


@np.errstate(over="ignore")
def _interval(exact: Decimal, radius: Fraction, kind: Any) -> tuple[Any, Any, str, str]:
    value = Fraction(exact)
    low, high = kind(float(value - radius)), kind(float(value + radius))
    while Fraction(float(low)) < value - radius:
        low = np.nextafter(low, kind(np.inf))
    while Fraction(float(high)) > value + radius:
        high = np.nextafter(high, kind(-np.inf))
    while Fraction(float(before := np.nextafter(low, kind(-np.inf)))) >= value - radius:
        low = before
    while Fraction(float(after := np.nextafter(high, kind(np.inf)))) <= value + radius:
        high = after
    unit = Fraction(float(np.spacing(np.abs(low))))
    offset = float((value - Fraction(float(low))) / unit)
    return low, high, f"{offset:.6g}", f"{float(radius / unit):.6g}"
