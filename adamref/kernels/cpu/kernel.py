"""The kernel for processors: the rule of one element, walked over blocks of many parameters.

Arrays come as addresses in a table, so that a thousand parameters are one call and one parallel
region.
"""

import math
import operator

import numpy as np
from numba import njit, prange

from ...scalars import Placement, step_dependent
from ..element import COLUMN, numbers_reader, rule
from ..table import FIRST, GRAD, KEPT, NUMBERS, PARAM, ROW, SQUARE, STOP, V_MAX, M, V
from .compiled import compile_strict
from .constants import CONSTANT
from .memory import load, store
from .weights import OPERATIONS, load_weight, store_weight

_RULE = rule(OPERATIONS)

objective_gradient = njit(_RULE.objective_gradient)
advance = njit(_RULE.advance)
numbers_at = njit(numbers_reader(operator.getitem))
_step_dependent = njit(step_dependent)


@njit
def _walk(table, block, numbers, param, grad, first, second, kept, wide, amsgrad, squares):
    """Take one step of the elements of one block.

    Args:
        table: int64, a row for each parameter, with the columns of a table.
        block: with the columns of a block.
        numbers: a row for each parameter or one for all, as `KernelNumbers`.
        param: `STORAGE` of the parameter.
        grad: `STORAGE` of its gradient.
        first: `STORAGE` of m.
        second: `STORAGE` of v.
        kept: `STORAGE` of what is kept besides the parameter; None where nothing is.
        wide: `STORAGE` of what is computed; its value is -inf.
        amsgrad: None where there is no v_max.
        squares: None where v takes the square of the gradient.

    Numba compiles a version of its own for each None, without the branches.
    """
    row = table[block[ROW]]
    # Addresses are read before the loop: inside it, LLVM could not know that no store changes them.
    to_param = row[PARAM]
    to_grad = row[GRAD]
    to_m = row[M]
    to_v = row[V]
    to_v_max = row[V_MAX]
    to_square = row[SQUARE]
    to_kept = row[KEPT]
    n = numbers_at(numbers[row[NUMBERS]], 0)
    # Unsigned indices: a signed index might count from the end, and LLVM would not vectorise the
    # loop.
    for i in range(np.uintp(block[FIRST]), np.uintp(block[STOP])):
        # Read the element.
        p = load_weight(to_param, to_kept, i, param, kept)
        g = objective_gradient(n, p, load(to_grad, i, grad, GRAD))
        square = g * g if squares is None else load(to_square, i, wide, SQUARE)
        largest = wide if amsgrad is None else load(to_v_max, i, second, V_MAX)
        m = load(to_m, i, first, M)
        v = load(to_v, i, second, V)
        # Step it, and write it back.
        p, m, v, largest = advance(n, p, g, square, m, v, largest)
        store(to_m, i, first, M, m)
        store(to_v, i, second, V, v)
        if amsgrad is not None:
            store(to_v_max, i, second, V_MAX, largest)
        store_weight(to_param, to_kept, i, param, kept, p)


@njit
def fill(numbers, constants, t):
    """Write what changes with ``t`` into the first row of ``numbers``, as `scalars` computes it.

    ``constants`` is an array, as `Constants`.
    """
    power_beta1 = constants[CONSTANT.power_beta1]
    power_beta2 = constants[CONSTANT.power_beta2]
    bias_correction1 = 1.0
    if constants[CONSTANT.corrects_m]:
        bias_correction1 = 1 - math.pow(power_beta1, float(t))
    bias_correction2 = 1.0
    if constants[CONSTANT.corrects_v]:
        bias_correction2 = 1 - math.pow(power_beta2, float(t))
    if constants[CONSTANT.narrow]:
        bias_correction1 = float(np.float32(bias_correction1))
        bias_correction2 = float(np.float32(bias_correction2))
    placement = Placement(
        corrects_learning_rate=constants[CONSTANT.corrects_learning_rate] != 0,
        decay_scale=int(constants[CONSTANT.decay_scale]),
        decays_before=constants[CONSTANT.decays_before] != 0,
    )
    at_t = _step_dependent(
        constants[CONSTANT.learning_rate],
        constants[CONSTANT.weight_decay],
        bias_correction1,
        bias_correction2,
        placement,
    )
    numbers[0, COLUMN.inverse_bias_correction1] = at_t.inverse_bias_correction1
    numbers[0, COLUMN.learning_rate] = at_t.learning_rate
    numbers[0, COLUMN.decay_factor_before] = at_t.decay_factor_before
    numbers[0, COLUMN.decay_factor_after] = at_t.decay_factor_after
    # One of the two carries the correction of v, and the other is 1.
    is_first = constants[CONSTANT.first] != 0
    numbers[0, COLUMN.before_max] = at_t.inverse_bias_correction2 if is_first else 1.0
    numbers[0, COLUMN.after_max] = 1.0 if is_first else at_t.inverse_bias_correction2


# Two functions, because Numba caches compiled code by function name. The last eight arguments are a
# `WalkKind`.
def _serial(table, blocks, numbers, constants, t, param, grad, m, v, kept, wide, amsgrad, squares):
    if constants is not None:
        fill(numbers, constants, t)
    for at in range(len(blocks)):
        _walk(table, blocks[at], numbers, param, grad, m, v, kept, wide, amsgrad, squares)


def _parallel(
    table, blocks, numbers, constants, t, param, grad, m, v, kept, wide, amsgrad, squares
):
    if constants is not None:
        fill(numbers, constants, t)
    for at in prange(len(blocks)):
        _walk(table, blocks[at], numbers, param, grad, m, v, kept, wide, amsgrad, squares)


def _address(array):
    return array.ctypes.data


address = compile_strict(_address)
serial = compile_strict(_serial)
parallel = compile_strict(_parallel, parallel=True)
