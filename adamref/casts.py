"""Numbers in the dtypes in which TensorFlow takes them, and functions rounded to one."""

from collections.abc import Callable
from typing import Any

import numpy as np


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
    return function(*(argument.astype(np.float64) for argument in arguments)).astype(arguments[0].dtype)
