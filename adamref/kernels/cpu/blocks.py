"""Blocks in which processors walk parameters, and where moments lie so that they do not wait for each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..table import Array, Table, address

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
        (at, start, min(start + length, size))
        for at, size in enumerate(sizes)
        for start in range(0, size, length)
    ]
    return np.array(found, np.int64).reshape(-1, 3)


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
