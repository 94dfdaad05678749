"""Conversion: gradients of users as arrays, in the dtype of a step, without their loss scale."""

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .indexed_slices import Array, Grad, IndexedSlices


def as_grad(value: Any) -> Grad:
    """Return a gradient as arrays: slices, if it has attributes ``values`` and ``indices``."""
    arrays = [getattr(value, name, None) for name in ("values", "indices")]
    # A tensor of PyTorch has both, but as methods.
    if any(array is None or callable(array) for array in arrays):
        return _as_array(value)
    values, indices = map(_as_array, arrays)
    # NumPy gives an empty list a float dtype, which no index has.
    if not indices.size:
        indices = indices.astype(np.int64)
    dense_shape = getattr(value, "dense_shape", None)
    if dense_shape is not None:
        dense_shape = tuple(np.ravel(dense_shape).tolist())
    return IndexedSlices(values, indices, dense_shape)


def _as_array(value: Any) -> NDArray[Any]:
    # NumPy would take what is below the mask for numbers.
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            "a gradient must not be a masked array, because Adam has no rule for masked elements; "
            "pass grad.filled(0)"
        )
    return np.asarray(value)


def cast(grad: Grad, dtype: "np.dtype[Any]") -> Grad:
    """Return the gradient in ``dtype``."""
    if isinstance(grad, IndexedSlices):
        return grad._replace(values=grad.values.astype(dtype, copy=False))
    return grad.astype(dtype, copy=False)


def unscale(grads: Sequence[Grad | None], scale: float) -> list[Grad | None] | None:
    """Return gradients divided by a loss scale, or None if one has an infinity or a NaN.

    Args:
        grads: multiplied by the scale; None is a missing gradient.
        scale: finite and above 0.

    Raises:
        ValueError: the scale is none.

    Rounding: a division an element, in the dtype of the gradient; in float32 for narrower ones.
    """
    if not 0 < scale < inf:
        raise ValueError(f"scale must be finite and > 0, got {scale!r}")
    unscaled: list[Grad | None] = [None for _ in grads]
    for place, grad in enumerate(grads):
        if isinstance(grad, IndexedSlices):
            if not np.isfinite(grad.values).all():
                return None
            unscaled[place] = grad._replace(values=_quotient(grad.values, scale))
        elif grad is not None:
            if not np.isfinite(grad).all():
                return None
            unscaled[place] = _quotient(grad, scale)
    return unscaled


def _quotient(array: Array, scale: float) -> Array:
    # A scale of half precision may be no number of it.
    dtype = np.promote_types(array.dtype, np.float32)
    quotient = array.astype(dtype) / dtype.type(scale)
    return np.asarray(quotient, array.dtype)
