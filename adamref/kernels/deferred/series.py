"""Rows brought up to date by sums: exact up to one rounding, at a cost without the gap.

While a row is idle m = beta1^k m and v = beta2^k v, so K missed steps take from each of its
parameters

    D1   sum over k = 1...K of a_k beta1^k m / (sqrt(v) beta2^(k/2) + e_k)
    D2   = sum over j of (m / sqrt(v)) (-1 / sqrt(v))^j T_j,
         T_j = sum over k of a_k e_k^j (beta1 beta2^(-(j+1)/2))^k

with a = lr c1 / sqrt(c2) and e = eps / sqrt(c2) of the step, where c1 and c2 are its
`inverse_bias_correction1` and `inverse_bias_correction2`. The T_j are the same for all elements:
they are kept for each step after which a row may have been left behind. With AMSGrad the maximum
stands for v, and 1 for beta2. Decoupled decay scales the parameter between the steps. Each
term is divided by the scale so far.

Errors, each below the rounding of the result unless the parameter and D1 cancel in all but some
bits:
    1/(1 + x) less J terms of its series is x^J / (1 + x) at most. So D2 ends after J = 7 terms
    where the eighth, with its T_7, is small beside the parameter. Elsewhere D1 is summed directly,
    in binary64. Terms fall at least as fast as rho^k, rho = beta1 / sqrt(beta2). The terms after
    K_max are together rho^(K_max + 1) / (1 - rho) <= 2^-54, relative to the largest a and to m /
    sqrt(v).
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
from ..element import KernelNumbers, kernel_numbers

Table = NDArray[np.float64]

# J, the terms of D2; T_J is kept too, because it says how much they leave out.
TERMS = 7
# Terms whose sum is 2^-54 of the whole, half a unit in the last place of binary64, are left out.
_LEFT_OUT = -54
# A stored maximum may be below v by its rounding, many times over.
_SLACK = 2.0**-20


def steps_to_sum(rho: float) -> int:
    """Return K_max: how many steps are summed. The rest is below 2^-54 of the whole."""
    if rho == 0:
        return 1
    logarithm = _LEFT_OUT * math.log(2) + math.log1p(-rho)
    terms = math.ceil(logarithm / math.log(rho))
    return max(1, terms - 1)


class SeriesTables(NamedTuple):
    """What the kernel takes of a `Series`.

    Fields:
        sums: T_0 ... T_7 after each step; the first row is before all steps.
        decay: logarithms of what the steps so far leave of a parameter.
        beta1, beta2: of the moments.
        longest: K_max.
    """

    sums: Table
    decay: Table
    beta1: float
    beta2: float
    longest: int


class Series:
    """The sums of a table with moments of float32.

    Args:
        config, convention: supported by `check_series`.
        arithmetic: the formats of what the user sets; what follows from it stays in binary64.
        capacity: how many steps are remembered.
    """

    def __init__(
        self, config: AdamConfig, convention: Convention, arithmetic: Arithmetic, capacity: int
    ) -> None:
        self._convention = convention
        self._arithmetic = replace(arithmetic.for_dtype("float32"), correction=Format.BINARY64)
        first = self.scalars(config, 1)
        self.beta1 = float(first.beta1)
        self.beta2 = float(first.beta2)
        root = 1.0 if config.amsgrad else math.sqrt(self.beta2)
        self.steps = min(steps_to_sum(self.beta1 / root), capacity)
        # (beta1 beta2^(-(j+1)/2))^k of T_j; a row is a k, a column a j.
        k = np.arange(1.0, self.steps + 1)[:, None]
        j = np.arange(TERMS + 1.0)
        # Powers that overflow belong to orders that are not used in this case.
        with np.errstate(over="ignore"):
            self._powers = (self.beta1 / root ** (j + 1)) ** k
        self.sums = np.zeros((capacity + 1, TERMS + 1))
        self.decay = np.zeros(capacity + 1)

    def scalars(self, config: AdamConfig, t: int) -> Scalars:
        """Return the scalars of step ``t`` in binary64."""
        return scalars(config, self._convention, self._arithmetic, t, np.dtype(np.float64))

    def check(self, config: AdamConfig, state: AdamState) -> None:
        """Raise ValueError if AMSGrad's maximum is below v, and so would change in an idle row."""
        if state.v_max is None:
            return
        t = max(1, int(state.t))
        n = kernel_numbers(config, self._convention, self.scalars(config, t))
        candidate = state.v * n.before_max
        low = state.v_max < candidate * (1 - _SLACK)
        if low.any():
            got = f"{state.v_max[low][0]} for {candidate[low][0]}"
            raise ValueError(
                f"v_max must be at least v in mode 'series', got {got}; use mode 'replay'"
            )

    def numbers(self, config: AdamConfig, t: int) -> KernelNumbers:
        """Return the numbers of step ``t`` in binary64.

        Raises:
            ValueError: weights decay by all of themselves or more, which has no logarithm.
        """
        n = kernel_numbers(config, self._convention, self.scalars(config, t))
        if not n.decay_factor_before * n.decay_factor_after > 0:
            got = f"{config.weight_decay} at learning_rate {config.learning_rate}"
            raise ValueError(
                f"weight_decay must leave some of a weight in mode 'series', got {got}; "
                "use mode 'replay'"
            )
        return n

    def extend(self, steps: int, n: KernelNumbers) -> None:
        """Add step number ``steps`` of the history to the sums; the first is 1."""
        kept = math.log(n.decay_factor_before * n.decay_factor_after)
        self.decay[steps] = self.decay[steps - 1] + kept
        # Rows that were left behind at most K_max steps ago see this step.
        count = min(steps, self.steps)
        seen = slice(steps - count, steps)
        # a_k, and a_k e_k^j for each j.
        root = math.sqrt(n.after_max)
        weight = n.learning_rate * n.inverse_bias_correction1 / root * n.decay_factor_after
        order = weight * (n.epsilon / root) ** np.arange(TERMS + 1.0)
        # Seen from an earlier step, the term is divided by all decay since then.
        scaled = np.exp(self.decay[seen] - self.decay[steps])
        # Infinite powers times 0 are NaN; their orders are not used.
        with np.errstate(invalid="ignore"):
            # The latest step is one step away.
            powers = self._powers[:count][::-1]
            terms = powers * (scaled[:, None] * order)
        self.sums[seen] += np.where(order > 0, terms, 0.0)

    def tables(self) -> SeriesTables:
        return SeriesTables(self.sums, self.decay, self.beta1, self.beta2, self.steps)

    def reset(self) -> None:
        """Forget all steps."""
        self.sums[:] = 0
        self.decay[0] = 0
