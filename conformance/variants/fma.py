"""Fused multiply-add in NumPy, exactly: a * b + c rounded once.

Source: Boldo & Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using
rounding to odd", IEEE Transactions on Computers 57(4), 2008.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

# Veltkamp's constant: it splits the 53 bits of a float64 into halves, whose products are exact.
_SPLITTER = 2.0**27 + 1


def fma(a: Any, b: Any, c: Any) -> Array:
    """Return a * b + c, rounded once, for arrays or scalars of one dtype, float32 or float64.

    Exact as long as no intermediate result of float64 overflows or is subnormal.
    """
    a = np.asarray(a)
    b = np.asarray(b)
    c = np.asarray(c)
    if a.dtype == np.float32:
        # The product is exact in float64. A sum rounded to odd can be rounded to float32 as if it
        # were exact, because 53 bits are at least two more than twice 24.
        return _odd_sum(a.astype(np.float64) * b, c.astype(np.float64)).astype(np.float32)
    # The exact result is product + product_error + c. The two smallest parts are rounded to odd,
    # so that the last addition rounds as if they were exact.
    product, product_error = _two_product(a, b)
    small, small_error = _two_sum(c, product_error)
    total, total_error = _two_sum(product, small)
    return np.asarray(total + _odd_sum(small_error, total_error))


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Return a + b and its rounding error."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """Return a * b and its rounding error."""
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    rest = ((product - a_high * b_high) - a_low * b_high) - a_high * b_low
    return product, a_low * b_low - rest


def _split(a: Array) -> tuple[Array, Array]:
    scaled = a * _SPLITTER
    high = scaled - (scaled - a)
    return high, a - high


def _odd_sum(a: Array, b: Array) -> Array:
    """Return a + b in float64, with an inexact result moved to its odd neighbour."""
    total, error = _two_sum(a, b)
    even = (total.view(np.int64) & 1) == 0
    towards = np.nextafter(total, np.where(error > 0, np.inf, -np.inf))
    return np.where((error != 0) & even, towards, total)
