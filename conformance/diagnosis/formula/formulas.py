"""Formulas: what stands in E1, E2 and E5 of Adams, as tables of parts that can be exchanged.

E1 and E2 are the recurrences of the moments. E5 is

    p - rate * numerator / root(corrected, constant)

with some t, so an Adam has eight parts. For example, one that puts epsilon inside the root has the
`root` of `sqrt(v_hat + epsilon)`, and the other seven as in the paper.

Each table has the text of a part -> the function that computes it. The first entry
is that of the paper. Source: the mistakes of `conformance.defects`, and the optimizers that are
made of Adam, such as NAdam and AdaBelief.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Samples(NamedTuple):
    """Elements of parameters after a call, one entry each, in float64.

    Fields:
        gradient: in the call.
        before, after: the parameter that the subject returned before and after the call.
        m, v: the moments after the call; m_before, v_before: before it.
        t: the number of the step, from 1.
        rate: the learning rate of the call; first_rate: the one that it was made with.
        beta1, beta2, epsilon: the hyperparameters.
    """

    gradient: Numbers
    before: Numbers
    after: Numbers
    m: Numbers
    v: Numbers
    m_before: Numbers
    v_before: Numbers
    t: Numbers
    rate: Numbers
    first_rate: Numbers
    beta1: Numbers
    beta2: Numbers
    epsilon: Numbers


# --- E1 and E2: from the moment before, the beta, the gradient, the new m, and t.


class MomentStep(NamedTuple):
    """What a recurrence takes.

    Fields:
        old: the moment before.
        beta, other: its own beta, and that of the other moment.
        gradient: of the call.
        m, m_before: the first moment after and before; E1 has none after.
        t: the number of the step.
    """

    old: Numbers
    beta: float
    other: float
    gradient: Numbers
    m: Numbers
    m_before: Numbers
    t: int


Recurrence = Callable[[MomentStep], Numbers]


FIRST: Mapping[str, Recurrence] = {
    "beta1 * m + (1 - beta1) * g": lambda s: s.beta * s.old + (1 - s.beta) * s.gradient,
    "beta1 * m + g": lambda s: s.beta * s.old + s.gradient,
    "(1 - beta1) * m + beta1 * g": lambda s: (1 - s.beta) * s.old + s.beta * s.gradient,
    "beta2 * m + (1 - beta2) * g": lambda s: s.other * s.old + (1 - s.other) * s.gradient,
    "beta1 * m + (1 - beta2) * g": lambda s: s.beta * s.old + (1 - s.other) * s.gradient,
    "m + (1 - beta1) * g": lambda s: s.old + (1 - s.beta) * s.gradient,
    "beta1 * m - (1 - beta1) * g": lambda s: s.beta * s.old - (1 - s.beta) * s.gradient,
    "g": lambda s: s.gradient,
}
SECOND: Mapping[str, Recurrence] = {
    "beta2 * v + (1 - beta2) * g * g": lambda s: s.beta * s.old + (1 - s.beta) * s.gradient**2,
    "beta2 * v + (1 - beta2) * |g|": lambda s: s.beta * s.old + (1 - s.beta) * abs(s.gradient),
    "beta2 * v + (1 - beta2) * m * m": lambda s: s.beta * s.old + (1 - s.beta) * s.m**2,
    "beta2 * v + (1 - beta2) * g * m": lambda s: s.beta * s.old + (1 - s.beta) * s.gradient * s.m,
    "beta2 * v + (1 - beta2) * (g - m)^2": (
        lambda s: s.beta * s.old + (1 - s.beta) * (s.gradient - s.m) ** 2
    ),
    "beta2 * v + (1 - beta2) * (g - m before) * (g - m)": (
        lambda s: s.beta * s.old + (1 - s.beta) * (s.gradient - s.m_before) * (s.gradient - s.m)
    ),
    "beta2 * v + g * g": lambda s: s.beta * s.old + s.gradient**2,
    "v + g * g": lambda s: s.old + s.gradient**2,
    "v + (1 - beta2) * g * g": lambda s: s.old + (1 - s.beta) * s.gradient**2,
    "beta2 * v + (1 - beta2)^2 * g * g": (
        lambda s: s.beta * s.old + ((1 - s.beta) * s.gradient) ** 2
    ),
    "(1 - beta2) * v + beta2 * g * g": lambda s: (1 - s.beta) * s.old + s.beta * s.gradient**2,
    "beta1 * v + (1 - beta1) * g * g": lambda s: s.other * s.old + (1 - s.other) * s.gradient**2,
    "beta2 * v + (1 - beta1) * g * g": lambda s: s.beta * s.old + (1 - s.other) * s.gradient**2,
    "max(beta2 * v, g * g)": lambda s: np.maximum(s.beta * s.old, s.gradient**2),
    "v - (1 - beta2) * sign(v - g * g) * g * g": (
        lambda s: s.old - (1 - s.beta) * np.sign(s.old - s.gradient**2) * s.gradient**2
    ),
    "g * g": lambda s: s.gradient**2,
}

# --- E5: from samples.

Part = Callable[[Samples], Numbers]


def _correction(beta: Numbers, t: Numbers) -> Numbers:
    # Before the first step there is nothing to correct.
    return np.where(t > 0, 1 - beta ** np.maximum(t, 1), 1)


def _correct(of: Numbers, beta: Numbers, t: Numbers) -> Numbers:
    return of / _correction(beta, t)


NUMERATORS: Mapping[str, Part] = {
    "m_hat": lambda s: _correct(s.m, s.beta1, s.t),
    "m": lambda s: s.m,
    "g": lambda s: s.gradient,
    "sign(m)": lambda s: np.sign(s.m),
    "(m before, corrected)": lambda s: _correct(s.m_before, s.beta1, s.t - 1),
    "m / beta1^t": lambda s: s.m / s.beta1**s.t,
    "m / (1 - beta1)": lambda s: s.m / (1 - s.beta1),
    "m / (1 - beta1 * t)": lambda s: s.m / (1 - s.beta1 * s.t),
    "m / (1 - beta1^(t - 1))": lambda s: _correct(s.m, s.beta1, s.t - 1),
    "m / (1 - beta1^(t + 1))": lambda s: _correct(s.m, s.beta1, s.t + 1),
    "m / (1 - beta2^t)": lambda s: _correct(s.m, s.beta2, s.t),
    "m / (1 - beta1^t)^2": lambda s: _correct(_correct(s.m, s.beta1, s.t), s.beta1, s.t),
    "m * (1 - beta1^t)": lambda s: s.m * (1 - s.beta1**s.t),
    "(beta1 * m / (1 - beta1^(t + 1)) + (1 - beta1) * g / (1 - beta1^t))": lambda s: (
        s.beta1 * _correct(s.m, s.beta1, s.t + 1)
        + (1 - s.beta1) * _correct(s.gradient, s.beta1, s.t)
    ),
    "(beta1 * m_hat + (1 - beta1) * g / (1 - beta1^t))": lambda s: (
        s.beta1 * _correct(s.m, s.beta1, s.t) + (1 - s.beta1) * _correct(s.gradient, s.beta1, s.t)
    ),
    "(beta1 * m + (1 - beta1) * g)": lambda s: s.beta1 * s.m + (1 - s.beta1) * s.gradient,
}
SECONDS: Mapping[str, Part] = {
    "v_hat": lambda s: _correct(s.v, s.beta2, s.t),
    "v": lambda s: s.v,
    "(g * g)": lambda s: s.gradient**2,
    "(v before)": lambda s: s.v_before,
    "(v before, corrected)": lambda s: _correct(s.v_before, s.beta2, s.t - 1),
    "v / beta2^t": lambda s: s.v / s.beta2**s.t,
    "v / (1 - beta2)": lambda s: s.v / (1 - s.beta2),
    "v / (1 - beta2 * t)": lambda s: s.v / (1 - s.beta2 * s.t),
    "v / (1 - beta2^(t - 1))": lambda s: _correct(s.v, s.beta2, s.t - 1),
    "v / (1 - beta2^(t + 1))": lambda s: _correct(s.v, s.beta2, s.t + 1),
    "v / (1 - beta1^t)": lambda s: _correct(s.v, s.beta1, s.t),
    "v / (1 - beta2^t)^2": lambda s: _correct(_correct(s.v, s.beta2, s.t), s.beta2, s.t),
    "v * (1 - beta2^t)": lambda s: s.v * (1 - s.beta2**s.t),
}
CONSTANTS: Mapping[str, Part] = {
    "epsilon": lambda s: s.epsilon,
    "epsilon / sqrt(1 - beta2^t)": lambda s: s.epsilon / np.sqrt(_correction(s.beta2, s.t)),
    "epsilon * sqrt(1 - beta2^t)": lambda s: s.epsilon * np.sqrt(_correction(s.beta2, s.t)),
    "epsilon / (1 - beta2^t)": lambda s: s.epsilon / _correction(s.beta2, s.t),
    "epsilon^2": lambda s: s.epsilon**2,
    "sqrt(epsilon)": lambda s: np.sqrt(s.epsilon),
    "0": lambda s: 0 * s.epsilon,
    "1e-6": lambda s: np.full_like(s.epsilon, 1e-6),
    "1e-7": lambda s: np.full_like(s.epsilon, 1e-7),
    "1e-8": lambda s: np.full_like(s.epsilon, 1e-8),
    "(epsilon or 1e-8)": lambda s: np.where(s.epsilon == 0, 1e-8, s.epsilon),
    "(epsilon or 1e-7)": lambda s: np.where(s.epsilon == 0, 1e-7, s.epsilon),
    "max(epsilon, 1e-8)": lambda s: np.maximum(s.epsilon, 1e-8),
    "max(epsilon, 1e-7)": lambda s: np.maximum(s.epsilon, 1e-7),
}
# From the second moment and the constant.
ROOTS: Mapping[str, Callable[[Numbers, Numbers], Numbers]] = {
    "(sqrt({v}) + {e})": lambda v, e: np.sqrt(v) + e,
    "sqrt({v} + {e})": lambda v, e: np.sqrt(v + e),
    "max(sqrt({v}), {e})": lambda v, e: np.maximum(np.sqrt(v), e),
    "sqrt(max({v}, {e}))": lambda v, e: np.sqrt(np.maximum(v, e)),
    "({v} + {e})": lambda v, e: v + e,
    "(sqrt({v}) - {e})": lambda v, e: np.sqrt(v) - e,
    "(1 / (1 / sqrt({v}) + {e}))": lambda v, e: 1 / (1 / np.sqrt(v) + e),
    "(sqrt({v} + {e}) + {e})": lambda v, e: np.sqrt(v + e) + e,
    "(sqrt({v} + 1e-8) + {e})": lambda v, e: np.sqrt(v + 1e-8) + e,
    "(sqrt({v} + 1e-7) + {e})": lambda v, e: np.sqrt(v + 1e-7) + e,
    "(sqrt({v} + 1e-6) + {e})": lambda v, e: np.sqrt(v + 1e-6) + e,
    "(sqrt({v}) * (1 + {e}))": lambda v, e: np.sqrt(v) * (1 + e),
    "cbrt({v} + {e})": lambda v, e: np.cbrt(v + e),
}
RATES: Mapping[str, Part] = {
    "learning_rate": lambda s: s.rate,
    "(the first learning_rate)": lambda s: s.first_rate,
    "1": lambda s: np.ones_like(s.rate),
    "-learning_rate": lambda s: -s.rate,
    "learning_rate^2": lambda s: s.rate**2,
    "learning_rate / t": lambda s: s.rate / s.t,
    "learning_rate / sqrt(t)": lambda s: s.rate / np.sqrt(s.t),
    "learning_rate * sqrt(1 - beta2^t)": lambda s: s.rate * np.sqrt(1 - s.beta2**s.t),
    "learning_rate / (1 - beta1^t)": lambda s: s.rate / _correction(s.beta1, s.t),
}
# What stands for t in all of these.
TIMES: Mapping[str, Part] = {
    "t": lambda s: s.t,
    "t - 1": lambda s: s.t - 1,
    "t + 1": lambda s: s.t + 1,
    "1": lambda s: np.ones_like(s.t),
    "min(t, 255)": lambda s: np.minimum(s.t, 255),
}


class Formula(NamedTuple):
    """An Adam as the texts of its eight parts, each a key of its table."""

    first: str
    second: str
    numerator: str
    corrected: str
    constant: str
    root: str
    rate: str
    time: str

    @property
    def step(self) -> str:
        """What E5 subtracts, in one line."""
        root = self.root.format(v=self.corrected, e=self.constant)
        step = f"{self.rate} * {self.numerator} / {root}"
        return step if self.time == "t" else f"{step} with {self.time} for t"


# In the order of the fields of Formula.
PARTS: tuple[Mapping[str, object], ...] = (
    *(FIRST, SECOND),
    *(NUMERATORS, SECONDS, CONSTANTS, ROOTS, RATES, TIMES),
)
PAPER = Formula(*(next(iter(table)) for table in PARTS))
