"""The numbers of one step that all elements share, each rounded once.

With dense gradients, conventions differ in these numbers and in nothing else. An example: the
paper divides m by 1 - beta1^t, so `correct1` is 1 / (1 - beta1^t). The formula before section 2.1
(epsilon `hat`) corrects the learning rate instead, so `correct1` is 1.
"""

from enum import IntEnum
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from .config import AdamConfig
from .convention import DEFAULT_EPSILON, Arithmetic, Convention, Format

Number = np.floating[Any]

# T is missing here: it is the dtype of the moments, which `type_of` is given.
_TYPES: dict[Format, Any] = {Format.BINARY64: np.float64, Format.BINARY32: np.float32}


class Scalars(NamedTuple):
    """The numbers of step t, in the dtype of the moments.

    Fields:
        beta1, beta1_rest: beta1 and 1 - beta1.
        beta2, beta2_rest: beta2 and 1 - beta2.
        correct1, correct2: factors of m and v: 1 / (1 - beta^t), or 1 without correction.
        learning_rate: step size; with epsilon `hat` it carries the corrections, and both factors
            are 1.
        epsilon: added to the root.
        epsilon_root: added under the root.
        l2: share of the parameter that is added to the gradient; 0 adds nothing.
        keep_before, keep_after: factor of the parameter before and after the step; 1 keeps it.
    """

    beta1: Number
    beta1_rest: Number
    beta2: Number
    beta2_rest: Number
    correct1: Number
    correct2: Number
    learning_rate: Number
    epsilon: Number
    epsilon_root: Number
    l2: Number
    keep_before: Number
    keep_after: Number


class StepDependent(NamedTuple):
    """The five of the `Scalars` that change with t, in binary64."""

    correct1: float
    correct2: float
    learning_rate: float
    keep_before: float
    keep_after: float


class DecayScale(IntEnum):
    """The factor of decoupled weight decay: an integer, because kernels have no strings."""

    LR = 0
    LR_T = 1
    ONE = 2
    NONE = 3


class Switches(NamedTuple):
    """The choices of a convention that `step_dependent` needs.

    Fields:
        folds_correction: the learning rate carries the corrections of m and v (epsilon `hat`).
        decay_scale: the factor of decoupled weight decay, a `DecayScale`; kernels pass its integer.
        decays_before: decoupled decay comes before the step of Adam.
    """

    folds_correction: bool
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

    # Then the corrections. 1 - beta^t is taken in binary64 before it is rounded, because beta2^t
    # rounds to 1 in binary32 near beta2 = 1, and E4 would divide by zero.
    if powers is None:
        base1 = float(to_power_beta(config.beta1))
        base2 = float(to_power_beta(config.beta2))
        powers = (base1**t, base2**t)
    power1, power2 = powers
    corrected = corrected_moments(config, convention)
    bias1 = float(to_correction(1 - power1)) if corrected.first else 1.0
    bias2 = float(to_correction(1 - power2)) if corrected.second else 1.0
    changing = step_dependent(
        learning_rate, weight_decay, bias1, bias2, switches(config, convention)
    )

    # Last, every number is rounded to the dtype of the moments.
    exact = (
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        changing.correct1,
        changing.correct2,
        changing.learning_rate,
        float(to_epsilon(terms.epsilon)),
        float(to_epsilon(terms.epsilon_root)),
        weight_decay if convention.weight_decay == "l2" else 0.0,
        changing.keep_before,
        changing.keep_after,
    )
    rounded = Scalars(*map(dtype.type, exact))
    # Half precision ends at 65504, and 1 / (1 - beta2) is beyond it for beta2 close to 1.
    if not np.isfinite(rounded.correct1 * rounded.correct2):
        raise ValueError(
            f"beta1 and beta2 must leave 1 / (1 - beta^t) finite in {dtype}, "
            f"got {config.beta1} and {config.beta2} at t = {t}; keep the moments in float32"
        )
    return rounded


def type_of(number_format: Format, dtype: "np.dtype[Any]") -> Any:
    """Return the NumPy type of a format; T is the dtype of the moments, ``dtype``."""
    return _TYPES.get(number_format, dtype.type)


def step_dependent(
    lr: float, weight_decay: float, bias1: float, bias2: float, chosen: Switches
) -> StepDependent:
    """Return the numbers that change with t. Kernels compile this very function.

    Args:
        lr: the learning rate as set, in its format.
        weight_decay: as set, in its format.
        bias1: 1 - beta1^t, or 1 if m is not corrected.
        bias2: 1 - beta2^t, or 1 if v is not corrected.
        chosen: the `switches` of the convention.

    Rounding: in binary64, each operation once, in the order written.
    """
    lr_t = lr * sqrt(bias2) / bias1
    # In the order of DecayScale, which Numba takes as an index.
    scale = (lr, lr_t, 1.0, 0.0)[chosen.decay_scale]
    keep = 1 - weight_decay * scale
    return StepDependent(
        1.0 if chosen.folds_correction else 1 / bias1,
        1.0 if chosen.folds_correction else 1 / bias2,
        lr_t if chosen.folds_correction else lr,
        keep if chosen.decays_before else 1.0,
        1.0 if chosen.decays_before else keep,
    )


def switches(config: AdamConfig, convention: Convention) -> Switches:
    """Return the choices of a convention, with decay only if ``config`` turns it on."""
    # Without decay the factor of the parameter is exactly 1, and costs no rounding.
    decay_scale = DecayScale.NONE
    if convention.weight_decay == "decoupled" and config.weight_decay != 0:
        decay_scale = DecayScale[convention.decay_scale.upper()]
    return Switches(
        folds_correction=convention.epsilon == "hat",
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
