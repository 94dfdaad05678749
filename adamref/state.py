"""AdamState: the memory of one parameter between two steps."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .convention import Convention

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


def steps_taken(t: Any, param: Array, by_row: bool) -> Count:
    """Return steps taken as Python's integer, or as an array of one count a row.

    Args:
        t: a count, of Python or NumPy, or a list of counts.
        param: the parameter.
        by_row: whether its rows may have counts of their own.

    Raises:
        ValueError: it is no count, and no list of one count a row.
    """
    counts = np.array(t)
    # Parameters without rows have an empty list, which NumPy takes for floats.
    is_count = counts.dtype.kind in "iu" or not counts.size
    fits = not counts.shape or (by_row and counts.shape == param.shape[:1])
    if not is_count or not fits or (counts.astype(np.int64) < 0).any():
        rule = "be a count >= 0, or one a row" if by_row else "be a count >= 0"
        raise ValueError(f"t must {rule}, got {t!r}")
    return counts.astype(np.int64) if counts.shape else int(counts)


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


def skip(state: AdamState, convention: Convention, nothing: bool) -> AdamState:
    """Return the state of a parameter without a gradient; ``nothing``: no parameter has one."""
    # A call without any gradient has an axis of its own, which overrules the other two.
    counts = convention.step_scope == "optimizer" or convention.none_gradient == "skip_but_count"
    if nothing:
        counts = convention.all_none == "count"
    return state._replace(t=state.t + 1) if counts else state
