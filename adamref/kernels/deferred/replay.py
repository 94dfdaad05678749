"""Rows brought up to date step after step: the bits that they would have had they never been left behind.

A row that no gradient touches takes steps whose gradient is 0. They depend on nothing but the row and the numbers of
the steps, so they can be taken when the row is next needed, in the nearest cache, where no memory is waited for.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ..cpu.compiled import compiled
from ..cpu.kernel import advance, entering
from ..cpu.memory import load, store
from ..element import Numbers
from ..table import PARAM, SQUARE, V_MAX, M, V
from .rows import BLOCK, DEALT, ahead, summed


class Limits(NamedTuple):
    """What an early end rests on, in the dtype of the moments.

    Fields:
        part: of a parameter: a smaller update does not change it. left: of beta2^16, after what rounding may take.
        lost: more than what v may lose in subnormals. ends: 1 if there may be an early end at all, else 0.
    """

    part: Any
    left: Any
    lost: Any
    ends: Any


def limits(dtype: "np.dtype[Any]", ends: bool) -> NDArray[Any]:
    return np.array(
        Limits(2.0**-26 if dtype == np.float32 else 2.0**-55, 0.9999, 1e-36, ends), dtype
    )


class Tables(NamedTuple):
    """What the kernel goes by: the numbers of the steps, a row each as `Numbers`, and `Limits`, as arrays."""

    history: Any
    limits: Any


# Steps between two looks at whether parameters still move.
CHUNK = 16


@njit
def at_step(history, at):  # type: ignore[no-untyped-def]
    """The `Numbers` in a row of the history."""
    x = history[at]
    return Numbers(
        x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13]
    )


@njit
def _step(n, streams, start, stop, to_sum, state, amsgrad):  # type: ignore[no-untyped-def]
    """One step of the elements from ``start`` to ``stop``; ``to_sum`` 0 is a gradient of 0."""
    to_param, _, to_m, to_v, to_v_max, _, _ = streams
    zero = n.beta1 - n.beta1
    # Unsigned, for a signed index might count from the end, and such a loop is not vectorised.
    for i in range(np.uintp(start), np.uintp(stop)):
        p = load(to_param, i, state, PARAM)
        g = entering(n, p, load(to_sum, i, state, SQUARE) if to_sum else zero)
        largest = state if amsgrad is None else load(to_v_max, i, state, V_MAX)
        p, m, v, largest = advance(
            n, p, g, g * g, load(to_m, i, state, M), load(to_v, i, state, V), largest
        )
        store(to_m, i, state, M, m)
        store(to_v, i, state, V, v)
        if amsgrad is not None:
            store(to_v_max, i, state, V_MAX, largest)
        store(to_param, i, state, PARAM, p)


@njit
def _fade(n, streams, start, stop, state):  # type: ignore[no-untyped-def]
    """`CHUNK` steps of the moments alone. Without a gradient AMSGrad's maximum of v stays as it is."""
    to_m, to_v = streams[M], streams[V]
    zero = n.beta1 - n.beta1
    g = entering(n, zero, zero)
    for i in range(np.uintp(start), np.uintp(stop)):
        m, v = load(to_m, i, state, M), load(to_v, i, state, V)
        for _ in range(CHUNK):
            _, m, v, _ = advance(n, zero, g, g * g, m, v, state)
        store(to_m, i, state, M, m)
        store(to_v, i, state, V, v)


@njit
def _frozen(history, first, limits, streams, start, stop, state, amsgrad):  # type: ignore[no-untyped-def]
    r"""Whether none of the `CHUNK` steps from ``first`` on changes any parameter of the elements.

    p - u is p if \|u\| < \|p\| 2^-25 in binary32, or 2^-54 in binary64: less than half of what lies between p and the
    next number towards 0. Rounded operations are monotone: u is at most what `advance` makes of the largest numbers of
    these steps, of m as it is now, which never grows, and of a v below which it does not fall. With AMSGrad that is the
    maximum itself, else beta2^16 v less all that rounding may take (`Limits`).
    """
    to_param, _, to_m, to_v, to_v_max, _, _ = streams
    n = at_step(history, first)
    zero, one = n.beta1 - n.beta1, n.keep_before
    rate, correct, left = n.learning_rate, n.correct1, limits.left
    for at in range(first, first + CHUNK):
        rate, correct, left = (
            max(rate, history[at, 5]),
            max(correct, history[at, 4]),
            left * n.beta2,
        )
    moving = 0
    for i in range(np.uintp(start), np.uintp(stop)):
        p = load(to_param, i, state, PARAM)
        if amsgrad is None:
            floor = left * load(to_v, i, state, V) - limits.lost
            floor = zero if floor < zero else floor
        else:
            floor = load(to_v_max, i, state, V_MAX)
        most = (
            rate
            * (correct * abs(load(to_m, i, state, M)))
            / (np.sqrt(floor + n.epsilon_root) + n.epsilon)
        )
        still = most < limits.part * abs(p) or (most == zero and np.copysign(one, p) == one)
        moving += 0 if still else 1
    return moving == 0


@njit
def _resting(streams, start, stop, state):  # type: ignore[no-untyped-def]
    """Whether all moments are 0, as in rows that no gradient ever touched."""
    to_m, to_v = streams[M], streams[V]
    for i in range(np.uintp(start), np.uintp(stop)):
        if load(to_m, i, state, M) != 0 or load(to_v, i, state, V) != 0:
            return False
    return True


@njit
def _catch_up(history, first, last, limits, streams, start, stop, state, amsgrad):  # type: ignore[no-untyped-def]
    """The steps from ``first`` to before ``last`` of the history, with a gradient of 0."""
    at = first
    while at < last:
        if (
            limits.ends
            and last - at >= CHUNK
            and _frozen(history, at, limits, streams, start, stop, state, amsgrad)
        ):
            _fade(at_step(history, at), streams, start, stop, state)
            at += CHUNK
            if _resting(streams, start, stop, state):
                return
        else:
            end = min(at + CHUNK, last)
            for one in range(at, end):
                _step(at_step(history, one), streams, start, stop, 0, state, amsgrad)
            at = end


@njit
def _row(named, at, lane, last, steps, width, tables, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    row, count = named[0][at], len(named[2])
    history, x = tables
    limits = Limits(x[0], x[1], x[2], x[3])
    for start in range(row * width, (row + 1) * width, BLOCK):
        stop = min(start + BLOCK, (row + 1) * width)
        _catch_up(
            history, last[row], steps - (count > 0), limits, streams, start, stop, state, amsgrad
        )
        if count > 0:
            n = at_step(history, steps - 1)
            to_sum = summed(named, at, streams, lane, start, stop, width, n.beta1 - n.beta1, state)
            _step(n, streams, start, stop, to_sum, state, amsgrad)
    last[row] = steps


@njit
def _lane(lane, lanes, named, last, steps, width, tables, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    """Bring rows up to date, in place.

    Takes:
        lane, lanes: which of how many that rows are dealt to.
        named: as `Named`; empty ``starts`` are rows without slices.
        last: of each row of the table, how many steps of the history it has taken. Changed.
        steps: how many it will have taken. With slices the last of them has their gradient.
        width: elements of a row.
        tables: as `Tables`.
        streams: addresses of the six streams, and the size of an element. The scratch stands for the squares.
        state: `STORAGE` of all. amsgrad: None where there is no v_max.
    """
    for begin in range(lane * DEALT, len(named[0]), lanes * DEALT):
        for at in range(begin, min(begin + DEALT, len(named[0]))):
            ahead(named[0], at, lanes, width, streams, amsgrad)
            _row(named, at, lane, last, steps, width, tables, streams, state, amsgrad)


# Two functions, for what is compiled is kept by the name of its function.
def _serial(lanes, named, last, steps, width, tables, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    for lane in range(lanes):
        _lane(lane, lanes, named, last, steps, width, tables, streams, state, amsgrad)


def _parallel(lanes, named, last, steps, width, tables, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    for lane in prange(lanes):
        _lane(lane, lanes, named, last, steps, width, tables, streams, state, amsgrad)


serial, parallel = compiled(_serial), compiled(_parallel, parallel=True)
