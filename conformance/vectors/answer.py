"""Answers: the numbers that a right Adam may return, as intervals around exact results.

For example, a parameter of float32 whose exact result lies 0.25 units above 1.0, with a bound of
1.5 units, has `lo` 1.0 - 1 unit, `hi` 1.0 + 1 unit, `offset` 1.25 and `bound` 1.5. The unit is
the unit in the last place of `lo`. A subject that returns 1.0 + 1 unit has an error of 0.75
units, which is half of the bound: a ratio of 0.5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .classes import permits
from .words import Array, decode, encode, spread

Floats = NDArray[np.float64]
# axis -> the value of a convention on it, the arithmetic included
Axes = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Interval:
    """The permitted values of one array after one call.

    The exact result is held as a distance from `lo`, because a float64 next to a float64 result
    has no digits left for it.

    Attributes:
        lo, hi: the least and the greatest permitted value, both included.
        offset: how far the exact result lies above `lo`, in units in the last place of `lo`.
        bound: the largest error of a right Adam, in the same unit.
        classes: the class of each element, see `classes`; None if all are intervals.
    """

    lo: Array
    hi: Array
    offset: Floats
    bound: Floats
    classes: NDArray[np.str_] | None = None

    @cached_property
    def unit(self) -> Floats:
        """One unit in the last place of `lo`."""
        return unit_in_last_place(self.lo)

    @property
    def exact(self) -> Floats:
        """The exact result, as near as float64 can have it."""
        return self.lo.astype(np.float64) + self.offset * self.unit

    @property
    def radius(self) -> Floats:
        """The bound as a number."""
        return self.bound * self.unit

    def permits(self, got: Array) -> NDArray[np.bool_]:
        """Return for each element whether ``got`` is a permitted value."""
        inside = (self.lo <= got) & (got <= self.hi)
        return inside if self.classes is None else permits(self.classes, got, inside)

    def ulps(self, got: Array) -> Floats:
        """Return the errors in units in the last place; infinite for a NaN.

        An element that is no interval has no error if it is permitted, and else an infinite one.
        """
        with np.errstate(all="ignore"):
            above = (got.astype(np.float64) - self.lo.astype(np.float64)) / self.unit
            errors = np.abs(above - self.offset)
        return self._judge_classes(got, np.where(np.isnan(errors), np.inf, errors))

    def ratio(self, got: Array) -> Floats:
        """Return the errors over the bound, the measure of the whole suite; infinite for a NaN."""
        return self.over_bound(self.ulps(got))

    def over_bound(self, ulps: Floats) -> Floats:
        """Return errors, given in units in the last place, over the bound."""
        with np.errstate(all="ignore"):
            ratios = np.where(ulps == 0, 0.0, ulps / self.bound)
        # With a bound of zero the offset is zero too: an error is then infinitely many bounds.
        return np.where(np.isnan(ratios), np.inf, ratios)

    def distance(self, other: "Interval") -> Floats:
        """Return how far the exact result of ``other`` lies away, in units in the last place."""
        lows = (other.lo.astype(np.float64) - self.lo.astype(np.float64)) / self.unit
        return np.abs(lows + other.offset * other.unit / self.unit - self.offset)

    def _judge_classes(self, got: Array, errors: Floats) -> Floats:
        if self.classes is None:
            return errors
        permitted = np.where(self.permits(got), 0.0, np.inf)
        return np.where(self.classes == "interval", errors, permitted)


def unit_in_last_place(array: Array) -> Floats:
    """Return the distance from each |element| to the next larger number of its format."""
    return np.spacing(np.abs(array)).astype(np.float64)


# An interval for each parameter in each row, one row for each answered call.
Grid = tuple[tuple[Interval, ...], ...]


class WrittenGrid(NamedTuple):
    """A grid as a vector file holds it: most of a suite is never compared, so never decoded."""

    texts: Mapping[str, Any]
    dtype: str
    sizes: Sequence[int]

    def decode(self) -> Grid:
        """Return the intervals in flat arrays.

        Raises:
            ValueError: an array has too few or too many parts.
        """
        return tuple(self._decode_row(row) for row in range(len(self.texts["lo"])))

    def _decode_row(self, row: int) -> tuple[Interval, ...]:
        intervals = []
        for param, size in enumerate(self.sizes):
            lo, hi = (decode(self.texts[name][row][param], self.dtype, [size]) for name in _WORDS)
            classes = None
            if "classes" in self.texts:
                classes = self._parts("classes", row, param, np.str_)
            offset = self._parts("offset", row, param, np.float64)
            bound = self._parts("bound", row, param, np.float64)
            intervals.append(Interval(lo, hi, offset, bound, classes))
        return tuple(intervals)

    def _parts(self, name: str, row: int, param: int, kind: Any) -> NDArray[Any]:
        parts = np.array(self.texts[name][row][param].split(), kind)
        if len(parts) != self.sizes[param]:
            raise ValueError(f"{name} must have {self.sizes[param]} parts, got {len(parts)}")
        return parts


_WORDS = ("lo", "hi")
_GRIDS = (*_WORDS, "offset", "bound", "classes")


@dataclass(frozen=True, eq=False)
class Answer:
    """What a right Adam returns, for the conventions that ``when`` names.

    Attributes:
        quantity: `params`, `m`, `v`, `v_max`, or `calls`: which calls must raise.
        when: axis -> the values for which this answer holds; another axis may have any value.
        shapes: of the parameters.
        raising: the calls that must raise.
        source: the intervals in flat arrays, or as a file holds them; None for `calls`.
    """

    quantity: str
    when: Mapping[str, Sequence[str]]
    shapes: Sequence[Sequence[int]]
    raising: tuple[int, ...] = ()
    source: Grid | WrittenGrid | None = None

    def holds(self, axes: Axes) -> bool:
        """Return whether this is the answer for a convention and an arithmetic without T."""
        return all(axes.get(axis) in values for axis, values in self.when.items())

    def concerns(self, axes: Axes) -> bool:
        """Return whether this is an answer for a convention under some arithmetic."""
        return all(
            axes.get(axis) in values for axis, values in self.when.items() if axis != "arithmetic"
        )

    @cached_property
    def intervals(self) -> Grid:
        """By answered call and parameter, in the shapes of the parameters."""
        return tuple(
            tuple(
                _shaped(interval, shape) for interval, shape in zip(row, self.shapes, strict=True)
            )
            for row in self._flat()
        )

    def row_counts(self) -> list[int]:
        """Return how many rows each part of the intervals has: one for each answered call."""
        if isinstance(self.source, WrittenGrid):
            return [len(self.source.texts[name]) for name in _GRIDS if name in self.source.texts]
        return [] if self.source is None else [len(self.source)]

    def _flat(self) -> Grid:
        if isinstance(self.source, WrittenGrid):
            return self.source.decode()
        return self.source or ()

    def to_entry(self) -> dict[str, Any]:
        """Return the answer as a vector file holds it."""
        entry: dict[str, Any] = {"of": self.quantity, "when": dict(self.when)}
        if self.quantity == "calls":
            return entry | {"class": "error", "calls": list(self.raising)}
        if isinstance(self.source, WrittenGrid):
            return dict(self.source.texts)
        grid = self._flat()
        texts: dict[str, Any] = {
            "lo": [[encode(interval.lo) for interval in row] for row in grid],
            "hi": [[encode(interval.hi) for interval in row] for row in grid],
            "offset": [[_decimals(interval.offset) for interval in row] for row in grid],
            "bound": [[_decimals(interval.bound) for interval in row] for row in grid],
        }
        if any(interval.classes is not None for row in grid for interval in row):
            texts["classes"] = [[_class_names(interval) for interval in row] for row in grid]
        kind = "mixed" if "classes" in texts else "interval"
        return entry | {"class": kind, **texts}


def read_answer(
    entry: Mapping[str, Any], dtype: str, shapes: Sequence[Sequence[int]], sizes: Sequence[int]
) -> Answer:
    """Return an answer of a vector file; its intervals are decoded when they are first used.

    ``sizes``: how many elements of each parameter are written down.
    """
    if entry["of"] == "calls":
        return Answer("calls", entry["when"], shapes, raising=tuple(entry["calls"]))
    return Answer(entry["of"], entry["when"], shapes, source=WrittenGrid(entry, dtype, sizes))


def _shaped(interval: Interval, shape: Sequence[int]) -> Interval:
    """Return the interval in the shape of its parameter, with its elements repeated to fill it."""
    return Interval(
        lo=spread(interval.lo, shape),
        hi=spread(interval.hi, shape),
        offset=spread(interval.offset, shape),
        bound=spread(interval.bound, shape),
        classes=None if interval.classes is None else spread(interval.classes, shape),
    )


def _decimals(numbers: Floats) -> str:
    # Six digits are more than a ratio is shown with, and keep the files small.
    return " ".join(f"{number:.6g}" for number in numbers)


def _class_names(interval: Interval) -> str:
    if interval.classes is None:
        return " ".join(["interval"] * interval.lo.size)
    return " ".join(interval.classes)
