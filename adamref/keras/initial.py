"""Initial values of weights."""

from typing import Any

import numpy as np

from ..variables.variable import Variable

_FILLS = {"zeros": 0, "ones": 1}


def new_weight(
    name: str,
    shape: Any,
    dtype: Any = None,
    initializer: Any = "zeros",
    trainable: bool | None = None,
) -> Variable:
    """Return a new Variable for an optimizer that is made from this one.

    Args:
        name: its name.
        shape: its shape; a number is the length of a vector.
        dtype: None is float32.
        initializer: as of `Weights.add_slot`, or a number.
        trainable: whether a loss may be minimized by it; None is yes.

    Raises:
        ValueError: the initializer is unknown, or of another shape; ``name`` is no string.
    """
    wanted = tuple(np.atleast_1d(shape).tolist())
    array = initial_array(initializer, wanted, np.dtype(dtype or np.float32))
    if array.shape != wanted:
        raise ValueError(f"initializer must be of shape {wanted}, got {array.shape}")
    # Not among the ordered weights: tf.keras too leaves it out of get_weights().
    return Variable(array, name=require_name(name), trainable=trainable is not False)


def require_name(name: Any) -> str:
    """Return ``name``; raise ValueError, the class of tf.keras, unless it is a string."""
    if not isinstance(name, str):
        raise ValueError(f"name must be a string, got {name!r}")  # noqa: TRY004
    return name


def initial_array(initializer: Any, shape: Any, dtype: "np.dtype[Any]") -> Any:
    """Return the first value of a weight.

    Raises:
        ValueError: the name of the initializer is unknown.
    """
    if isinstance(initializer, str):
        if initializer not in _FILLS:
            raise ValueError(
                f"initializer must be one of {', '.join(_FILLS)}, an array or function, "
                f"got {initializer}"
            )
        return np.full(shape, _FILLS[initializer], dtype)
    if callable(initializer):
        initializer = initializer(shape=shape, dtype=dtype)
    return np.array(initializer, dtype)
