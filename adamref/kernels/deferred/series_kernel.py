"""What Numba compiles of `series`, whose docstring has D1 and D2."""

import math

import numpy as np
from numba import njit, prange

from ..cpu.compiled import compiled
from ..cpu.kernel import advance, entering
from ..cpu.memory import STORAGE, load, store
from ..table import PARAM, SQUARE, V_MAX, M, V
from .replay import at_step
from .rows import BLOCK, DEALT, SCRATCH, ahead, summed

# What the first term that is left out may be of the parameter: a thirty-second of its last place.
SMALL = 2.0**-29
_WIDE = STORAGE["float64"]


@njit
def _moved(p, m, v, kept, sums, ready):  # type: ignore[no-untyped-def]
    """D2 of one element, with all decay; NaN where it is not to be trusted.

    Takes:
        p, m, v: before the missed steps. kept: what decay leaves of a parameter. sums: T_0 ... T_7.
        ready: whether epsilon is above 0.
    """
    # 1 / sqrt(v) in binary32, which takes a fifth of the time, and one step of Newton's method: good to 2^-44.
    y = np.float64(np.float32(1) / np.sqrt(np.float32(v)))
    y = y * (1.5 - 0.5 * v * y * y)
    total = sums[0] - y * (
        sums[1] - y * (sums[2] - y * (sums[3] - y * (sums[4] - y * (sums[5] - y * sums[6]))))
    )
    moved = kept * (p - m * y * total)
    y2 = y * y
    rest = kept * (abs(m) * (y2 * y2) * (y2 * y2) * sums[7])
    still = m == 0 and (v > 0 or ready)
    moved = kept * p if still else moved
    return moved if still or rest <= SMALL * abs(moved) else np.nan


@njit
def _direct(history, first, last, p, m, v, v_max):  # type: ignore[no-untyped-def]
    """D1 of one element: the steps as they stand, in binary64."""
    for at in range(first, last):
        n = at_step(history, at)
        g = entering(n, p, 0.0)
        p, m, v, _ = advance(n, p, g, g * g, m, v, v_max)  # without a gradient the maximum stays
    return p


@njit
def _catch_up(to, first, last, series, streams, start, stop, state, amsgrad):  # type: ignore[no-untyped-def]
    """Write the parameters after the steps from ``first`` to before ``last`` to the scratch at ``to``, in binary64."""
    history, sums, decay = series[:3]
    own, kept, ready = sums[first], math.exp(decay[last] - decay[first]), history[0, 6] > 0
    t = (own[0], own[1], own[2], own[3], own[4], own[5], own[6], own[7])
    to_param, _, to_m, to_v, to_v_max, _, _ = streams
    to_chosen = to_v if amsgrad is None else to_v_max
    odd = 0
    for i in range(np.uintp(start), np.uintp(stop)):
        p, m = np.float64(load(to_param, i, state, PARAM)), np.float64(load(to_m, i, state, M))
        moved = _moved(p, m, np.float64(load(to_chosen, i, state, V)), kept, t, ready)
        store(to, i, _WIDE, SQUARE, moved)
        odd += 0 if moved == moved else 1
    if odd == 0:
        return
    end = min(last, first + series[5])
    rest = math.exp(decay[last] - decay[end])
    for i in range(np.uintp(start), np.uintp(stop)):
        if np.isnan(load(to, i, _WIDE, SQUARE)):
            p, m = np.float64(load(to_param, i, state, PARAM)), np.float64(load(to_m, i, state, M))
            if np.isnan(p) or np.isnan(m):  # for good
                continue
            largest = _WIDE if amsgrad is None else np.float64(load(to_v_max, i, state, V_MAX))
            p = _direct(history, first, end, p, m, np.float64(load(to_v, i, state, V)), largest)
            store(to, i, _WIDE, SQUARE, rest * p)


@njit
def _step(n, to, fades, streams, start, stop, to_sum, state, amsgrad):  # type: ignore[no-untyped-def]
    """Fade the moments by as many steps as were missed, take the step with a gradient if there is one, round once."""
    to_param, _, to_m, to_v, to_v_max, _, _ = streams
    fade1, fade2 = fades
    for i in range(np.uintp(start), np.uintp(stop)):
        p = load(to, i, _WIDE, SQUARE)
        m, v = fade1 * load(to_m, i, state, M), fade2 * load(to_v, i, state, V)
        if to_sum:
            g = entering(n, p, np.float64(load(to_sum, i, state, SQUARE)))
            largest = _WIDE if amsgrad is None else np.float64(load(to_v_max, i, state, V_MAX))
            p, m, v, largest = advance(n, p, g, g * g, m, v, largest)
            if amsgrad is not None:
                store(to_v_max, i, state, V_MAX, np.float32(largest))
        store(to_m, i, state, M, np.float32(m))
        store(to_v, i, state, V, np.float32(v))
        store(to_param, i, state, PARAM, np.float32(p))


@njit
def _row(named, at, lane, last, steps, width, series, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    row, count = named[0][at], len(named[2])
    end = steps - (count > 0)
    fades = math.pow(series[3], float(end - last[row])), math.pow(series[4], float(end - last[row]))
    n = at_step(series[0], max(steps, 1) - 1)
    for start in range(row * width, (row + 1) * width, BLOCK):
        stop = min(start + BLOCK, (row + 1) * width)
        to = streams[SQUARE] + lane * SCRATCH + (BLOCK - start) * 8
        _catch_up(to, last[row], end, series, streams, start, stop, state, amsgrad)
        to_sum = 0
        if count > 0:
            to_sum = summed(named, at, streams, lane, start, stop, width, np.float32(0), state)
        _step(n, to, fades, streams, start, stop, to_sum, state, amsgrad)
    last[row] = steps


@njit
def _lane(lane, lanes, named, last, steps, width, series, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    """Bring rows up to date, in place: the arguments are those of `replay`, but for ``series``, as `Tables`."""
    for begin in range(lane * DEALT, len(named[0]), lanes * DEALT):
        for at in range(begin, min(begin + DEALT, len(named[0]))):
            ahead(named[0], at, lanes, width, streams, amsgrad)
            _row(named, at, lane, last, steps, width, series, streams, state, amsgrad)


# Two functions, for what is compiled is kept by the name of its function.
def _serial(lanes, named, last, steps, width, series, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    for lane in range(lanes):
        _lane(lane, lanes, named, last, steps, width, series, streams, state, amsgrad)


def _parallel(lanes, named, last, steps, width, series, streams, state, amsgrad):  # type: ignore[no-untyped-def]
    for lane in prange(lanes):
        _lane(lane, lanes, named, last, steps, width, series, streams, state, amsgrad)


serial, parallel = compiled(_serial), compiled(_parallel, parallel=True)
