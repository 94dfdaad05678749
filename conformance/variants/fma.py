"""Fused multiply-add in NumPy, exactly: a * b + c rounded once.

Source: Boldo & Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd",
IEEE Transactions on Computers 57(4), 2008.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def fma(a: Any, b: Any, c: Any) -> Array:
    """A * b + c, rounded once, for arrays or scalars of one dtype, float32 or float64.

    Exact as long as no intermediate result of float64 overflows or is subnormal.
    """
    a, b, c = np.asarray(a), np.asarray(b), np.asarray(c)
    if a.dtype == np.float32:  # the product is exact in float64, and 53 >= 2 * 24 + 2
        return _odd_sum(a.astype(np.float64) * b, c.astype(np.float64)).astype(np.float32)
    high, low = _two_product(a, b)
    sum_high, sum_low = _two_sum(c, low)
    top, rest = _two_sum(high, sum_high)
    return np.asarray(top + _odd_sum(sum_low, rest))


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    return product, a_low * b_low - (
        ((product - a_high * b_high) - a_low * b_high) - a_high * b_low
    )


def _split(a: Array) -> tuple[Array, Array]:
    scaled = a * 134217729.0  # 2^27 + 1
    high = scaled - (scaled - a)
    return high, a - high


def _odd_sum(a: Array, b: Array) -> Array:
    """A + b in float64, an inexact result moved to its odd neighbour, so that a second rounding does no harm."""
    total, error = _two_sum(a, b)
    even = (total.view(np.int64) & 1) == 0
    towards = np.nextafter(total, np.where(error > 0, np.inf, -np.inf))
    return np.where((error != 0) & even, towards, total)
