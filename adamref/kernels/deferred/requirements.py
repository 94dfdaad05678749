"""Checks: what `DeferredTable` does not support, and whether slices fit its table."""

import math
from typing import Any

import numpy as np

from ...config import AdamConfig
from ...convention import Convention
from ...gradients.conversion import as_grad
from ...gradients.indexed_slices import IndexedSlices, check_slices
from ...state import Array
from ...validation import check_features
from ..job import check_no_clipping

# The formats that betas may be rounded to.
_FORMATS = (np.float32, np.float64)


def copy_of_table(table: Any) -> Array:
    """Return a copy of ``table`` in C order; raise ValueError if it is no table of floats."""
    param = np.array(table, order="C")
    if param.dtype not in (np.float32, np.float64) or param.ndim < 2:
        got = f"{param.dtype} in shape {param.shape}"
        raise ValueError(f"table must be float32 or float64, of two axes or more, got {got}")
    return param


def as_kernel_array(array: Array) -> Array:
    """Return an array as a kernel steps it: itself, if it can be."""
    return np.require(array, requirements=["C", "A", "W"])


def check_convention(convention: Convention) -> None:
    """Raise ValueError unless a sparse gradient is the dense one, and always counts as a step."""
    for axis, required in (
        ("sparse", "dense_equivalent"),
        ("duplicates", "sum_then_square"),
        ("empty_sparse", "counts"),
    ):
        value = getattr(convention, axis)
        if value != required:
            raise ValueError(
                f"{axis} must be {required!r} here, got {value!r} of convention "
                f"{convention.name!r}; adamref.Adam has all conventions"
            )


def check_config(config: AdamConfig, convention: Convention) -> None:
    """Raise ValueError if the convention lacks a feature, or if gradients are to be clipped."""
    check_features(config, convention)
    check_no_clipping(config)


def slices_of(table: Array, slices: Any) -> IndexedSlices:
    """Return a gradient of ``table`` as slices of arrays; raise ValueError unless it fits."""
    grad = as_grad(slices) if hasattr(slices, "indices") else None
    if not isinstance(grad, IndexedSlices):
        got = type(slices).__name__
        raise ValueError(  # noqa: TRY004
            f"slices must be IndexedSlices, got {got}; adamref.Adam takes others"
        )
    check_slices(table, grad)
    return grad


def check_series(config: AdamConfig, convention: Convention, dtype: "np.dtype[Any]") -> None:
    """Raise ValueError for what mode 'series' does not support; mode 'replay' does."""
    if dtype != np.float32:
        raise _error("table", "be float32", dtype)
    # L2 would make moments depend on the parameters, and the series takes them to fade by
    # themselves.
    if convention.weight_decay == "l2" and config.weight_decay:
        raise _error("weight_decay", "be off or decoupled", config.weight_decay)
    under_root = config.epsilon if convention.epsilon == "inside" else config.epsilon_root
    if under_root:
        raise _error("epsilon", "stand outside the root", f"{under_root} under it")
    # The terms must fall: by beta1 / sqrt(beta2), or by beta1 where AMSGrad's maximum stands for v.
    limit = 1.0 if config.amsgrad else math.sqrt(config.beta2)
    if not all(_terms_fall(config, to_format) for to_format in _FORMATS):
        raise _error("beta1", f"be below the root of beta2, {limit:.6g},", config.beta1)


def _terms_fall(config: AdamConfig, to_format: Any) -> bool:
    """Return whether the terms of the series get smaller, with betas rounded to a format."""
    limit = 1.0 if config.amsgrad else math.sqrt(to_format(config.beta2))
    return bool(to_format(config.beta1) < limit)


def _error(name: str, rule: str, got: object) -> ValueError:
    return ValueError(f"{name} must {rule} in mode 'series', got {got}; use mode 'replay'")
