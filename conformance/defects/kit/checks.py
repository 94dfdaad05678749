"""Checks of what an Adam is given: gradients and states that do not fit its parameters raise."""

from collections.abc import Sequence
from typing import Any

from ...vectors.slices import IndexedSlices
from .editable import EditableAdam
from .records import Array, Grads, Slots


def check_grads(adam: EditableAdam, grads: Grads) -> None:
    check_count("grads", grads, adam)
    for param, grad in zip(adam.state.params, grads, strict=True):
        if grad is not None and not isinstance(grad, IndexedSlices):
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


def check_dtype(grad: Array, param: Array) -> None:
    if grad.dtype != param.dtype:
        raise ValueError(f"a gradient must have dtype {param.dtype}, got {grad.dtype}")
