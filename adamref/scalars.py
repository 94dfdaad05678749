"""Everything in one step that is the same for all elements, each number rounded once."""

from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from .config import AdamConfig
from .convention import DEFAULT_EPSILON, Arithmetic, Convention, Format

Number = np.floating[Any]

_TYPES: dict[Format, Any] = {Format.BINARY64: np.float64, Format.BINARY32: np.float32}


class Scalars(NamedTuple):
    """The numbers of step t, in the dtype of the moments.

    Fields:
        beta1, beta1_rest: beta1 and 1 - beta1.
        beta2, beta2_rest: beta2 and 1 - beta2.
        correct1, correct2: what m and v are multiplied by: 1 / (1 - beta^t), or 1 where nothing is corrected.
        learning_rate: step size; with epsilon `hat` it carries the correction and correct1 = correct2 = 1.
        epsilon: added to the root. epsilon_root: added under it.
        l2: what of the parameter is added to the gradient; 0 is nothing.
        keep_before, keep_after: what the parameter is multiplied by before and after the step; 1 is nothing.
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


class Moving(NamedTuple):
    """Those of the numbers that change with t."""

    correct1: float
    correct2: float
    learning_rate: float
    keep_before: float
    keep_after: float


@np.errstate(all="ignore")
def scalars(
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    t: int,
    dtype: "np.dtype[Any]",
    powers: tuple[float, float] | None = None,
) -> Scalars:
    """The numbers of step ``t``, computed in binary64 and rounded to the format that the arithmetic names.

    Args:
        config: what the user set.
        convention: what is corrected, where epsilon stands, how weights decay.
        arithmetic: the formats.
        t: number of this step; the first is 1.
        dtype: of the moments.
        powers: what stands for beta1^t and beta2^t where betas change from step to step; None is the powers.

    Rounding: what the arithmetic names to its format, then everything to ``dtype`` once. 1 - beta^t is taken in
        binary64 before it is rounded: in binary32 beta2^t rounds to 1 near beta2 = 1, and E4 divides by zero.
    """
    to_lr = type_of(arithmetic.learning_rate, dtype)
    to_epsilon = type_of(arithmetic.epsilon, dtype)
    to_rest = type_of(arithmetic.moment_beta, dtype)
    to_power = type_of(arithmetic.power_beta, dtype)
    to_op = type_of(arithmetic.correction, dtype)
    lr, weight_decay = float(to_lr(config.learning_rate)), float(to_lr(config.weight_decay))
    powers = powers or (float(to_power(config.beta1)) ** t, float(to_power(config.beta2)) ** t)
    bias1, bias2 = (
        float(to_op(1 - power)) if corrected else 1.0
        for power, corrected in zip(powers, corrects(config, convention), strict=True)
    )
    moves = moving(lr, weight_decay, bias1, bias2, *choices(config, convention))
    inside, outside = _epsilons(config, convention)
    beta1, beta2 = float(to_rest(config.beta1)), float(to_rest(config.beta2))
    numbers = (
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        moves.correct1,
        moves.correct2,
        moves.learning_rate,
        float(to_epsilon(outside)),
        float(to_epsilon(inside)),
        weight_decay if convention.weight_decay == "l2" else 0.0,
        moves.keep_before,
        moves.keep_after,
    )
    rounded = Scalars._make(dtype.type(number) for number in numbers)
    if not np.isfinite(rounded.correct1 * rounded.correct2):
        raise ValueError(
            f"beta1 and beta2 must leave 1 / (1 - beta^t) finite in {dtype}, got {config.beta1} and {config.beta2} at "
            f"t = {t}; keep the moments in float32"
        )
    return rounded


def type_of(number_format: Format, dtype: "np.dtype[Any]") -> Any:
    """Return the NumPy type of a format; T is the dtype of the moments, ``dtype``."""
    return _TYPES.get(number_format, dtype.type)


def moving(
    lr: float, weight_decay: float, bias1: float, bias2: float, hat: bool, scale: int, before: bool
) -> Moving:
    """What changes with t, in binary64: plain arithmetic, which kernels compile as it stands here.

    ``lr`` and ``weight_decay`` are as set, in their format; ``bias1`` and ``bias2`` are 1 - beta^t, or 1 where nothing
    is corrected; ``hat``, ``scale`` and ``before`` are the `choices` of a convention.
    """
    lr_t = lr * sqrt(bias2) / bias1
    keep = 1 - weight_decay * (lr, lr_t, 1.0, 0.0)[scale]
    return Moving(
        1.0 if hat else 1 / bias1,
        1.0 if hat else 1 / bias2,
        lr_t if hat else lr,
        keep if before else 1.0,
        1.0 if before else keep,
    )


def choices(config: AdamConfig, convention: Convention) -> tuple[bool, int, bool]:
    """Whether the corrections are folded into the rate; what decay is scaled by; whether it comes before the step."""
    decoupled = convention.weight_decay == "decoupled" and config.weight_decay != 0
    scale = ("lr", "lr_t", "one").index(convention.decay_scale) if decoupled else 3
    return convention.epsilon == "hat", scale, convention.decay_when == "before"


def corrects(config: AdamConfig, convention: Convention) -> tuple[bool, bool]:
    """Which moments are corrected."""
    which = convention.amsgrad_bias_correction if config.amsgrad else convention.bias_correction
    return which in ("both", "first"), which in ("both", "second")


def _epsilons(config: AdamConfig, convention: Convention) -> tuple[float, float]:
    """Epsilon inside and outside the root."""
    epsilon = config.epsilon
    if epsilon == 0 and convention.epsilon_zero == "default":
        epsilon = DEFAULT_EPSILON
    return (epsilon, 0.0) if convention.epsilon == "inside" else (config.epsilon_root, epsilon)
