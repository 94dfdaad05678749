"""The numbers of one step that all elements share, each rounded once.

With dense gradients, conventions differ in these numbers and in nothing else. An example: the
paper divides m by the bias correction 1 - beta1^t, so `inverse_bias_correction1` is
1 / (1 - beta1^t). The formula before section 2.1 (epsilon `hat`) corrects the learning rate
instead, so `inverse_bias_correction1` is 1.
"""

from enum import IntEnum
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from .config import AdamConfig
from .convention import DEFAULT_EPSILON, Arithmetic, Convention
from .dtypes import type_of
from .validation import check_corrections

Number = np.floating[Any]


class Scalars(NamedTuple):
    """The numbers of step t, in the dtype of the moments.

    Fields:
        beta1, one_minus_beta1: beta1 and 1 - beta1.
        beta2, one_minus_beta2: beta2 and 1 - beta2.
        inverse_bias_correction1: factor of m: 1 / (1 - beta1^t), or 1 without correction.
        inverse_bias_correction2: factor of v: 1 / (1 - beta2^t), or 1 without correction.
        learning_rate: alpha of the paper; with epsilon `hat` it is alpha_t, which carries both
            corrections, and the two factors are 1.
        epsilon: added to the root.
        epsilon_root: added under the root.
        l2: share of the parameter that is added to the gradient; 0 adds nothing.
        decay_factor_before: factor of the parameter before the update; 1 without decay there.
        decay_factor_after: factor of the parameter after the update; 1 without decay there.
    """

    beta1: Number
    one_minus_beta1: Number
    beta2: Number
    one_minus_beta2: Number
    inverse_bias_correction1: Number
    inverse_bias_correction2: Number
    learning_rate: Number
    epsilon: Number
    epsilon_root: Number
    l2: Number
    decay_factor_before: Number
    decay_factor_after: Number


class StepDependent(NamedTuple):
    """The five of the `Scalars` that change with t, in binary64."""

    inverse_bias_correction1: float
    inverse_bias_correction2: float
    learning_rate: float
    decay_factor_before: float
    decay_factor_after: float


class DecayScale(IntEnum):
    """The factor of decoupled weight decay: an integer, because kernels have no strings."""

    LR = 0
    LR_T = 1
    ONE = 2
    NONE = 3


class Placement(NamedTuple):
    """Where a convention puts the bias corrections and the weight decay.

    Fields:
        corrects_learning_rate: in the learning rate, instead of m and v (epsilon `hat`).
        decay_scale: the factor of decoupled weight decay, a `DecayScale`; kernels pass its integer.
        decays_before: decoupled decay comes before the update of Adam.
    """

    corrects_learning_rate: bool
    decay_scale: int
    decays_before: bool


class CorrectedMoments(NamedTuple):
    """Which of the two moments are divided by 1 - beta^t."""

    first: bool
    second: bool


class Epsilons(NamedTuple):
    """The term that is added to the root, and the term that is added under it."""

    epsilon: float
    epsilon_root: float


@np.errstate(all="ignore")
def scalars(
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    t: int,
    dtype: "np.dtype[Any]",
    powers: tuple[float, float] | None = None,
) -> Scalars:
    """Return the numbers of step ``t``.

    Args:
        config: the numbers and switches that the user set.
        convention: which moments are corrected, where epsilon stands, how weights decay.
        arithmetic: the format of each number.
        t: number of this step; the first is 1.
        dtype: of the moments.
        powers: beta1^t and beta2^t, if betas change from step to step; None computes them.

    Raises:
        ValueError: 1 / (1 - beta^t) overflows in ``dtype``.

    Rounding: each number that the arithmetic names is rounded to its format; then all are computed
        in binary64 and rounded once to ``dtype``.
    """
    to_learning_rate = type_of(arithmetic.learning_rate, dtype)
    to_epsilon = type_of(arithmetic.epsilon, dtype)
    to_moment_beta = type_of(arithmetic.moment_beta, dtype)
    to_power_beta = type_of(arithmetic.power_beta, dtype)
    to_correction = type_of(arithmetic.correction, dtype)

    # First the numbers as they are set, each in its format.
    learning_rate = float(to_learning_rate(config.learning_rate))
    weight_decay = float(to_learning_rate(config.weight_decay))
    beta1 = float(to_moment_beta(config.beta1))
    beta2 = float(to_moment_beta(config.beta2))
    terms = epsilons(config, convention)

    # Then the bias corrections. 1 - beta^t is taken in binary64 before it is rounded, because
    # beta2^t rounds to 1 in binary32 near beta2 = 1, and E4 would divide by zero.
    if powers is None:
        power_beta1 = float(to_power_beta(config.beta1))
        power_beta2 = float(to_power_beta(config.beta2))
        powers = (power_beta1**t, power_beta2**t)
    beta1_power, beta2_power = powers
    corrects = corrected_moments(config, convention)
    bias_correction1 = float(to_correction(1 - beta1_power)) if corrects.first else 1.0
    bias_correction2 = float(to_correction(1 - beta2_power)) if corrects.second else 1.0
    placement = placement_of(config, convention)
    at_t = step_dependent(
        learning_rate, weight_decay, bias_correction1, bias_correction2, placement
    )

    # Last, every number is rounded to the dtype of the moments.
    exact = (
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        at_t.inverse_bias_correction1,
        at_t.inverse_bias_correction2,
        at_t.learning_rate,
        float(to_epsilon(terms.epsilon)),
        float(to_epsilon(terms.epsilon_root)),
        weight_decay if convention.weight_decay == "l2" else 0.0,
        at_t.decay_factor_before,
        at_t.decay_factor_after,
    )
    rounded = Scalars(*map(dtype.type, exact))
    factors = rounded.inverse_bias_correction1, rounded.inverse_bias_correction2
    check_corrections(config, t, *factors)
    return rounded


def step_dependent(
    lr: float,
    weight_decay: float,
    bias_correction1: float,
    bias_correction2: float,
    placement: Placement,
) -> StepDependent:
    """Return the numbers that change with t. Kernels compile this very function.

    Args:
        lr: the learning rate as set, in its format.
        weight_decay: as set, in its format.
        bias_correction1: 1 - beta1^t, or 1 if m is not corrected.
        bias_correction2: 1 - beta2^t, or 1 if v is not corrected.
        placement: where the convention puts the corrections and the decay.

    Rounding: in binary64, each operation once, in the order written.
    """
    # The alpha_t of the paper, before section 2.1.
    lr_t = lr * sqrt(bias_correction2) / bias_correction1
    # In the order of DecayScale, which Numba takes as an index.
    scale = (lr, lr_t, 1.0, 0.0)[placement.decay_scale]
    decay_factor = 1 - weight_decay * scale
    return StepDependent(
        1.0 if placement.corrects_learning_rate else 1 / bias_correction1,
        1.0 if placement.corrects_learning_rate else 1 / bias_correction2,
        lr_t if placement.corrects_learning_rate else lr,
        decay_factor if placement.decays_before else 1.0,
        1.0 if placement.decays_before else decay_factor,
    )


def placement_of(config: AdamConfig, convention: Convention) -> Placement:
    """Return the placement of a convention, with decay only if ``config`` turns it on."""
    # Without decay the factor of the parameter is exactly 1, and costs no rounding.
    decay_scale = DecayScale.NONE
    if convention.weight_decay == "decoupled" and config.weight_decay != 0:
        decay_scale = DecayScale[convention.decay_scale.upper()]
    return Placement(
        corrects_learning_rate=convention.epsilon == "hat",
        decay_scale=decay_scale,
        decays_before=convention.decay_when == "before",
    )


def corrected_moments(config: AdamConfig, convention: Convention) -> CorrectedMoments:
    """Return which moments are corrected."""
    which = convention.amsgrad_bias_correction if config.amsgrad else convention.bias_correction
    return CorrectedMoments(first=which in ("both", "first"), second=which in ("both", "second"))


def epsilons(config: AdamConfig, convention: Convention) -> Epsilons:
    """Return the terms of the denominator, as set."""
    # Keras replaces 0 when the optimizer is made; a user who wants no epsilon cannot have it.
    epsilon = config.epsilon
    if epsilon == 0 and convention.epsilon_zero == "default":
        epsilon = DEFAULT_EPSILON
    if convention.epsilon == "inside":
        return Epsilons(epsilon=0.0, epsilon_root=epsilon)
    return Epsilons(epsilon=epsilon, epsilon_root=config.epsilon_root)
