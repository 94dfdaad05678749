"""Checks of the arrays that `FusedAdam` is given."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...dtypes import state_dtypes

Array = NDArray[Any]

# Masked arrays and matrices are arrays too, but mean something else.
_KINDS = (np.ndarray, np.memmap)


def params_to_step(params: Any) -> tuple[Array, ...]:
    """Return the parameters, if each can be stepped in place.

    Raises:
        ValueError: a parameter cannot be stepped in place.
    """
    if hasattr(params, "dtype"):
        shape = np.shape(params)
        raise ValueError(
            f"params must be a list of arrays, got one array of shape {shape}; put it in a list"
        )
    arrays = tuple(params)
    for at, param in enumerate(arrays):
        _check_param(f"params[{at}]", param)
    return arrays


def grad_as_walked(name: str, grad: Any, param: Array, wide: "np.dtype[Any]") -> Array:
    """Return a gradient of ``param`` in C order and native bytes: ``grad`` itself, or a copy of it.

    Args:
        name: of the gradient, for errors.
        grad: of the shape of ``param``, in its dtype or the dtype of the step.
        param: the parameter.
        wide: dtype of its step.

    Raises:
        ValueError: ``grad`` does not fit.
    """
    # First the usual case: this is done for each gradient that is new in a step.
    if type(grad) is np.ndarray and grad.dtype is param.dtype and grad.shape == param.shape:
        return grad if grad.flags.c_contiguous else np.array(grad, order="C")
    if type(grad) not in _KINDS:
        rule = "be a NumPy array here"
        raise ValueError(
            f"{name} must {rule}, got {type(grad).__name__}; adamref.Adam takes other arrays"
        )
    if grad.shape != param.shape:
        raise ValueError(
            f"{name} must have the shape of its parameter {param.shape}, got {grad.shape}"
        )
    native = grad.dtype.newbyteorder("=")
    if native not in (param.dtype, wide):
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
            f"{name} must {rule} to be stepped in place, got one that is not; "
            "adamref.Adam steps a copy"
        )
