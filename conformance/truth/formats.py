"""Binary floating-point formats: the numbers of them that rounding errors depend on."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from .reference import Format


@dataclass(frozen=True, slots=True)
class BinaryFormat:
    """A binary format.

    Attributes:
        dtype: its name in NumPy.
        roundoff: u, the unit roundoff: rounding to nearest changes a number by at most this part.
        tiny: L, the smallest normal number: flushing a subnormal changes it by less than this.
    """

    dtype: str
    roundoff: float
    tiny: float

    # The numbers of a configuration are few, and are asked for in every step.
    @lru_cache(maxsize=1 << 12)  # noqa: B019  (formats live for ever)
    def error(self, value: Fraction) -> float:
        """Return e(x), how far the nearest number of this format is from ``value``."""
        nearest = np.dtype(self.dtype).type(float(value))
        return abs(float(Fraction(float(nearest)) - value))

    @lru_cache(maxsize=1 << 12)  # noqa: B019
    def error_of_squared_root(self, value: Fraction) -> float:
        """Return how far the square of the root of ``value`` in this format is from ``value``."""
        to_format = np.dtype(self.dtype).type
        # The root is taken of the exact number or of the rounded one, and then rounded.
        numbers = (np.float64(float(value)), to_format(float(value)))
        roots = [Fraction(float(to_format(np.sqrt(number)))) for number in numbers]
        return max(abs(float(root**2 - value)) for root in roots)


def is_binary32(number: Fraction) -> bool:
    """Return whether a number is one of binary32."""
    return Fraction(float(np.float32(float(number)))) == number


# IEEE 754-2019, table 3.5: u = 2^-p for p bits of precision, and L = 2^emin.
# A bfloat16 is the upper half of a binary32.
FORMATS = {
    "bfloat16": BinaryFormat("bfloat16", 2.0**-8, 2.0**-126),
    "float16": BinaryFormat("float16", 2.0**-11, 2.0**-14),
    "float32": BinaryFormat("float32", 2.0**-24, 2.0**-126),
    "float64": BinaryFormat("float64", 2.0**-53, 2.0**-1022),
}
# The unit roundoff of a format that an arithmetic names; PARAMETER has the one of the parameter.
ROUNDOFF = {Format.BINARY64: 2.0**-53, Format.BINARY32: 2.0**-24}
