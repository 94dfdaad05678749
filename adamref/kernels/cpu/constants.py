"""Constants of all steps, from which compiled code makes the numbers of each step."""

from typing import Any, NamedTuple

import numpy as np

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...scalars import corrected_moments, switches, type_of


class Constants(NamedTuple):
    """The inputs of a step's numbers besides t: binary64, rounded to the formats of the arithmetic.

    Switches are 1.0 or 0.0, because all constants are one array of binary64.

    Fields:
        learning_rate, weight_decay: as the user set them.
        power1, power2: the betas that are raised to the power t.
        correct1, correct2: whether a moment is corrected.
        narrow: whether 1 - beta^t is rounded to binary32.
        folds_correction, decay_scale, decays_before: the `scalars.Switches` of the convention.
        first: whether v is corrected before AMSGrad takes its maximum.
    """

    learning_rate: float
    weight_decay: float
    power1: float
    power2: float
    correct1: float
    correct2: float
    narrow: float
    folds_correction: float
    decay_scale: float
    decays_before: float
    first: float


# The place of each constant in the array, which Numba compiles in.
CONSTANT = Constants(*range(len(Constants._fields)))


def constants_of(
    config: AdamConfig, convention: Convention, arithmetic: Arithmetic, dtype: "np.dtype[Any]"
) -> Constants:
    """Return the constants of all steps, for moments of ``dtype``."""
    to_lr = type_of(arithmetic.learning_rate, dtype)
    to_power = type_of(arithmetic.power_beta, dtype)
    to_op = type_of(arithmetic.correction, dtype)
    chosen = switches(config, convention)
    corrected = corrected_moments(config, convention)
    return Constants(
        learning_rate=float(to_lr(config.learning_rate)),
        weight_decay=float(to_lr(config.weight_decay)),
        power1=float(to_power(config.beta1)),
        power2=float(to_power(config.beta2)),
        correct1=float(corrected.first),
        correct2=float(corrected.second),
        narrow=float(to_op is np.float32),
        folds_correction=float(chosen.folds_correction),
        decay_scale=float(chosen.decay_scale),
        decays_before=float(chosen.decays_before),
        first=float(config.amsgrad and convention.amsgrad == "max_corrected"),
    )
