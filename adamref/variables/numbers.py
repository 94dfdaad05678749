"""Numbers in the dtypes that TensorFlow gives them, and functions that are rounded once."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# NumPy makes float64 and int64 of Python's numbers; TensorFlow makes float32 and int32.
_NARROW = {
    np.dtype(np.float64): np.dtype(np.float32),
    np.dtype(np.int64): np.dtype(np.int32),
}


# A longdouble, which is longer, has no counterpart in TensorFlow, and JSON cannot hold it.
_LONGEST_BYTES = 8


def is_real(dtype: "np.dtype[Any]") -> bool:
    """Return whether a dtype is of numbers, booleans included, of at most 64 bits."""
    return dtype.kind in "biuf" and dtype.itemsize <= _LONGEST_BYTES


def as_number(value: Any) -> Any:
    """Return one number as an array: a Python float is binary32, all else keeps its dtype."""
    # Not isinstance: np.float64 is a subclass of float, and keeps its 64 bits.
    dtype = np.float32 if type(value) is float else None
    return np.asarray(value, dtype)


def as_tensor(value: Any) -> NDArray[Any]:
    """Return an array as tf.convert_to_tensor makes it.

    Python's floats become float32 and its ints int32 if they fit; arrays keep their dtype.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"value must be numbers in rows of one length, got {value!r}: {error}"
        ) from None
    if has_dtype(value):
        return array
    dtype = _NARROW.get(array.dtype, array.dtype)
    narrow = array.astype(dtype)
    # Only integers must come through unchanged. A float is rounded, as TensorFlow rounds it.
    if array.dtype.kind == "i" and (narrow != array).any():
        return array
    return narrow


def has_dtype(value: Any) -> bool:
    """Return whether ``value`` has a dtype, or is a list in which something has one."""
    if isinstance(value, list | tuple):
        return any(map(has_dtype, value))
    return hasattr(value, "dtype")


def require_dtype(name: str, value: Any, dtype: "np.dtype[Any]") -> Any:
    """Return ``value`` as an array of ``dtype``. Only Python's own numbers are converted.

    Raises:
        ValueError: ``value`` has another dtype.
    """
    array = np.asarray(value)
    fits = array.dtype == dtype
    if not fits and not has_dtype(value):
        fits = np.can_cast(array.dtype, dtype, "same_kind")
    if not fits:
        raise ValueError(f"{name} must have the dtype {dtype}, got {array.dtype}; convert it first")
    return array.astype(dtype)


def cast_to_first(first: Any, *others: Any) -> list[Any]:
    """Return all numbers in the dtype of the first, which is binary32 if that is an integer."""
    dtype = as_number(first).dtype
    if not np.issubdtype(dtype, np.floating):
        dtype = np.dtype(np.float32)
    arrays = [as_number(number) for number in (first, *others)]
    # [()] makes a NumPy number of an array without dimensions.
    return [array.astype(dtype)[()] for array in arrays]


def round_once(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the function in binary64, rounded to the dtype of the first argument."""
    wide = [argument.astype(np.float64) for argument in arguments]
    return function(*wide).astype(arguments[0].dtype)


def takes_a_number(function: Any) -> bool:
    """Return whether a function must be given one argument."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        # Of some functions in C it cannot be told.
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [one for one in parameters if one.kind in positional and one.default is one.empty]
    return len(required) == 1
