"""Constants of all steps, from which compiled code makes the numbers of each step."""

from typing import Any, NamedTuple

import numpy as np

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...dtypes import type_of
from ...scalars import corrected_moments, placement_of


class Constants(NamedTuple):
    """The inputs of a step's numbers besides t: binary64, rounded to the formats of the arithmetic.

    Booleans are 1.0 or 0.0, because all constants are one array of binary64.

    Fields:
        learning_rate, weight_decay: as the user set them.
        power_beta1, power_beta2: the betas that are raised to the power t.
        corrects_m, corrects_v: whether a moment is corrected.
        narrow: whether 1 - beta^t is rounded to binary32.
        corrects_learning_rate, decay_scale, decays_before: the `scalars.Placement` of the
            convention.
        first: whether v is corrected before AMSGrad takes its maximum.
    """

    learning_rate: float
    weight_decay: float
    power_beta1: float
    power_beta2: float
    corrects_m: float
    corrects_v: float
    narrow: float
    corrects_learning_rate: float
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
    placement = placement_of(config, convention)
    corrected = corrected_moments(config, convention)
    return Constants(
        learning_rate=float(to_lr(config.learning_rate)),
        weight_decay=float(to_lr(config.weight_decay)),
        power_beta1=float(to_power(config.beta1)),
        power_beta2=float(to_power(config.beta2)),
        corrects_m=float(corrected.first),
        corrects_v=float(corrected.second),
        narrow=float(to_op is np.float32),
        corrects_learning_rate=float(placement.corrects_learning_rate),
        decay_scale=float(placement.decay_scale),
        decays_before=float(placement.decays_before),
        first=float(config.amsgrad and convention.amsgrad == "max_corrected"),
    )
