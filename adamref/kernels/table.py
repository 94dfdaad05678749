"""Tables of addresses: where the arrays of many parameters are.

A kernel walks a table instead of arrays, so that a thousand parameters are one call.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Table = NDArray[np.int64]

# Columns of a table: the addresses of the streams, which never overlap, and the row of the numbers.
TABLE_COLUMNS = 8
PARAM, GRAD, M, V, V_MAX, SQUARE, KEPT, NUMBERS = range(TABLE_COLUMNS)
STREAMS = NUMBERS

# Columns of blocks: row of the table, first element, and the element after the last.
BLOCK_COLUMNS = 3
ROW, FIRST, STOP = range(BLOCK_COLUMNS)


def address(array: Array | None) -> int:
    """Return the address of the first element; 0 for no array."""
    return 0 if array is None else int(array.__array_interface__["data"][0])


class Extents:
    """The memory of arrays that are written to.

    Args:
        arrays: by name, C-contiguous.
        where: returns the address of an array.

    Raises:
        ValueError: two of the arrays overlap.
    """

    def __init__(
        self, arrays: Iterable[tuple[str, Any]], where: Callable[[Any], int] = address
    ) -> None:
        self._where = where
        extents = []
        for name, array in arrays:
            if array.nbytes:
                start = where(array)
                extents.append((start, start + array.nbytes, name))
        extents.sort()
        for (_, stop, name), (start, _, other) in pairwise(extents):
            if start < stop:
                raise ValueError(
                    f"arrays that are stepped must not overlap, got {name} and {other} that do. "
                    "Hand over a copy of one of them."
                )
        # Starts and ends in turn, in ascending order: an address with an even number of them
        # before it lies outside all arrays.
        self._ends: list[int] = []
        for start, stop, _ in extents:
            self._ends += start, stop

    def check(self, name: str, array: Any) -> None:
        """Raise ValueError if ``array`` overlaps with one of the arrays."""
        if self.overlap(self._where(array), array.nbytes):
            raise overlap_error(name)

    def overlap(self, start: int, size: int) -> bool:
        """Return whether ``size`` bytes from ``start`` on overlap with one of the arrays."""
        before = bisect_right(self._ends, start)
        before_stop = bisect_left(self._ends, start + size)
        is_outside = before % 2 == 0 and before == before_stop
        return size > 0 and not is_outside


def overlap_error(name: str) -> ValueError:
    """Return the error for an array that overlaps with arrays that are stepped."""
    return ValueError(f"{name} must not overlap with what is stepped; hand over a copy of it")
