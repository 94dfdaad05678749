"""What the numbers of all steps are made of, so that compiled code makes those of each."""

from typing import Any, NamedTuple

import numpy as np

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...scalars import corrected_moments, switches, type_of


class Constants(NamedTuple):
    """What `numbers` of a step are made of, beside t, in binary64, rounded to the formats of the arithmetic.

    Fields:
        learning_rate, weight_decay: as set. power1, power2: the betas that are raised to the power t.
        correct1, correct2: whether a moment is corrected. narrow: whether 1 - beta^t is rounded to binary32.
        hat, scale, before: `scalars.Switches`. first: whether v is corrected before AMSGrad takes its maximum.
    """

    learning_rate: float
    weight_decay: float
    power1: float
    power2: float
    correct1: float
    correct2: float
    narrow: float
    hat: float
    scale: float
    before: float
    first: float


def constants_of(
    config: AdamConfig, convention: Convention, arithmetic: Arithmetic, dtype: "np.dtype[Any]"
) -> Constants:
    """What the numbers of all steps are made of, for moments of ``dtype``."""
    to_lr = type_of(arithmetic.learning_rate, dtype)
    to_power = type_of(arithmetic.power_beta, dtype)
    to_op = type_of(arithmetic.correction, dtype)
    hat, scale, before = switches(config, convention)
    correct1, correct2 = corrected_moments(config, convention)
    return Constants(
        float(to_lr(config.learning_rate)),
        float(to_lr(config.weight_decay)),
        float(to_power(config.beta1)),
        float(to_power(config.beta2)),
        float(correct1),
        float(correct2),
        float(to_op is np.float32),
        float(hat),
        float(scale),
        float(before),
        float(config.amsgrad and convention.amsgrad == "max_corrected"),
    )
