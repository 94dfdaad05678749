"""Ways to round a weight of float32 to half precision."""

from typing import Any

import numpy as np

from .orders import Array

# A bfloat16 is the upper half of a float32.
_LOWER_BITS = 16
_LARGEST_LOWER_HALF = 0xFFFF


def to_nearest(weight: Array, dtype: Any) -> Array:
    """Return the nearest numbers of ``dtype``, ties to even."""
    return weight.astype(dtype)


def upper_half(weight: Array, dtype: Any) -> Array:
    """Return the upper halves of float32 numbers, as bfloat16: rounded towards zero."""
    return _upper_bits(weight.view(np.uint32), dtype)


def ties_away(weight: Array, dtype: Any) -> Array:
    """Return the nearest bfloat16 numbers, ties away from zero.

    A lower half of 0x8000 or more is carried into the upper half.
    """
    bits = weight.view(np.uint32)
    return _upper_bits(bits + np.uint32(1 << (_LOWER_BITS - 1)), dtype)


def at_random(weight: Array, dtype: Any, random: np.random.Generator) -> Array:
    """Return bfloat16 numbers, rounded up or down at random.

    The probability of either is the distance to the other: the result is right on average, and a
    weight that is a bfloat16 stays. Not for weights that round to infinity.
    """
    bits = weight.view(np.uint32)
    noise = random.integers(0, _LARGEST_LOWER_HALF, bits.shape, np.uint32, endpoint=True)
    return _upper_bits(bits + noise, dtype)


def _upper_bits(bits: Any, dtype: Any) -> Array:
    upper: Array = (bits >> np.uint32(_LOWER_BITS)).astype(np.uint16).view(dtype)
    return upper
