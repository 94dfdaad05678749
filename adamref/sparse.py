"""Sparse gradients: the gradient of only some rows, as an embedding lookup produces.

An example: the slices of rows 2, 0 and 2 of a parameter. Row 2 has two slices, which are summed.
The convention decides whether the other rows move (`dense_equivalent`) or stay (`lazy`).
"""

from collections.abc import Iterator, Sequence
from math import inf
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
        indices: the row of each slice, int32 or int64, shape (n,). A row may occur more than once:
            its slices are summed.
        dense_shape: shape of the parameter; None leaves it unsaid.

    Source: tf.IndexedSlices.
    """

    values: Array
    indices: Rows
    dense_shape: tuple[int, ...] | None = None

    # A tuple would be repeated or joined.

    def __mul__(self, factor: Any) -> Any:
        """Return all slices times a number."""
        _require_number(factor)
        return self._replace(values=self.values * factor)

    def __rmul__(self, factor: Any) -> Any:
        return self * factor

    def __truediv__(self, divisor: Any) -> "IndexedSlices":
        """Return all slices divided by a number."""
        _require_number(divisor)
        return self._replace(values=self.values / divisor)

    def __add__(self, other: Any) -> Any:
        raise TypeError(f"slices must not be added, got {other!r}; add arrays of the whole shape")


# NumPy would make an array of its parts. Not in the class, where it would count as a field.
IndexedSlices.__array_ufunc__ = None  # type: ignore[attr-defined]
Grad = Array | IndexedSlices


class Part(NamedTuple):
    """Rows of a parameter that take a step together.

    Fields:
        t: steps that they have taken.
        rows: an index of the rows for NumPy.
        grad: their gradient.
        square: the square that enters v; None is the square of ``grad``.
    """

    t: int
    rows: Any
    grad: Array
    square: Array | None


def _require_number(factor: Any) -> None:
    if isinstance(factor, np.ndarray) and factor.ndim:
        raise TypeError(
            f"slices must be multiplied or divided by a number, got an array of shape "
            f"{factor.shape}; do it with slices.values"
        )


def parts(convention: Convention, t: Count, param: Array, grad: Grad) -> Iterator[Part]:
    """Yield the parts of a parameter that a gradient moves.

    Args:
        convention: which rows move, and how duplicate rows enter v.
        t: steps that the parameter has taken, or each of its rows.
        param: of which only the shape and the dtype count.
        grad: dense, or slices; the rows of both are taken.
    """
    # A dense gradient has one slice for each row.
    slices = grad if isinstance(grad, IndexedSlices) else IndexedSlices(grad, np.arange(len(param)))
    # Squared before the slices of a row are summed, where the convention says so.
    squares = None
    if convention.duplicates == "sum_of_squares":
        squares = slices._replace(values=slices.values * slices.values)
    if convention.sparse == "dense_equivalent":
        assert isinstance(t, int)
        # All rows move, with zeros where there is no slice.
        square = None if squares is None else as_dense(squares, param)
        yield Part(t, ..., as_dense(slices, param), square)
        return

    unique = sum_duplicates(slices)
    unique_squares = None if squares is None else sum_duplicates(squares).values
    # Rows that have taken equally many steps share their scalars.
    counts = np.broadcast_to(t, len(param))[unique.indices]
    for count in np.unique(counts):
        same = counts == count
        square = None if unique_squares is None else unique_squares[same]
        yield Part(int(count), unique.indices[same], unique.values[same], square)


def steps_after(convention: Convention, t: Count, param: Array, grad: Grad) -> Count:
    """Return the steps taken after a step with ``grad``."""
    if convention.sparse != "lazy_row_t":
        return t + 1
    counts = np.array(np.broadcast_to(t, len(param)), np.int64)
    # NumPy adds once for a row that occurs more than once, which is right: it takes one step.
    counts[grad.indices if isinstance(grad, IndexedSlices) else ...] += 1
    return counts


def sum_duplicates(slices: IndexedSlices) -> IndexedSlices:
    """Return each row once, in ascending order, with the sum of its slices.

    Rounding: slices of a row are added in the order in which they came.
    """
    # np.add.at adds one after the other; values[places] += would add only the last of a row.
    rows, places = np.unique(slices.indices, return_inverse=True)
    values = np.zeros((len(rows), *slices.values.shape[1:]), slices.values.dtype)
    np.add.at(values, places, slices.values)
    return IndexedSlices(values, rows, slices.dense_shape)


def as_dense(slices: IndexedSlices, param: Array) -> Array:
    """Return the gradient as an array: zero in other rows, slices of one row summed.

    Raises:
        ValueError: the slices do not fit ``param``.
    """
    check_slices(param, slices)
    array = np.zeros(param.shape, param.dtype)
    np.add.at(array, slices.indices, slices.values)
    return array


def widen(grad: Grad, dtype: "np.dtype[Any]") -> Grad:
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
    wide = np.promote_types(array.dtype, np.float32)
    quotient = array.astype(wide) / wide.type(scale)
    return np.asarray(quotient, array.dtype)


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


def without_ignored(convention: Convention, grads: Sequence[Grad | None]) -> list[Grad | None]:
    """Return the gradients with None for those that the convention treats as missing."""
    present = list(grads)
    for place, grad in enumerate(grads):
        if is_ignored(convention, grad):
            present[place] = None
    return present


def is_ignored(convention: Convention, grad: object) -> bool:
    """Return whether the convention treats a gradient as missing: it is sparse without rows."""
    return (
        isinstance(grad, IndexedSlices)
        and convention.empty_sparse == "ignored"
        and not len(grad.indices)
    )


def check_sparse(convention: Convention, found: str) -> None:
    """Raise ValueError if a convention accepts no sparse gradients; ``found`` says what has one."""
    if convention.sparse == "unsupported":
        raise ValueError(
            f"convention {convention.name!r} accepts no sparse gradients; {found}. "
            "Pass a dense array or choose another convention, e.g. 'paper'."
        )


def check_slices(param: Array, slices: IndexedSlices, wide: "np.dtype[Any] | None" = None) -> None:
    """Raise ValueError unless slices fit ``param``; ``wide`` is a second dtype they may have."""
    # First the shapes, then the dtypes, last the values: each check needs the ones before it.
    values, indices, dense_shape = slices
    if param.ndim == 0:
        raise ValueError("param must have rows to take slices of, got a scalar")
    if dense_shape is not None and tuple(dense_shape) != param.shape:
        raise ValueError(
            f"dense_shape must be the shape of param {param.shape}, got {tuple(dense_shape)}"
        )
    if indices.ndim != 1 or indices.dtype not in (np.int32, np.int64):
        raise ValueError(
            f"indices must be one axis of int32 or int64, "
            f"got {indices.dtype} in shape {indices.shape}"
        )
    shape = (len(indices), *param.shape[1:])
    if values.shape != shape:
        raise ValueError(
            f"values must have shape {shape}, a row of param for each index, got {values.shape}"
        )
    if values.dtype not in (param.dtype, wide or param.dtype):
        raise ValueError(f"values must have the dtype of param, {param.dtype}, got {values.dtype}")
    outside = indices[(indices < 0) | (indices >= len(param))]
    if len(outside):
        raise ValueError(
            f"indices must be in [0, {len(param)}), the rows of param, got {outside[0]}"
        )
