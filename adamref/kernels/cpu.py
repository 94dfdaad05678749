"""Adam on processors: the rule for one element, in one parallel region over all parameters.

The bits do not depend on the number of threads, on sizes, or on what is stepped together.
"""

import math
import operator
import os
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ..scalars import moving
from .compiled import compiled, patience
from .element import Numbers, Operations, rule
from .memory import STORAGE, load, store

Array = NDArray[Any]

_entering, _advance = (
    njit(function)
    for function in rule(Operations(operator.add, operator.sub, operator.mul, operator.truediv, np.sqrt))
)

# Streams of one element: arrays of different streams never overlap.
PARAM, GRAD, M, V, V_MAX, SQUARE = range(6)
# Columns of a table beside the addresses of the six streams.
_NUMBERS = 6

# Elements that a thread takes at once, and from how many on it is worth to wake other threads.
BLOCK = 16_384
PARALLEL = 32_768
_MOST_BLOCKS = 8_192


def _walk(table, block, numbers, param, grad, state, amsgrad, squares):  # type: ignore[no-untyped-def]
    """One step of the elements of one block.

    Args:
        table: int64, a row a parameter: addresses of the six streams, and which row of ``numbers`` is its own.
        block: row of the table, first element, and the one after the last.
        numbers: a row as `Numbers`.
        param, grad, state: `STORAGE` of the parameter, of its gradient, and of the moments.
            The value of ``state`` is -inf.
        amsgrad, squares: None where there is no v_max, or no squares of their own.
    """
    to_param, to_grad, to_m, to_v, to_v_max, to_square, own = table[block[0]]
    x = numbers[own]
    n = Numbers(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13])
    # Unsigned, for a signed index might count from the end, and such a loop is not vectorised.
    for i in range(np.uintp(block[1]), np.uintp(block[2])):
        p = load(to_param, i, param, PARAM)
        g = _entering(n, p, load(to_grad, i, grad, GRAD))
        square = g * g if squares is None else load(to_square, i, state, SQUARE)
        largest = state if amsgrad is None else load(to_v_max, i, state, V_MAX)
        p, m, v, largest = _advance(n, p, g, square, load(to_m, i, state, M), load(to_v, i, state, V), largest)
        store(to_m, i, state, M, m)
        store(to_v, i, state, V, v)
        if amsgrad is not None:
            store(to_v_max, i, state, V_MAX, largest)
        store(to_param, i, param, PARAM, p)


_walk_one = njit(_walk)


def _serial(table, blocks, numbers, param, grad, state, amsgrad, squares):  # type: ignore[no-untyped-def]
    for at in range(len(blocks)):
        _walk_one(table, blocks[at], numbers, param, grad, state, amsgrad, squares)


def _parallel(table, blocks, numbers, param, grad, state, amsgrad, squares):  # type: ignore[no-untyped-def]
    for at in prange(len(blocks)):
        _walk_one(table, blocks[at], numbers, param, grad, state, amsgrad, squares)


serial = compiled(_serial)
parallel = compiled(_parallel, parallel=True)
