"""Clipping: by value, by norm and by the norm of all gradients, as a piece of an editable Adam."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...truth.reference import Convention
from ...vectors.slices import Grad, IndexedSlices, sum_slices
from ...vectors.switches import LIMITS
from .editable import EditableAdam
from .records import Array, Grads

# Gradients as arrays; None where there is no gradient.
Arrays = Sequence[Array | None]
ClipPiece = Callable[[EditableAdam, Grads], Grads]
Clipping = Callable[[EditableAdam, Arrays], Arrays]

# PyTorch adds this to a norm before it divides by it.
_SLACK = 1e-6


def clip_of(convention: Convention) -> ClipPiece:
    """Return the clip of a convention."""
    slack = _SLACK if convention.clip_law == "plus_1e-6" else 0.0
    limit_of_kind = dict(zip(("value", "norm", "global"), LIMITS, strict=True))
    order = [limit_of_kind[kind] for kind in convention.clip_order.split("_")]

    def clip(adam: EditableAdam, grads: Arrays) -> Arrays:
        limits = {name: adam.limits[name] for name in order if name in adam.limits}
        if convention.clip == "first":
            first = next(iter(limits), None)
            limits = {} if first is None else {first: limits[first]}
        for name, limit in limits.items():
            grads = clip_by(name, grads, limit, slack)
        return grads

    return on_values(clip, sums_rows_first=convention.clip_duplicates == "after_sum")


def on_values(clip: Clipping, sums_rows_first: bool = False) -> ClipPiece:
    """Return a clip of arrays as one that also takes sparse gradients, and clips their values.

    ``sums_rows_first``: the slices of one row are summed before they are clipped.
    """

    def clip_arrays(adam: EditableAdam, grads: Grads) -> Grads:
        if sums_rows_first:
            grads = [_sum_rows(grad) for grad in grads]
        arrays = [_values(grad) for grad in grads]
        pairs = zip(grads, clip(adam, arrays), strict=True)
        return [_with_values(grad, array) for grad, array in pairs]

    return clip_arrays


def _sum_rows(grad: Grad | None) -> Grad | None:
    return sum_slices(grad) if isinstance(grad, IndexedSlices) else grad


def _values(grad: Grad | None) -> Array | None:
    return grad.values if isinstance(grad, IndexedSlices) else grad


def _with_values(grad: Grad | None, array: Array | None) -> Grad | None:
    if isinstance(grad, IndexedSlices) and array is not None:
        return grad._replace(values=array)
    return array


def clip_by(name: str, grads: Arrays, limit: float, slack: float = 0.0) -> Arrays:
    """Return the gradients within one of the three limits."""

    def clip_elements(grad: Array) -> Array:
        # Both limits in the dtype of the gradient: np.clip must not return float64.
        to_dtype = grad.dtype.type
        return np.clip(grad, to_dtype(-limit), to_dtype(limit))

    def clip_norm(grad: Array) -> Array:
        return rescale(grad, norm([grad]), limit, slack)

    def clip_global_norm(grad: Array) -> Array:
        return rescale(grad, size_of_all, limit, slack)

    if name == "clipvalue":
        return change_each(grads, clip_elements)
    if name == "clipnorm":
        return change_each(grads, clip_norm)
    size_of_all = norm(grads)
    return change_each(grads, clip_global_norm)


def clip_all(grads: Arrays, limits: Mapping[str, float]) -> Arrays:
    """Return the gradients within every limit, in the order of tf_keras."""
    for name in LIMITS:
        if name in limits:
            grads = clip_by(name, grads, limits[name])
    return grads


def change_each(grads: Arrays, change: Callable[[Array], Array]) -> list[Array | None]:
    """Return each gradient changed; a missing gradient is passed on."""

    def change_if_any(grad: Array | None) -> Array | None:
        return None if grad is None else change(grad)

    return [change_if_any(grad) for grad in grads]


def norm(grads: Arrays) -> float:
    """Return the Euclidean norm of all elements, summed in float64."""
    squares = [np.square(grad, dtype=np.float64) for grad in grads if grad is not None]
    return float(np.sqrt(sum(float(np.sum(square)) for square in squares)))


def rescale(grad: Array, size: float, limit: float, slack: float = 0.0) -> Array:
    """Return a gradient of norm ``size`` with its norm within the limit."""
    return (grad * (limit / max(size + slack, limit))).astype(grad.dtype)
