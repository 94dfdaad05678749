"""Tables: where the arrays of many parameters are, and the blocks in which they are walked."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Table = NDArray[np.int64]

# Columns: addresses of the six streams, which never overlap, and the row of the numbers.
PARAM, GRAD, M, V, V_MAX, SQUARE, NUMBERS = range(7)

# Elements of a block: what a thread takes at once.
SMALLEST, LARGEST = 4_096, 16_384
_MOST = 8_192

# Bytes: of what is worth to be placed, of a page, of a line of the cache.
_LARGE, _PAGE, _LINE = 65_536, 4_096, 64


def blocks(sizes: Sequence[int], threads: int) -> Table:
    """Rows of (row of the table, first element, one after the last), which cover parameters of these sizes.

    Of one large parameter all threads have equally many, if there is enough. There are some thousands of blocks at
    most, however large the parameters.
    """
    total = sum(sizes)
    turns = min(-(-total // (threads * LARGEST)), _MOST // threads) or 1
    length = max(-(-total // (threads * turns)), SMALLEST)
    length += -length % 64  # whole lines of the cache
    found = [
        (at, start, min(start + length, size)) for at, size in enumerate(sizes) for start in range(0, size, length)
    ]
    return np.array(found, np.int64).reshape(-1, 3)


def address(array: Array | None) -> int:
    """Where the first element is; 0 for no array."""
    return 0 if array is None else int(array.__array_interface__["data"][0])


def apart(param: Array, dtype: Any, turn: int) -> Array:
    """Zeros of the shape of ``param``: where they are large, a whole line of the cache begins with them.

    Streams at the same place of their pages wait for each other: a processor takes a load for one of what it stores to
    the same place of another page. So those of each ``turn``, 1 to 3, begin a quarter of a page further on.
    """
    dtype = np.dtype(dtype)
    size = param.size * dtype.itemsize
    if size < _LARGE:
        return np.zeros(param.shape, dtype)
    whole = np.zeros(size + _PAGE, np.uint8)
    start = (address(param) + turn * _PAGE // 4) // _LINE * _LINE - address(whole)
    found: Array = whole[start % _PAGE :][:size].view(dtype)
    return found.reshape(param.shape)


class Extents:
    """The memory of arrays that are written to.

    Args:
        arrays: by name, C-contiguous.
        where: the address of one.

    Raises:
        ValueError: two of them overlap.
    """

    def __init__(self, arrays: Iterable[tuple[str, Any]], where: Callable[[Any], int] = address) -> None:
        self._where = where
        extents = sorted((where(a), where(a) + a.nbytes, name) for name, a in arrays if a.nbytes)
        for (_, stop, name), (start, _, other) in pairwise(extents):
            if start < stop:
                raise ValueError(f"arrays that are stepped must not overlap, got {name} and {other} that do")
        self._ends = [end for start, stop, _ in extents for end in (start, stop)]

    def check(self, name: str, array: Any) -> None:
        """Raise ValueError if ``array`` overlaps with one of them."""
        if not self.free(self._where(array), array.nbytes):
            raise ValueError(f"{name} must not overlap with what is stepped; hand over a copy of it")

    def free(self, start: int, size: int) -> bool:
        """Whether ``size`` bytes from ``start`` on overlap with none of them."""
        before = bisect_right(self._ends, start)
        return not size or (before % 2 == 0 and before == bisect_left(self._ends, start + size))
