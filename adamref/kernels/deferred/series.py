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
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention, Format
from ...scalars import Scalars, scalars
from ...state import AdamState
from ..element import Numbers, numbers

Table = NDArray[np.float64]

TERMS = 7


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

    def __init__(
        self, config: AdamConfig, convention: Convention, arithmetic: Arithmetic, capacity: int
    ) -> None:
        self._convention = convention
        self._arithmetic = replace(arithmetic.for_dtype("float32"), correction=Format.BINARY64)
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
        seen = (
            state.v
            * numbers(
                config, self._convention, self.scalars(config, max(1, int(state.t)))
            ).before_max
        )
        if (low := state.v_max < seen * (1 - 2.0**-20)).any():  # stored numbers are rounded
            got = f"{state.v_max[low][0]} for {seen[low][0]}"
            raise ValueError(
                f"v_max must be at least v in mode 'series', got {got}; use mode 'replay'"
            )

    def numbers(self, config: AdamConfig, t: int) -> Numbers:
        """The numbers of a step in binary64.

        Raises:
            ValueError: weights decay by all of themselves or more, of which there is no logarithm.
        """
        n = numbers(config, self._convention, self.scalars(config, t))
        if not n.keep_before * n.keep_after > 0:
            got = f"{config.weight_decay} at learning_rate {config.learning_rate}"
            raise ValueError(
                f"weight_decay must leave some of a weight in mode 'series', got {got}; use mode 'replay'"
            )
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
