"""Rows brought up to date by sums: as close to the exact recurrence as one rounding is, at a price without the gap.

While a row is idle m = beta1^k m and v = beta2^k v, so K missed steps take from each of its parameters

    D1   sum over k = 1...K of a_k beta1^k m / (sqrt(v) beta2^(k/2) + e_k)
    D2   = sum over j of (m / sqrt(v)) (-1 / sqrt(v))^j T_j,   T_j = sum over k of a_k e_k^j (beta1 beta2^(-(j+1)/2))^k

with a = lr correct1 / sqrt(correct2) and e = eps / sqrt(correct2) of the step. The T_j are the same for all elements:
they are kept for each step after which a row may have been left behind. With AMSGrad the maximum stands for v, and 1
for beta2. Decoupled decay scales the parameter between the steps; each term is divided by what it was scaled by so far.

Errors, each below the rounding of the result unless the parameter and D1 cancel in all but some bits:
    1/(1 + x) less J terms of its series is x^J / (1 + x) at most, so D2 ends after J = 7 terms where the eighth, with
    its T_7, is small beside the parameter. Elsewhere D1 is summed as it stands, in binary64.
    Terms fall at least as fast as rho^k, rho = beta1 / sqrt(beta2): those after K_max are rho^(K_max + 1) / (1 - rho)
    <= 2^-54 together, relative to the largest a and to m / sqrt(v).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from ..scalars import Scalars, scalars
from ..state import AdamState
from .compiled import compiled
from .element import Numbers, numbers
from .gather import BLOCK, DEALT, SCRATCH, ahead, summed
from .memory import STORAGE, load, store
from .replay import at_step
from .table import PARAM, SQUARE, V_MAX, M, V
from .walk import advance, entering

Table = NDArray[np.float64]

TERMS = 7
# What the first term that is left out may be of the parameter: a thirty-second of its last place.
SMALL = 2.0**-29
_WIDE = STORAGE["float64"]


def longest(rho: float) -> int:
    """K_max: how many steps are summed; the rest is below 2^-54 of the whole."""
    if rho == 0:
        return 1
    return max(1, math.ceil((-54 * math.log(2) + math.log1p(-rho)) / math.log(rho)) - 1)


class Tables(NamedTuple):
    """What the kernel takes of a `Series`.

    Fields:
        history: a row a step, as `Numbers` of binary64. sums: T_0 ... T_7 after each step, the first before them all.
        decay: logarithms of what the steps so far leave of a parameter. beta1, beta2: for moments.
        longest: K_max.
    """

    history: Table
    sums: Table
    decay: Table
    beta1: float
    beta2: float
    longest: int


class Series:
    """The sums of a table whose moments are float32.

    Args:
        config, convention: `check_series` has found no fault.
        arithmetic: the formats of what is set; what comes of it stays in binary64.
        capacity: how many steps are remembered.
    """

    def __init__(self, config: AdamConfig, convention: Convention, arithmetic: Arithmetic, capacity: int) -> None:
        self._convention, self._arithmetic = convention, Arithmetic(arithmetic.resolve("float32")[:4] + "d")
        first = self.scalars(config, 1)
        self.beta1, self.beta2 = float(first.beta1), float(first.beta2)
        root = 1.0 if config.amsgrad else math.sqrt(self.beta2)
        self.steps = min(longest(self.beta1 / root), capacity)
        k, j = np.arange(1.0, self.steps + 1)[:, None], np.arange(TERMS + 1.0)
        with np.errstate(over="ignore"):  # what is infinite is of an order that is not used then
            self._powers = (self.beta1 / root ** (j + 1)) ** k
        self.sums = np.zeros((capacity + 1, TERMS + 1))
        self.decay = np.zeros(capacity + 1)

    def scalars(self, config: AdamConfig, t: int) -> Scalars:
        return scalars(config, self._convention, self._arithmetic, t, np.dtype(np.float64))

    def check(self, config: AdamConfig, state: AdamState) -> None:
        """Raise ValueError unless AMSGrad's maximum is one: the series takes it to stay while a row is idle."""
        if state.v_max is None:
            return
        seen = state.v * numbers(config, self._convention, self.scalars(config, max(1, int(state.t)))).before_max
        if (low := state.v_max < seen * (1 - 2.0**-20)).any():  # stored numbers are rounded
            got = f"{state.v_max[low][0]} for {seen[low][0]}"
            raise ValueError(f"v_max must be at least v in mode 'series', got {got}; use mode 'replay'")

    def numbers(self, config: AdamConfig, t: int) -> Numbers:
        """The numbers of a step in binary64.

        Raises:
            ValueError: weights decay by all of themselves or more, of which there is no logarithm.
        """
        n = numbers(config, self._convention, self.scalars(config, t))
        if not n.keep_before * n.keep_after > 0:
            got = f"{config.weight_decay} at learning_rate {config.learning_rate}"
            raise ValueError(f"weight_decay must leave some of a weight in mode 'series', got {got}; use mode 'replay'")
        return n

    def extend(self, steps: int, n: Numbers) -> None:
        """Take in step number ``steps`` of the history, which begins with 1: all that may be left behind see it."""
        self.decay[steps] = self.decay[steps - 1] + math.log(n.keep_before * n.keep_after)
        count = min(steps, self.steps)
        seen = slice(steps - count, steps)
        weight = n.learning_rate * n.correct1 / math.sqrt(n.after_max) * n.keep_after
        order = weight * (n.epsilon / math.sqrt(n.after_max)) ** np.arange(TERMS + 1.0)
        scaled = np.exp(self.decay[seen] - self.decay[steps])
        with np.errstate(invalid="ignore"):
            terms = self._powers[:count][::-1] * (scaled[:, None] * order)
        self.sums[seen] += np.where(order > 0, terms, 0.0)

    def tables(self, history: Table) -> Tables:
        return Tables(history, self.sums, self.decay, self.beta1, self.beta2, self.steps)

    def reset(self) -> None:
        """Forget all steps."""
        self.sums[:], self.decay[0] = 0, 0


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
    total = sums[0] - y * (sums[1] - y * (sums[2] - y * (sums[3] - y * (sums[4] - y * (sums[5] - y * sums[6])))))
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
