"""Binary floating-point formats, as far as rounding errors are concerned."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True, slots=True)
class Format:
    """A binary format: unit roundoff and smallest normal number."""

    dtype: str
    roundoff: float
    tiny: float

    def error(self, value: Fraction) -> float:
        """e(x): how far the nearest number of this format is."""
        return abs(float(Fraction(float(np.dtype(self.dtype).type(float(value)))) - value))


FORMATS = {
    "float16": Format("float16", 2.0**-11, 2.0**-14),
    "float32": Format("float32", 2.0**-24, 2.0**-126),
    "float64": Format("float64", 2.0**-53, 2.0**-1022),
}
# Of the formats that an arithmetic names by a letter.
ROUNDOFF = {"d": 2.0**-53, "s": 2.0**-24}
