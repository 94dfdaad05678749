"""Checks of what an Adam is given: gradients and states that do not fit its parameters raise."""

from collections.abc import Sequence
from typing import Any

from ...vectors.slices import IndexedSlices
from .editable import EditableAdam
from .records import Array, Grads, Slots


def check_grads(adam: EditableAdam, grads: Grads) -> None:
    check_count("grads", grads, adam)
    for param, grad in zip(adam.state.params, grads, strict=True):
        if isinstance(grad, IndexedSlices):
            check_sparse(grad, param)
        elif grad is not None:
            check_shape("a gradient", grad, param)
            check_dtype(grad, param)


def check_state(
    adam: EditableAdam, params: Sequence[Array], slots: Slots, t: Sequence[int]
) -> None:
    check_count("t", t, adam)
    for name, arrays in {"params": params, **slots}.items():
        check_count(name, arrays, adam)
        for param, array in zip(adam.state.params, arrays, strict=True):
            check_shape(name, array, param)


def check_count(name: str, entries: Sequence[Any], adam: EditableAdam) -> None:
    count = len(adam.state.params)
    if len(entries) != count:
        raise ValueError(f"{name} must have {count} entries, one a parameter, got {len(entries)}")


def check_shape(name: str, array: Array, param: Array) -> None:
    if array.shape != param.shape:
        raise ValueError(f"{name} must have shape {param.shape}, got {array.shape}")


def check_sparse(grad: IndexedSlices, param: Array) -> None:
    check_slices(grad, param)
    check_rows(grad, 0)


def check_slices(grad: IndexedSlices, param: Array) -> None:
    if grad.dense_shape != param.shape:
        raise ValueError(f"dense_shape must be {param.shape}, got {grad.dense_shape}")
    shape = (len(grad.indices), *param.shape[1:])
    if grad.values.shape != shape:
        raise ValueError(f"slices must have shape {shape}, got {grad.values.shape}")
    check_dtype(grad.values, param)


def check_rows(grad: IndexedSlices, first: int) -> None:
    rows = grad.dense_shape[0]
    if not all(first <= row < rows for row in grad.indices):
        raise ValueError(f"indices must be from {first} to {rows - 1}, got {grad.indices}")


def check_dtype(grad: Array, param: Array) -> None:
    if grad.dtype != param.dtype:
        raise ValueError(f"a gradient must have dtype {param.dtype}, got {grad.dtype}")
