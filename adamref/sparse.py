"""Sparse gradients: some rows of a parameter, as an embedding lookup leaves them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .convention import Convention
from .state import Array, Count

Rows = NDArray[np.integer[Any]]


class IndexedSlices(NamedTuple):
    """The gradient of a few rows of a parameter; all other rows have gradient zero.

    Fields:
        values: one slice a row, shape (n, *shape of the parameter after its first axis); its dtype.
        indices: which rows, int32 or int64, shape (n,). A row may be named more than once: its slices are summed.
        dense_shape: shape of the parameter; None is not said.

    Source: tf.IndexedSlices.
    """

    values: Array
    indices: Rows
    dense_shape: tuple[int, ...] | None = None


Grad = Array | IndexedSlices


class Part(NamedTuple):
    """Rows of a parameter that take a step together.

    Fields:
        t: steps that they have taken. rows: which they are, for NumPy to index with.
        grad: their gradient. square: what enters v; None is the square of ``grad``.
    """

    t: int
    rows: Any
    grad: Array
    square: Array | None


def parts(convention: Convention, t: Count, param: Array, grad: Grad) -> Iterator[Part]:
    """What of ``param`` a gradient moves; ``t``: steps that it has taken, or each of its rows."""
    slices = grad if isinstance(grad, IndexedSlices) else IndexedSlices(grad, np.arange(len(param)))
    squares = None
    if convention.duplicates == "sum_of_squares":
        squares = slices._replace(values=slices.values * slices.values)
    if convention.sparse == "dense_equivalent":
        assert isinstance(t, int)
        yield Part(t, ..., dense(slices, param), None if squares is None else dense(squares, param))
        return
    once = summed(slices)
    square = None if squares is None else summed(squares).values
    counts = np.broadcast_to(t, len(param))[once.indices]
    for count in np.unique(counts):
        at = counts == count
        yield Part(
            int(count), once.indices[at], once.values[at], None if square is None else square[at]
        )


def counted(convention: Convention, t: Count, param: Array, grad: Grad) -> Count:
    """The steps taken after a step with ``grad``."""
    if convention.sparse != "lazy_row_t":
        return t + 1
    counts = np.array(np.broadcast_to(t, len(param)), np.int64)
    counts[grad.indices if isinstance(grad, IndexedSlices) else ...] += (
        1  # a repeated row counts once
    )
    return counts


def summed(slices: IndexedSlices) -> IndexedSlices:
    """Each row once, in ascending order, with the sum of its slices in the order in which they came."""
    rows, where = np.unique(slices.indices, return_inverse=True)
    values = np.zeros((len(rows), *slices.values.shape[1:]), slices.values.dtype)
    np.add.at(values, where, slices.values)
    return IndexedSlices(values, rows, slices.dense_shape)


def dense(slices: IndexedSlices, param: Array) -> Array:
    """The gradient as an array of the shape of ``param``: zero in other rows, slices of one row summed.

    Raises:
        ValueError: the slices are not of ``param``.
    """
    check_slices(param, slices)
    whole = np.zeros(param.shape, param.dtype)
    np.add.at(whole, slices.indices, slices.values)
    return whole


def widened(grad: Grad, dtype: "np.dtype[Any]") -> Grad:
    """The gradient in ``dtype``."""
    if isinstance(grad, IndexedSlices):
        return grad._replace(values=grad.values.astype(dtype, copy=False))
    return grad.astype(dtype, copy=False)


def as_grad(given: Any) -> Grad:
    """A gradient as arrays: anything with ``values`` and ``indices``, which are no methods, is slices."""
    arrays = [getattr(given, name, None) for name in ("values", "indices")]
    if any(array is None or callable(array) for array in arrays):  # methods: a tensor of PyTorch
        return np.asarray(given)
    values, indices = map(np.asarray, arrays)
    if not indices.size:  # an empty list has no dtype of its own
        indices = indices.astype(np.int64)
    dense_shape = getattr(given, "dense_shape", None)
    return IndexedSlices(
        values, indices, None if dense_shape is None else tuple(np.ravel(dense_shape).tolist())
    )


def ignored(convention: Convention, grad: object) -> bool:
    """Whether a gradient is a sparse one without rows that the convention takes for none at all."""
    return (
        isinstance(grad, IndexedSlices)
        and convention.empty_sparse == "ignored"
        and not len(grad.indices)
    )


def check_sparse(convention: Convention) -> None:
    """Raise ValueError if a convention takes no sparse gradients."""
    if convention.sparse == "unsupported":
        raise ValueError(
            "grad must be dense in a convention without sparse gradients, got IndexedSlices"
        )


def check_slices(param: Array, slices: IndexedSlices, wide: "np.dtype[Any] | None" = None) -> None:
    """Raise ValueError unless the slices are of ``param``, in its dtype or in ``wide``."""
    values, indices, dense_shape = slices
    if param.ndim == 0:
        raise ValueError("param must have rows to take slices of, got a scalar")
    if dense_shape is not None and tuple(dense_shape) != param.shape:
        raise ValueError(
            f"dense_shape must be the shape of param {param.shape}, got {tuple(dense_shape)}"
        )
    if indices.ndim != 1 or indices.dtype not in (np.int32, np.int64):
        raise ValueError(
            f"indices must be one axis of int32 or int64, got {indices.dtype} in shape {indices.shape}"
        )
    if values.shape != (len(indices), *param.shape[1:]):
        due = (len(indices), *param.shape[1:])
        raise ValueError(
            f"values must have shape {due}, a row of param for each index, got {values.shape}"
        )
    if values.dtype not in (param.dtype, wide or param.dtype):
        raise ValueError(f"values must have the dtype of param, {param.dtype}, got {values.dtype}")
    wrong = indices[(indices < 0) | (indices >= len(param))]
    if len(wrong):
        raise ValueError(f"indices must be in [0, {len(param)}), the rows of param, got {wrong[0]}")
