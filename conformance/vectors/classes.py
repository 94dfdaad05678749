"""Value classes: what an element of an answer may be, where it need not lie in an interval."""

import numpy as np
from numpy.typing import NDArray

from .words import Array

# A class replaces those before it: what is NaN stays so.
CLASSES = ("interval", "any", "nonfinite", "nan")
INTERVAL, ANY, NONFINITE, NAN = range(4)
Codes = NDArray[np.int64]


def permits(classes: NDArray[np.str_], got: Array, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each element of ``got`` is what its class permits; ``inside``: whether it is in its interval."""
    return np.select(
        [classes == "any", classes == "nonfinite", classes == "nan"],
        [np.ones_like(inside), ~np.isfinite(got), np.isnan(got)],
        inside,
    )
