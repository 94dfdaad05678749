"""Intervals: the permitted numbers around an exact result, and the measure of an error.

For example, a float32 result lies exactly 0.25 units above 1.5, with a bound of 1.5 units. The unit
is the unit in the last place of `lo`, the least permitted number:

    lo      1.5 - 1 unit, because 1.5 - 2 units is more than 1.5 units away
    hi      1.5 + 1 unit
    offset  1.25 units: from lo to the exact result
    bound   1.5 units

A subject that returns 1.5 + 1 unit has an error of 0.75 units, half of the bound: a ratio of 0.5.

A subject may declare that each of its operations errs by up to N roundings, and not by one. Then
N bounds are permitted: 1.5 + 2 units has an error of 1.75 units, and is right within 2 roundings.

An element that need not lie in an interval has another class. For example, after an infinite
gradient the first moment is `nonfinite`: a right Adam may return an infinity or NaN, depending on
the order of its operations.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .words import Array

# From the strictest promise to the end of all promises: an element never gets better.
CLASSES = ("interval", "any", "nonfinite", "nan")
INTERVAL, ANY, NONFINITE, NAN = range(len(CLASSES))
Codes = NDArray[np.int64]


def permits(classes: NDArray[np.str_], got: Array, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for each element of ``got`` whether its class permits it.

    ``inside``: whether it lies in its interval.
    """
    return np.select(
        [classes == "any", classes == "nonfinite", classes == "nan"],
        [np.ones_like(inside), ~np.isfinite(got), np.isnan(got)],
        inside,
    )


Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Interval:
    """The permitted values of one array after one call.

    Attributes:
        lo, hi: the least and the greatest permitted value, both included.
        offset: how far the exact result lies above `lo`, in units in the last place of `lo`.
        bound: the largest error of a right Adam, in the same unit.
        classes: the class of each element, one of `CLASSES`; None if all are intervals.
        roundings: that each operation of the subject errs by; 1 is correct rounding.
    """

    lo: Array
    hi: Array
    # Not the exact result itself: next to a float64 result a float64 has no digits left for it.
    offset: Floats
    bound: Floats
    classes: NDArray[np.str_] | None = None
    roundings: int = 1

    @cached_property
    def unit(self) -> Floats:
        """One unit in the last place of `lo`."""
        return unit_in_last_place(self.lo)

    @cached_property
    def _wide_lo(self) -> Floats:
        return self.lo.astype(np.float64)

    @property
    def exact(self) -> Floats:
        """The exact result, as near as float64 can have it."""
        return self._wide_lo + self.offset * self.unit

    @property
    def limit(self) -> Floats:
        """The largest permitted error, in units in the last place of `lo`."""
        # A bound is the sum of the errors of single operations.
        return self.roundings * self.bound

    @property
    def radius(self) -> Floats:
        """The largest permitted error as a number."""
        return self.limit * self.unit

    @property
    def ends(self) -> tuple[Array, Array]:
        """The least and the greatest permitted value, where an element is an interval."""
        if self.roundings == 1:
            return self.lo, self.hi
        return self._end(-1), self._end(1)

    def is_sound(self) -> bool:
        """Return whether every element that is an interval has one, and a measure of errors."""
        ends = (self.lo <= self.hi) & np.isfinite(self.lo) & np.isfinite(self.hi)
        measure = np.isfinite(self.offset) & np.isfinite(self.bound) & (self.bound >= 0)
        sound = ends & measure
        if self.classes is not None:
            sound |= self.classes != "interval"
        return bool(sound.all())

    def permits(self, got: Array) -> NDArray[np.bool_]:
        """Return for each element whether ``got`` is a permitted value."""
        # Comparing a NaN in bfloat16 warns.
        with np.errstate(all="ignore"):
            inside = (self.lo <= got) & (got <= self.hi)
            if self.roundings > 1:
                inside |= np.abs(self.above(got)) <= self.limit
        if self.classes is None:
            return inside
        return permits(self.classes, got, inside)

    def ulps(self, got: Array) -> Floats:
        """Return the errors in units in the last place; infinite for a NaN.

        Where no interval is permitted, the error is 0 if the class permits the value, and else
        infinite.
        """
        # A subject may return anything; an overflow here is an infinite error.
        with np.errstate(all="ignore"):
            errors = np.abs(self.above(got))
        errors = np.where(np.isnan(errors), np.inf, errors)
        if self.classes is None:
            return errors
        by_class = np.where(self.permits(got), 0.0, np.inf)
        return np.where(self.classes == "interval", errors, by_class)

    def above(self, got: Array) -> Floats:
        """Return how far ``got`` lies above the exact result, in units in the last place."""
        above_lo = (got.astype(np.float64) - self._wide_lo) / self.unit
        return above_lo - self.offset

    def ratio(self, got: Array) -> Floats:
        """Return the errors over the bound, the measure of the whole suite; infinite for a NaN."""
        return self.over_bound(self.ulps(got))

    def over_bound(self, ulps: Floats) -> Floats:
        """Return errors, given in units in the last place, over the largest permitted error."""
        with np.errstate(all="ignore"):
            ratios = ulps / self.limit
        # With a bound of zero only the exact result is right: 0 / 0 is no error at all.
        ratios = np.where(ulps == 0, 0.0, ratios)
        return np.where(np.isnan(ratios), np.inf, ratios)

    def _end(self, sign: int) -> Array:
        """Return the last permitted value below the exact result, or above it."""
        dtype = self.lo.dtype
        with np.errstate(all="ignore"):
            near = (self.exact + sign * self.radius).astype(dtype)
        # Rounding may have taken it one number too far, or not far enough.
        outward = np.nextafter(near, dtype.type(sign * np.inf))
        inward = np.nextafter(near, dtype.type(-sign * np.inf))
        tries = [self.permits(outward), self.permits(near)]
        return np.select(tries, [outward, near], inward).astype(dtype)

    def distance(self, other: "Interval") -> Floats:
        """Return how far the exact result of ``other`` lies from this one, in our units."""
        between_lows = (other._wide_lo - self._wide_lo) / self.unit
        above_other_low = other.offset * other.unit / self.unit
        return np.abs(between_lows + above_other_low - self.offset)


def unit_in_last_place(array: Array) -> Floats:
    """Return the distance from each |element| to the next larger number of its format."""
    return np.spacing(np.abs(array)).astype(np.float64)
