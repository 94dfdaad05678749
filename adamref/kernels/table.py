"""Tables: where the arrays of many parameters are, and the blocks in which they are walked."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Table = NDArray[np.int64]

# Columns: addresses of the six streams, which never overlap, and the row of the numbers.
PARAM, GRAD, M, V, V_MAX, SQUARE, NUMBERS = range(7)


def address(array: Array | None) -> int:
    """Where the first element is; 0 for no array."""
    return 0 if array is None else int(array.__array_interface__["data"][0])


class Extents:
    """The memory of arrays that are written to.

    Args:
        arrays: by name, C-contiguous.
        where: the address of one.

    Raises:
        ValueError: two of them overlap.
    """

    def __init__(
        self, arrays: Iterable[tuple[str, Any]], where: Callable[[Any], int] = address
    ) -> None:
        self._where = where
        extents = sorted((where(a), where(a) + a.nbytes, name) for name, a in arrays if a.nbytes)
        for (_, stop, name), (start, _, other) in pairwise(extents):
            if start < stop:
                raise ValueError(
                    f"arrays that are stepped must not overlap, got {name} and {other} that do"
                )
        self._ends = [end for start, stop, _ in extents for end in (start, stop)]

    def check(self, name: str, array: Any) -> None:
        """Raise ValueError if ``array`` overlaps with one of them."""
        if not self.free(self._where(array), array.nbytes):
            raise ValueError(
                f"{name} must not overlap with what is stepped; hand over a copy of it"
            )

    def free(self, start: int, size: int) -> bool:
        """Whether ``size`` bytes from ``start`` on overlap with none of them."""
        before = bisect_right(self._ends, start)
        return not size or (before % 2 == 0 and before == bisect_left(self._ends, start + size))
