"""Arrays that `FusedAdam` is given: what it takes, and why not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...dtypes import state_dtypes

Array = NDArray[Any]

# Not masked arrays and matrices, which mean something else.
_KINDS = (np.ndarray, np.memmap)


def params_to_step(params: Any) -> tuple[Array, ...]:
    """The parameters, if each can be stepped where it is.

    Raises:
        ValueError: one cannot.
    """
    if hasattr(params, "dtype"):
        shape = np.shape(params)
        raise ValueError(
            f"params must be a list of arrays, got one array of shape {shape}; put it in a list"
        )
    found = tuple(params)
    for at, param in enumerate(found):
        _check_param(f"params[{at}]", param)
    return found


def grad_as_walked(name: str, grad: Any, param: Array, m: Array) -> Array:
    """A gradient of ``param``, whose moments are like ``m``: the given one, or a copy in C order and native bytes.

    Raises:
        ValueError: it does not fit.
    """
    if type(grad) is np.ndarray and grad.dtype is param.dtype and grad.shape == param.shape:
        return grad if grad.flags.c_contiguous else np.array(grad, order="C")
    if type(grad) not in _KINDS:
        rule = "be a NumPy array here"
        raise ValueError(
            f"{name} must {rule}, got {type(grad).__name__}; adamref.Adam takes others"
        )
    if grad.shape != param.shape:
        raise ValueError(
            f"{name} must have the shape of its parameter {param.shape}, got {grad.shape}"
        )
    native = grad.dtype.newbyteorder("=")
    if native not in (param.dtype, m.dtype):
        raise ValueError(
            f"{name} must have the dtype of its parameter, {param.dtype}, got {grad.dtype}"
        )
    return np.asarray(grad, native, order="C")


def _check_param(name: str, param: Array) -> None:
    if type(param) not in _KINDS:
        raise ValueError(
            f"{name} must be a NumPy array, which is stepped in place, got {type(param).__name__}"
        )
    state_dtypes(param, name)
    if not param.flags.c_contiguous or not param.flags.writeable:
        rule = "be writeable" if param.flags.c_contiguous else "be C-contiguous"
        raise ValueError(
            f"{name} must {rule} to be stepped in place, got one that is not; adamref.Adam steps a copy"
        )
