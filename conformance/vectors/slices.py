"""Sparse gradients, as a vector holds them and as a subject is given them."""

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .words import Array, about, decode, encode, given_size


class IndexedSlices(NamedTuple):
    """The gradient of some rows of a parameter; in all other rows it is zero.

    Attributes:
        values: one slice a row, shape (n, *dense_shape[1:]), dtype of the parameter.
        indices: the row of each slice, int64, shape (n,). The gradient of a row that is named
            twice is the sum of its slices.
        dense_shape: the shape of the parameter.
    """

    values: Array
    indices: NDArray[np.int64]
    dense_shape: tuple[int, ...]

    def copy(self) -> "IndexedSlices":
        """Return the same gradient in new arrays."""
        return IndexedSlices(self.values.copy(), self.indices.copy(), self.dense_shape)


Grad = Array | IndexedSlices


def values_of(grad: Grad) -> Array:
    """Return the numbers of a gradient."""
    return grad.values if isinstance(grad, IndexedSlices) else grad


def sum_slices(slices: IndexedSlices) -> IndexedSlices:
    """Return each row once, in ascending order, with the sum of its slices."""
    rows, positions = np.unique(slices.indices, return_inverse=True)
    values = np.zeros((len(rows), *slices.values.shape[1:]), slices.values.dtype)
    # add.at and not +=, which would keep only the last slice of a row.
    np.add.at(values, positions, slices.values)
    return slices._replace(values=values, indices=rows)


def decode_grad(
    entry: Any, dtype: str, shape: Sequence[int], tile: int | None = None
) -> Grad | None:
    """Return the gradient that a vector holds: nothing, a flat array, or slices.

    Raises:
        ValueError: the parts of the gradient do not fit each other, or ``shape``.
    """
    if entry is None:
        return None
    if isinstance(entry, str):
        return decode(entry, dtype, [given_size(shape, tile)])
    # A scalar has no rows.
    if entry["dense_shape"] != list(shape) or not shape:
        raise ValueError(
            "dense_shape must be the shape of the parameter, "
            f"{list(shape)}, got {entry['dense_shape']}"
        )
    if tile is not None:
        raise ValueError(f"tile cannot be combined with sparse gradients, got tile={tile}")
    for index in entry["indices"]:
        if not 0 <= index < shape[0]:
            raise ValueError(f"indices must be in [0, {shape[0]}), got {index}")
    indices = np.array(entry["indices"], np.int64)
    values = decode(entry["values"], dtype, (len(indices), *shape[1:]))
    return IndexedSlices(values, indices, tuple(shape))


def encode_grad(grad: Grad) -> dict[str, Any] | str:
    """Return ``grad`` as a vector holds it."""
    if not isinstance(grad, IndexedSlices):
        return encode(grad)
    return {
        "values": encode(grad.values),
        "indices": [int(index) for index in grad.indices],
        "dense_shape": list(grad.dense_shape),
    }


def about_grad(grad: Grad) -> str:
    """Return the decimals of ``grad``, for people."""
    return about(values_of(grad))


def exact_sums(slices: IndexedSlices, roundoff: float) -> bool:
    """Return whether slices have the same sum in every order, in a format with this roundoff."""
    # Not -1, which NumPy cannot work out where there is no slice.
    columns = slices.values.reshape(len(slices.indices), prod(slices.dense_shape[1:])).T
    for row in set(slices.indices.tolist()):
        for values in columns[:, slices.indices == row]:
            numbers = [Fraction(float(value)) for value in values]
            size = sum(abs(number) for number in numbers)
            # Every partial sum is a multiple of the finest unit, and has at most this many.
            finest = max(number.denominator for number in numbers)
            if size * finest > 1 / roundoff:
                return False
    return True
