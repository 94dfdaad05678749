"""Blocks in which processors walk parameters, and moments that do not slow each other down."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..table import BLOCK_COLUMNS, Array, Table, address

# Elements of a block, which a thread takes at once: enough to be worth a turn, and few enough that
# all threads end at about the same time.
SMALLEST = 4_096
LARGEST = 16_384
# However large the parameters are, the list of blocks stays short.
_MOST_BLOCKS = 8_192

# Bytes of a page and of a line of the cache.
_PAGE = 4_096
_LINE = 64
# Bytes from which on the place of an array in its page matters.
_LARGE = 65_536


def blocks_for_threads(sizes: Sequence[int], threads: int) -> Table:
    """Return the blocks that cover parameters of these sizes, as rows with the columns of a block.

    All threads get equally much of one large parameter, if there is enough of it.
    """
    total = sum(sizes)
    # Blocks that each thread takes: enough for blocks of at most LARGEST elements.
    turns = min(_ceil_div(total, threads * LARGEST), _MOST_BLOCKS // threads) or 1
    length = max(_ceil_div(total, threads * turns), SMALLEST)
    # In every dtype, 64 elements are whole lines of the cache: no two threads write to one line.
    length += -length % _LINE
    rows = [
        (at, start, min(start + length, size))
        for at, size in enumerate(sizes)
        for start in range(0, size, length)
    ]
    return np.array(rows, np.int64).reshape(-1, BLOCK_COLUMNS)


def zeros_apart(param: Array, dtype: Any, turn: int) -> Array:
    """Return zeros of the shape of ``param``; large ones begin ``turn`` quarters of a page later.

    A processor takes a load for a load of its own latest store if both are at the same place of
    their pages, and waits. Therefore the streams of a parameter begin at different places: ``turn``
    is 1 for m, 2 for v, 3 for v_max, 4 for what is kept. Each begins with a whole line of the
    cache.
    """
    dtype = np.dtype(dtype)
    size = param.size * dtype.itemsize
    if size < _LARGE:
        return np.zeros(param.shape, dtype)
    # A page more than needed, so that the array can begin at any place of a page.
    memory = np.zeros(size + _PAGE, np.uint8)
    begin = address(param) + turn * _PAGE // 4
    start = begin // _LINE * _LINE - address(memory)
    array: Array = memory[start % _PAGE :][:size].view(dtype)
    return array.reshape(param.shape)


def _ceil_div(count: int, size: int) -> int:
    return -(-count // size)
