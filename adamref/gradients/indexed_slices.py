"""IndexedSlices: the gradient of only some rows, as an embedding lookup produces.

An example: the slices of rows 2, 0 and 2 of a parameter. Row 2 has two slices, which are summed.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
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


def _require_number(factor: Any) -> None:
    if isinstance(factor, np.ndarray) and factor.ndim:
        raise TypeError(
            f"slices must be multiplied or divided by a number, got an array of shape "
            f"{factor.shape}; do it with slices.values"
        )


def check_slices(param: Array, slices: IndexedSlices, dtype: "np.dtype[Any] | None" = None) -> None:
    """Raise ValueError unless slices fit ``param``; ``dtype`` is a second dtype they may have."""
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
    if values.dtype not in (param.dtype, dtype or param.dtype):
        raise ValueError(f"values must have the dtype of param, {param.dtype}, got {values.dtype}")
    outside = indices[(indices < 0) | (indices >= len(param))]
    if len(outside):
        raise ValueError(
            f"indices must be in [0, {len(param)}), the rows of param, got {outside[0]}"
        )


def dense_array(param: Array, slices: IndexedSlices) -> Array:
    """Return the gradient of ``param`` as an array; raise ValueError unless the slices fit."""
    check_slices(param, slices)
    return as_dense(slices, param.shape)


def as_dense(slices: IndexedSlices, shape: tuple[int, ...]) -> Array:
    """Return the gradient as an array of ``shape``: zero in other rows, slices of one row summed.

    Rounding: slices of a row are added in the order in which they came.
    """
    array = np.zeros(shape, slices.values.dtype)
    np.add.at(array, slices.indices, slices.values)
    return array


def sum_duplicates(slices: IndexedSlices) -> IndexedSlices:
    """Return each row once, in ascending order, with the sum of its slices.

    Rounding: slices of a row are added in the order in which they came.
    """
    # np.add.at adds one after the other; values[places] += would add only the last of a row.
    rows, places = np.unique(slices.indices, return_inverse=True)
    values = np.zeros((len(rows), *slices.values.shape[1:]), slices.values.dtype)
    np.add.at(values, places, slices.values)
    return IndexedSlices(values, rows, slices.dense_shape)
