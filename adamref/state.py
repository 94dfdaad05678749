"""AdamState: what is remembered of one parameter between two steps."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Count = int | NDArray[np.int64]


class AdamState(NamedTuple):
    """The state of one parameter after ``t`` steps.

    Fields:
        t: steps taken; 0 at the start. An array with one count a row where rows count for themselves.
        m: first moment; shape of the parameter, and its dtype, or float32 for a parameter of half precision.
        v: second moment; likewise.
        v_max: largest second moment so far; None without AMSGrad.
    """

    t: Count
    m: Array
    v: Array
    v_max: Array | None


def initial(param: Array, amsgrad: bool = False, dtype: Any = None) -> AdamState:
    """The state before the first step: t = 0 and moments of zero, in ``dtype``; None is that of ``param``."""
    zeros = np.zeros(param.shape, dtype or param.dtype)
    return AdamState(0, zeros, zeros, zeros if amsgrad else None)
