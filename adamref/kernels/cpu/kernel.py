"""What Numba compiles for processors: the rule of one element, walked over blocks of many parameters.

Arrays come as addresses, so that a thousand parameters are one call and one parallel region.
"""

import math
import operator

import numpy as np
from numba import njit, prange

from ...scalars import Switches, step_dependent
from ..element import Numbers, Operations, rule
from ..table import GRAD, PARAM, SQUARE, V_MAX, M, V
from .compiled import compiled
from .memory import load, store

entering, advance = (
    njit(function)
    for function in rule(
        Operations(operator.add, operator.sub, operator.mul, operator.truediv, np.sqrt)
    )
)


def _walk(table, block, numbers, param, grad, state, amsgrad, squares):  # type: ignore[no-untyped-def]
    """One step of the elements of one block.

    Takes:
        table: int64, a row a parameter: addresses of the six streams, and which row of ``numbers`` is its own.
        block: row of the table, first element, and the one after the last.
        numbers: a row as `Numbers`.
        param, grad, state: `STORAGE` of the parameter, of its gradient, and of the moments.
            The value of ``state`` is -inf.
        amsgrad, squares: None where there is no v_max, or no squares of their own.
    """
    to_param, to_grad, to_m, to_v, to_v_max, to_square, own = table[block[0]]
    x = numbers[own]
    n = Numbers(
        x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13]
    )
    # Unsigned, for a signed index might count from the end, and such a loop is not vectorised.
    for i in range(np.uintp(block[1]), np.uintp(block[2])):
        p = load(to_param, i, param, PARAM)
        g = entering(n, p, load(to_grad, i, grad, GRAD))
        square = g * g if squares is None else load(to_square, i, state, SQUARE)
        largest = state if amsgrad is None else load(to_v_max, i, state, V_MAX)
        p, m, v, largest = advance(
            n, p, g, square, load(to_m, i, state, M), load(to_v, i, state, V), largest
        )
        store(to_m, i, state, M, m)
        store(to_v, i, state, V, v)
        if amsgrad is not None:
            store(to_v_max, i, state, V_MAX, largest)
        store(to_param, i, param, PARAM, p)


_walk_one, _step_dependent = njit(_walk), njit(step_dependent)


def _fill(numbers, constants, t):  # type: ignore[no-untyped-def]
    """Write what changes with ``t`` into the numbers, as `scalars` computes it; ``constants`` as in `Constants`."""
    c = constants
    bias1 = 1 - math.pow(c[2], float(t)) if c[4] else 1.0
    bias2 = 1 - math.pow(c[3], float(t)) if c[5] else 1.0
    if c[6]:
        bias1, bias2 = float(np.float32(bias1)), float(np.float32(bias2))
    chosen = Switches(c[7] != 0, int(c[8]), c[9] != 0)
    moves = _step_dependent(c[0], c[1], bias1, bias2, chosen)
    numbers[0, 4], numbers[0, 5] = moves.correct1, moves.learning_rate
    numbers[0, 9], numbers[0, 10] = moves.keep_before, moves.keep_after
    numbers[0, 12], numbers[0, 13] = (moves.correct2, 1.0) if c[10] else (1.0, moves.correct2)


fill = njit(_fill)


def _serial(table, blocks, numbers, constants, t, param, grad, state, amsgrad, squares):  # type: ignore[no-untyped-def]
    if constants is not None:
        fill(numbers, constants, t)
    for at in range(len(blocks)):
        _walk_one(table, blocks[at], numbers, param, grad, state, amsgrad, squares)


def _parallel(table, blocks, numbers, constants, t, param, grad, state, amsgrad, squares):  # type: ignore[no-untyped-def]
    if constants is not None:
        fill(numbers, constants, t)
    for at in prange(len(blocks)):
        _walk_one(table, blocks[at], numbers, param, grad, state, amsgrad, squares)


def _address(array):  # type: ignore[no-untyped-def]
    return array.ctypes.data


address = compiled(_address)
serial, parallel = compiled(_serial), compiled(_parallel, parallel=True)
