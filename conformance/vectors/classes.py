"""Value classes: what an element of an answer may be where it need not lie in an interval.

For example, after an infinite gradient the first moment is `nonfinite`: a right Adam may return
an infinity or NaN, depending on the order of its operations.
"""

import numpy as np
from numpy.typing import NDArray

from .words import Array

# From the strictest promise to the end of all promises: an element never gets better.
CLASSES = ("interval", "any", "nonfinite", "nan")
INTERVAL, ANY, NONFINITE, NAN = range(len(CLASSES))
Codes = NDArray[np.int64]


def permits(classes: NDArray[np.str_], got: Array, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for each element of ``got`` whether its class permits it.

    ``inside``: whether it lies in its interval.
    """
    return np.select(
        [classes == "any", classes == "nonfinite", classes == "nan"],
        [np.ones_like(inside), ~np.isfinite(got), np.isnan(got)],
        inside,
    )
