"""AdamState: the memory of one parameter between two steps."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Count = int | NDArray[np.int64]


class AdamState(NamedTuple):
    """The state of one parameter after ``t`` steps.

    Fields:
        t: steps taken; 0 at the start. An array of one count a row, if each row has its own t.
        m: first moment; shape of the parameter, and its dtype, or float32 for a parameter of half
            precision.
        v: second moment; shape and dtype of m.
        v_max: largest second moment so far; None without AMSGrad.
    """

    t: Count
    m: Array
    v: Array
    v_max: Array | None


def initial(param: Array, amsgrad: bool = False, dtype: Any = None) -> AdamState:
    """Return the state before the first step: t = 0 and moments of zero.

    Args:
        param: the parameter, for its shape and dtype.
        amsgrad: whether there is a v_max.
        dtype: of the moments; None is the dtype of ``param``.
    """
    # One array for all, because a step makes new arrays and changes none.
    zeros = np.zeros(param.shape, dtype or param.dtype)
    return AdamState(0, zeros, zeros, zeros if amsgrad else None)
