"""Schedules: learning rates that depend on the step, as those of tf.keras.optimizers.schedules.

A schedule computes in the dtype of its first learning rate: binary32 for a Python number, the
number's own dtype for a number of NumPy. A step is an integer or an array of integers, and the
first is 0; the result has the shape of the step.

Rounding: each operation once, in the order written, in that dtype. pow, cos and log are taken in
binary64 and rounded once, while TensorFlow calls the C library's function of that dtype: most
numbers have the same bits, the others are one unit in the last place of that function apart.
TensorFlow flushes subnormal numbers to zero.
Source: tf_keras 2.21.0, optimizers/schedules/learning_rate_schedule.py. It also takes divisors of
0, and switches that are neither True nor False.
"""

from .configs import deserialize, serialize
from .cosine import CosineDecay, CosineDecayRestarts
from .decays import ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay
from .recorded import LearningRateSchedule

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
