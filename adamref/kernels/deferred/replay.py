"""Rows brought up to date step by step: they get the bits that they would have without delay.

A row that no gradient touches takes steps with a gradient of 0. These depend only on the row and on
the numbers of the steps. So they can be taken when the row is next needed, in the nearest cache,
without waiting for memory.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..cpu.kernel import advance, numbers_at, objective_gradient
from ..cpu.memory import load, store
from ..element import COLUMN
from ..table import PARAM, SQUARE, V_MAX, M, V
from .rows import BLOCK, sum_slices


class Limits(NamedTuple):
    """The numbers that an early end rests on, in the dtype of the moments.

    Fields:
        part: an update smaller than this part of a parameter does not change it.
        left: what is left of v beyond beta2^16, after all that rounding may take.
        lost: more than v may lose in subnormals.
        ends: 1 if there may be an early end at all, else 0.
    """

    part: Any
    left: Any
    lost: Any
    ends: Any


LIMIT = Limits(*range(len(Limits._fields)))


def end_limits(dtype: "np.dtype[Any]", ends: bool) -> NDArray[Any]:
    """Return `Limits` as an array."""
    # Half of 2^-25 and 2^-54, which `_no_param_changes` derives, so that its rounding is no matter.
    part = 2.0**-26 if dtype == np.float32 else 2.0**-55
    limits = Limits(part=part, left=0.9999, lost=1e-36, ends=ends)
    return np.array(limits, dtype)


# Steps between two looks at whether parameters still move.
CHUNK = 16


@njit
def numbers_of_step(history, at):
    """Return the `KernelNumbers` in a row of the history."""
    return numbers_at(history[at], 0)


@njit
def _step(n, task, start, stop, to_sum, state, amsgrad):
    """Take one step of some elements. If ``to_sum`` is 0, the gradient is 0."""
    to_param = task.param
    to_m = task.m
    to_v = task.v
    to_v_max = task.v_max
    # 0 in the dtype of the moments.
    zero = n.beta1 - n.beta1
    # Unsigned indices: a signed index might count from the end, and LLVM would not vectorise the
    # loop.
    for i in range(np.uintp(start), np.uintp(stop)):
        p = load(to_param, i, state, PARAM)
        summed = load(to_sum, i, state, SQUARE) if to_sum else zero
        g = objective_gradient(n, p, summed)
        largest = state if amsgrad is None else load(to_v_max, i, state, V_MAX)
        m = load(to_m, i, state, M)
        v = load(to_v, i, state, V)
        p, m, v, largest = advance(n, p, g, g * g, m, v, largest)
        store(to_m, i, state, M, m)
        store(to_v, i, state, V, v)
        if amsgrad is not None:
            store(to_v_max, i, state, V_MAX, largest)
        store(to_param, i, state, PARAM, p)


@njit
def _fade(n, task, start, stop, state):
    """Take `CHUNK` steps of the moments alone. Without a gradient the maximum does not change."""
    to_m = task.m
    to_v = task.v
    zero = n.beta1 - n.beta1
    g = objective_gradient(n, zero, zero)
    for i in range(np.uintp(start), np.uintp(stop)):
        m = load(to_m, i, state, M)
        v = load(to_v, i, state, V)
        for _ in range(CHUNK):
            _, m, v, _ = advance(n, zero, g, g * g, m, v, state)
        store(to_m, i, state, M, m)
        store(to_v, i, state, V, v)


@njit
def _no_param_changes(history, first, limits, task, start, stop, state, amsgrad):
    r"""Return whether none of the `CHUNK` steps from ``first`` on changes a parameter.

    p - u is p if \|u\| < \|p\| 2^-25 in binary32, or 2^-54 in binary64: less than half the distance
    between p and the next number towards 0. Rounded operations are monotone. So u is at most the
    update that `advance` makes of three things: the largest numbers of these steps; the m of now,
    which never grows; and a v below which v does not fall. With AMSGrad this v is the maximum
    itself, else it is beta2^16 v less all that rounding may take (`Limits`).
    """
    to_param = task.param
    to_m = task.m
    to_v = task.v
    to_v_max = task.v_max
    n = numbers_of_step(history, first)
    zero = n.beta1 - n.beta1
    one = n.decay_factor_before
    # First the largest numbers of all these steps, and what the steps leave of v.
    rate = n.learning_rate
    correction = n.inverse_bias_correction1
    left = limits[LIMIT.left]
    part = limits[LIMIT.part]
    lost = limits[LIMIT.lost]
    for at in range(first, first + CHUNK):
        rate = max(rate, history[at, COLUMN.learning_rate])
        correction = max(correction, history[at, COLUMN.inverse_bias_correction1])
        left = left * n.beta2
    # Then count the elements that may change: a loop with an early return would not be vectorised.
    changing = 0
    for i in range(np.uintp(start), np.uintp(stop)):
        p = load(to_param, i, state, PARAM)
        if amsgrad is None:
            floor = left * load(to_v, i, state, V) - lost
            floor = zero if floor < zero else floor
        else:
            floor = load(to_v_max, i, state, V_MAX)
        largest_m_hat = correction * abs(load(to_m, i, state, M))
        denominator = np.sqrt(floor + n.epsilon_root) + n.epsilon
        most = rate * largest_m_hat / denominator
        # An update of 0 changes no parameter but -0.
        is_small = most < part * abs(p)
        still = is_small or (most == zero and np.copysign(one, p) == one)
        changing += 0 if still else 1
    return changing == 0


@njit
def _all_moments_zero(task, start, stop, state):
    """Return whether all moments are 0, as in rows that no gradient ever touched."""
    for i in range(np.uintp(start), np.uintp(stop)):
        m = load(task.m, i, state, M)
        v = load(task.v, i, state, V)
        if m != 0 or v != 0:
            return False
    return True


@njit
def _catch_up(history, first, last, limits, task, start, stop, state, amsgrad):
    """Take the steps from ``first`` to before ``last`` of the history, with a gradient of 0."""
    at = first
    while at < last:
        if (
            limits[LIMIT.ends]
            and last - at >= CHUNK
            and _no_param_changes(history, at, limits, task, start, stop, state, amsgrad)
        ):
            # Parameters rest, and only the moments fade: all steps have the same betas.
            _fade(numbers_of_step(history, at), task, start, stop, state)
            at += CHUNK
            if _all_moments_zero(task, start, stop, state):
                return
        else:
            chunk_end = min(at + CHUNK, last)
            for step_at in range(at, chunk_end):
                n = numbers_of_step(history, step_at)
                _step(n, task, start, stop, 0, state, amsgrad)
            at = chunk_end


@njit
def replay_row(named, at, lane, taken, task, history, limits, state, amsgrad):
    """Bring one row up to date; ``at`` is its place in ``named``, the others are as in `lanes`."""
    row = named.rows[at]
    has_slices = len(named.starts) > 0
    missed_end = task.steps - 1 if has_slices else task.steps
    row_end = (row + 1) * task.width
    for start in range(row * task.width, row_end, BLOCK):
        stop = min(start + BLOCK, row_end)
        _catch_up(history, taken[row], missed_end, limits, task, start, stop, state, amsgrad)
        if has_slices:
            n = numbers_of_step(history, task.steps - 1)
            zero = n.beta1 - n.beta1
            to_sum = sum_slices(named, at, lane, task, start, stop, zero, state)
            _step(n, task, start, stop, to_sum, state, amsgrad)
    taken[row] = task.steps
