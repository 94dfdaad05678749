"""Answers: what a right Adam returns, and for which conventions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .interval import Floats, Interval
from .storage import HALVES
from .words import decode, encode, spread

# Axis -> the value of a convention on it; "arithmetic" may be an axis too, and so may the dtypes
# of half precision, whose value is a storage.
Axes = Mapping[str, str]
# An interval for each parameter in each row, and a row for each answered call.
Grid = tuple[tuple[Interval, ...], ...]

_NO_AXES = ("arithmetic", *HALVES)
# The quantity in the place of parameters that are rounded at random: how far each step moves them.
CHANGE = "change"
# The parts of an interval in a file; classes are left out where all elements are intervals.
_PARTS = ("lo", "hi", "offset", "bound", "classes")


class WrittenGrid(NamedTuple):
    """A grid as a vector file holds it: most of a suite is never compared, so never decoded.

    Attributes:
        entry: the JSON object of the answer.
        dtype: of the numbers.
        sizes: how many elements of each parameter are written down.
    """

    entry: Mapping[str, Any]
    dtype: str
    sizes: Sequence[int]

    def decode(self) -> Grid:
        """Return the intervals in flat arrays.

        Raises:
            ValueError: an array has too few or too many parts.
        """
        rows = range(len(self.entry["lo"]))
        return tuple(self._decode_row(row) for row in rows)

    def row_counts(self) -> list[int]:
        """Return how many rows each part has."""
        return [len(self.entry[part]) for part in _PARTS if part in self.entry]

    def _decode_row(self, row: int) -> tuple[Interval, ...]:
        params = range(len(self.sizes))
        return tuple(self._decode_interval(row, param) for param in params)

    def _decode_interval(self, row: int, param: int) -> Interval:
        classes = None
        if "classes" in self.entry:
            classes = self._split("classes", row, param, np.str_)
        size = self.sizes[param]
        return Interval(
            lo=decode(self.entry["lo"][row][param], self.dtype, [size]),
            hi=decode(self.entry["hi"][row][param], self.dtype, [size]),
            offset=self._split("offset", row, param, np.float64),
            bound=self._split("bound", row, param, np.float64),
            classes=classes,
        )

    def _split(self, part: str, row: int, param: int, kind: Any) -> NDArray[Any]:
        array = np.array(self.entry[part][row][param].split(), kind)
        size = self.sizes[param]
        if len(array) != size:
            raise ValueError(f"{part} must have {size} parts, got {len(array)}")
        return array


@dataclass(frozen=True, eq=False)
class Answer:
    """What a right Adam returns, for the conventions that ``when`` names.

    Attributes:
        quantity: `params`, `m`, `v`, `v_max`; `change` in the place of `params` where they are
            rounded at random; or `calls`: which calls must raise.
        when: axis -> the values for which this answer holds; another axis may have any value.
        shapes: of the parameters.
        raising: the calls that must raise.
        source: the intervals in flat arrays, or as a file holds them; None for `calls`.
        dtype: of the numbers, if it is not that of the parameters.
        roundings: that each operation of the subject errs by; files hold answers for 1.
    """

    quantity: str
    when: Mapping[str, Sequence[str]]
    shapes: Sequence[Sequence[int]]
    raising: tuple[int, ...] = ()
    source: Grid | WrittenGrid | None = None
    dtype: str | None = None
    roundings: int = 1

    @property
    def is_about_params(self) -> bool:
        """Whether parameters are judged by it."""
        return self.quantity in ("params", CHANGE)

    def holds(self, axes: Axes) -> bool:
        """Return whether this is the answer for a convention and an arithmetic without T."""
        return all(axes.get(axis) in values for axis, values in self.when.items())

    def concerns(self, axes: Axes) -> bool:
        """Return whether this is an answer for a convention under some arithmetic and storage."""
        when = self.when.items()
        return all(axes.get(axis) in values for axis, values in when if axis not in _NO_AXES)

    @cached_property
    def intervals(self) -> Grid:
        """The intervals in the shapes of the parameters, by answered call and parameter."""
        return tuple(self._shape_row(row) for row in self._flat_grid())

    def whole(self, rows: Sequence[int]) -> Interval:
        """Return the intervals of some answered calls as one, in a flat array.

        The parameters of a call follow each other, and then come those of the next.
        """
        # Most subjects show every quantity after every call.
        if len(rows) == len(self.intervals):
            return self._whole
        return _join([interval for row in rows for interval in self.intervals[row]])

    @cached_property
    def _whole(self) -> Interval:
        return _join([interval for row in self.intervals for interval in row])

    def row_counts(self) -> list[int]:
        """Return how many rows each part of the intervals has: one for each answered call."""
        if isinstance(self.source, WrittenGrid):
            return self.source.row_counts()
        # An answer about calls has no intervals.
        return [] if self.source is None else [len(self.source)]

    def to_entry(self) -> dict[str, Any]:
        """Return the answer as a vector file holds it."""
        if isinstance(self.source, WrittenGrid):
            return dict(self.source.entry)
        entry: dict[str, Any] = {"of": self.quantity, "when": dict(self.when)}
        if self.quantity == "calls":
            return entry | {"class": "error", "calls": list(self.raising)}
        if self.dtype is not None:
            entry["dtype"] = self.dtype
        return entry | _encode_grid(self._flat_grid())

    def _flat_grid(self) -> Grid:
        if isinstance(self.source, WrittenGrid):
            return self.source.decode()
        return self.source or ()

    def _shape_row(self, row: tuple[Interval, ...]) -> tuple[Interval, ...]:
        pairs = zip(row, self.shapes, strict=True)
        return tuple(_fill(interval, shape, self.roundings) for interval, shape in pairs)


def read_answer(
    entry: Mapping[str, Any],
    dtype: str,
    shapes: Sequence[Sequence[int]],
    sizes: Sequence[int],
) -> Answer:
    """Return an answer of a vector file; its intervals are decoded when they are first used.

    Args:
        entry: the JSON object.
        dtype: of the parameters.
        shapes: of the parameters.
        sizes: how many elements of each parameter are written down.
    """
    when = entry["when"]
    if entry["of"] == "calls":
        return Answer("calls", when, shapes, raising=tuple(entry["calls"]))
    own_dtype = entry.get("dtype")
    grid = WrittenGrid(entry, own_dtype or dtype, sizes)
    return Answer(entry["of"], when, shapes, source=grid, dtype=own_dtype)


def _fill(interval: Interval, shape: Sequence[int], roundings: int) -> Interval:
    """Return the interval in the shape of its parameter, its elements repeated to fill it."""
    classes = interval.classes
    if classes is not None:
        classes = spread(classes, shape)
    return Interval(
        lo=spread(interval.lo, shape),
        hi=spread(interval.hi, shape),
        offset=spread(interval.offset, shape),
        bound=spread(interval.bound, shape),
        classes=classes,
        roundings=roundings,
    )


def _join(intervals: Sequence[Interval]) -> Interval:
    """Return the elements of several intervals in one flat array."""
    classes = None
    if any(interval.classes is not None for interval in intervals):
        classes = np.concatenate([_class_array(interval).reshape(-1) for interval in intervals])
    return Interval(
        lo=np.concatenate([interval.lo.reshape(-1) for interval in intervals]),
        hi=np.concatenate([interval.hi.reshape(-1) for interval in intervals]),
        offset=np.concatenate([interval.offset.reshape(-1) for interval in intervals]),
        bound=np.concatenate([interval.bound.reshape(-1) for interval in intervals]),
        classes=classes,
        roundings=intervals[0].roundings,
    )


def _class_array(interval: Interval) -> NDArray[np.str_]:
    if interval.classes is None:
        return np.full(interval.lo.shape, "interval")
    return interval.classes


def _encode_grid(grid: Grid) -> dict[str, Any]:
    """Return the parts of a grid, each a list a row with a text a parameter."""
    mixed = any(interval.classes is not None for row in grid for interval in row)
    parts: dict[str, Any] = {"class": "mixed" if mixed else "interval"}
    parts |= {name: [] for name in _PARTS if mixed or name != "classes"}
    for row in grid:
        parts["lo"].append([encode(interval.lo) for interval in row])
        parts["hi"].append([encode(interval.hi) for interval in row])
        parts["offset"].append([_decimals(interval.offset) for interval in row])
        parts["bound"].append([_decimals(interval.bound) for interval in row])
        if mixed:
            parts["classes"].append([_class_names(interval) for interval in row])
    return parts


def _decimals(numbers: Floats) -> str:
    # Six digits are more than a report shows of a ratio, and keep the files small.
    return " ".join(f"{number:.6g}" for number in numbers)


def _class_names(interval: Interval) -> str:
    return " ".join(_class_array(interval))
