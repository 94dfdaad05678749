"""Numbers in the dtypes in which TensorFlow takes them, what fits a dtype, and functions rounded to one."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def given(number: Any) -> Any:
    """``number`` as TensorFlow takes it: a Python float is binary32, all else has its own dtype."""
    return np.asarray(number, np.float32 if type(number) is float else None)


def cast(first: Any, *others: Any) -> list[Any]:
    """The numbers in the dtype of the first, which is binary32 if it is an integer."""
    first = given(first)
    dtype = first.dtype if np.issubdtype(first.dtype, np.floating) else np.float32
    return [given(number).astype(dtype)[()] for number in (first, *others)]


def rounded(function: Callable[..., Any], *arguments: Any) -> Any:
    """The function in binary64, rounded to the dtype of the first argument."""
    return function(*(argument.astype(np.float64) for argument in arguments)).astype(
        arguments[0].dtype
    )


# Python's own numbers are of these dtypes in NumPy, and of those in TensorFlow.
_NARROW = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}


def fitting(name: str, value: Any, dtype: "np.dtype[Any]") -> Any:
    """``value`` as an array of ``dtype``, if it has it or consists of Python's numbers."""
    array = np.asarray(value)
    if array.dtype != dtype and (typed(value) or not np.can_cast(array.dtype, dtype, "same_kind")):
        raise ValueError(f"{name} must have the dtype {dtype}, got {array.dtype}; convert it first")
    return array.astype(dtype)


def natural(value: Any) -> NDArray[Any]:
    """``value`` as an array: Python's floats as float32, its ints as int32 if they fit, arrays as they are."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"value must be numbers in rows of one length, got {value!r}: {error}"
        ) from None
    narrow = array.astype(_NARROW.get(array.dtype, array.dtype))
    wide = typed(value) or (array.dtype.kind == "i" and (narrow != array).any())
    return array if wide else narrow


def typed(value: Any) -> bool:
    """Whether ``value`` has a dtype, and is not of Python's own numbers alone."""
    return any(map(typed, value)) if isinstance(value, list | tuple) else hasattr(value, "dtype")
