"""The kernel of `series`, whose docstring has D1 and D2.

A row is brought up to date in three phases: parameters by D2, where that is exact enough; the
others by D1; then moments by powers of beta, with the step that has a gradient.
"""

import math

import numpy as np
from numba import njit

from ..cpu.kernel import advance, objective_gradient
from ..cpu.memory import STORAGE, load, store
from ..element import COLUMN
from ..table import PARAM, SQUARE, V_MAX, M, V
from .replay import numbers_of_step
from .rows import BLOCK, SCRATCH, WIDE_BYTES, sum_slices

# The largest first term that D2 may leave out, relative to the parameter: 1/32 of its last place.
SMALL = 2.0**-29
_WIDE = STORAGE["float64"]


@njit
def _sum_missed(p, m, v, kept, sums, has_epsilon):
    """Return a parameter after the missed steps, by D2; NaN where D2 is not exact enough.

    Takes:
        p, m, v: before the missed steps.
        kept: what decay leaves of a parameter. sums: T_0 ... T_7.
        has_epsilon: whether epsilon is above 0.
    """
    # 1 / sqrt(v) in binary32 takes a fifth of the time. A step of Newton's method makes it good to
    # 2^-44.
    root = np.sqrt(np.float32(v))
    y = np.float64(np.float32(1) / root)
    y = y * (1.5 - 0.5 * v * y * y)
    # The alternating series in y, by Horner's rule.
    total = sums[5] - y * sums[6]
    total = sums[4] - y * total
    total = sums[3] - y * total
    total = sums[2] - y * total
    total = sums[1] - y * total
    total = sums[0] - y * total
    moved = kept * (p - m * y * total)
    # The term of T_7 is the first that is left out.
    y2 = y * y
    y4 = y2 * y2
    rest = kept * (abs(m) * y4 * y4 * sums[7])
    # Without m nothing moves but by decay, unless the denominator is 0.
    still = m == 0 and (v > 0 or has_epsilon)
    moved = kept * p if still else moved
    return moved if still or rest <= SMALL * abs(moved) else np.nan


@njit
def _take_missed(history, first, last, p, m, v, v_max):
    """Return a parameter after the steps from ``first`` to before ``last``, by D1."""
    for at in range(first, last):
        n = numbers_of_step(history, at)
        g = objective_gradient(n, p, 0.0)
        # Without a gradient AMSGrad's maximum does not change.
        p, m, v, _ = advance(n, p, g, g * g, m, v, v_max)
    return p


@njit
def _catch_up(to, first, last, history, series, task, start, stop, state, amsgrad):
    """Write parameters, after the steps from ``first`` to before ``last``, to the scratch ``to``.

    There they are in binary64.
    """
    to_param = task.param
    to_m = task.m
    to_v = task.v
    to_v_max = task.v_max
    # First all elements by D2; count those where it is not exact enough.
    kept = math.exp(series.decay[last] - series.decay[first])
    has_epsilon = history[0, COLUMN.epsilon] > 0
    row = series.sums[first]
    # A tuple stays in registers.
    sums = (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7])
    to_chosen = to_v if amsgrad is None else to_v_max
    inexact = 0
    for i in range(np.uintp(start), np.uintp(stop)):
        p = np.float64(load(to_param, i, state, PARAM))
        m = np.float64(load(to_m, i, state, M))
        v = np.float64(load(to_chosen, i, state, V))
        moved = _sum_missed(p, m, v, kept, sums, has_epsilon)
        store(to, i, _WIDE, SQUARE, moved)
        inexact += 0 if moved == moved else 1
    if inexact == 0:
        return
    # Then the few others by D1. After K_max steps only decay changes them.
    end = min(last, first + series.longest)
    rest = math.exp(series.decay[last] - series.decay[end])
    for i in range(np.uintp(start), np.uintp(stop)):
        if np.isnan(load(to, i, _WIDE, SQUARE)):
            p = np.float64(load(to_param, i, state, PARAM))
            m = np.float64(load(to_m, i, state, M))
            # A NaN stays: no step changes it.
            if np.isnan(p) or np.isnan(m):
                continue
            v = np.float64(load(to_v, i, state, V))
            largest = _WIDE
            if amsgrad is not None:
                largest = np.float64(load(to_v_max, i, state, V_MAX))
            p = _take_missed(history, first, end, p, m, v, largest)
            store(to, i, _WIDE, SQUARE, rest * p)


@njit
def _step(n, to, fade1, fade2, task, start, stop, to_sum, state, amsgrad):
    """Fade the moments by the missed steps, take the step with a gradient, if any, and round once.

    Takes:
        n: `KernelNumbers` of the step. to: the scratch with the parameters.
        fade1, fade2: what the missed steps leave of m and of v.
        to_sum: where the gradient is; 0 for none.
    """
    to_param = task.param
    to_m = task.m
    to_v = task.v
    to_v_max = task.v_max
    for i in range(np.uintp(start), np.uintp(stop)):
        p = load(to, i, _WIDE, SQUARE)
        m = fade1 * load(to_m, i, state, M)
        v = fade2 * load(to_v, i, state, V)
        if to_sum:
            grad = np.float64(load(to_sum, i, state, SQUARE))
            g = objective_gradient(n, p, grad)
            largest = _WIDE
            if amsgrad is not None:
                largest = np.float64(load(to_v_max, i, state, V_MAX))
            p, m, v, largest = advance(n, p, g, g * g, m, v, largest)
            if amsgrad is not None:
                store(to_v_max, i, state, V_MAX, np.float32(largest))
        store(to_m, i, state, M, np.float32(m))
        store(to_v, i, state, V, np.float32(v))
        store(to_param, i, state, PARAM, np.float32(p))


@njit
def sum_row(named, at, lane, taken, task, history, series, state, amsgrad):
    """Bring one row up to date; ``at`` is its place in ``named``, the others are as in `lanes`."""
    row = named.rows[at]
    has_slices = len(named.starts) > 0
    first = taken[row]
    last = task.steps - 1 if has_slices else task.steps
    missed = float(last - first)
    fade1 = math.pow(series.beta1, missed)
    fade2 = math.pow(series.beta2, missed)
    n = numbers_of_step(history, max(task.steps, 1) - 1)
    row_end = (row + 1) * task.width
    for start in range(row * task.width, row_end, BLOCK):
        stop = min(start + BLOCK, row_end)
        # The second half of the lane's scratch; the sums of slices are in the first half. The
        # address is that of element 0 of the table, as in `sum_slices`.
        to = task.scratch + lane * SCRATCH + (BLOCK - start) * WIDE_BYTES
        _catch_up(to, first, last, history, series, task, start, stop, state, amsgrad)
        to_sum = 0
        if has_slices:
            zero = np.float32(0)
            to_sum = sum_slices(named, at, lane, task, start, stop, zero, state)
        _step(n, to, fade1, fade2, task, start, stop, to_sum, state, amsgrad)
    taken[row] = task.steps
