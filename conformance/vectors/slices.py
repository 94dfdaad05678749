"""Sparse gradients as a vector holds them and a subject is given them."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .words import Array, about, decode, encode, given_size


class IndexedSlices(NamedTuple):
    """The gradient of some rows of a parameter; in all others it is zero.

    Fields:
        values: one slice a row, shape (n, *dense_shape[1:]), dtype of the parameter.
        indices: which rows, int64, shape (n,). A row that is named twice has the sum of its slices as gradient.
        dense_shape: the shape of the parameter.
    """

    values: Array
    indices: NDArray[np.int64]
    dense_shape: tuple[int, ...]

    def copy(self) -> "IndexedSlices":
        """The same in arrays of its own."""
        return IndexedSlices(self.values.copy(), self.indices.copy(), self.dense_shape)


Grad = Array | IndexedSlices


def summed(slices: IndexedSlices) -> IndexedSlices:
    """Each row once, in ascending order, with the sum of its slices."""
    rows, at = np.unique(slices.indices, return_inverse=True)
    values = np.zeros((len(rows), *slices.values.shape[1:]), slices.values.dtype)
    np.add.at(values, at, slices.values)
    return slices._replace(values=values, indices=rows)


def decode_grad(
    entry: Any, dtype: str, shape: Sequence[int], tile: int | None = None
) -> Grad | None:
    """The gradient that stands in a vector: None, words, or slices.

    Raises:
        ValueError: its parts do not fit each other, or ``shape``.
    """
    if entry is None:
        return None
    if isinstance(entry, str):
        return decode(entry, dtype, [given_size(shape, tile)])
    if entry["dense_shape"] != list(shape) or not shape:
        raise ValueError(
            f"dense_shape must be the shape of the parameter, {list(shape)}, got {entry['dense_shape']}"
        )
    if tile is not None:
        raise ValueError(f"tile must be left out with sparse gradients, got {tile}")
    wrong = [index for index in entry["indices"] if not 0 <= index < shape[0]]
    if wrong:
        raise ValueError(f"indices must be in [0, {shape[0]}), got {wrong[0]}")
    indices = np.array(entry["indices"], np.int64)
    return IndexedSlices(
        decode(entry["values"], dtype, (len(indices), *shape[1:])), indices, tuple(shape)
    )


def encode_grad(grad: Grad) -> dict[str, Any] | str:
    """What stands in a vector for ``grad``."""
    if not isinstance(grad, IndexedSlices):
        return encode(grad)
    indices, dense_shape = [int(index) for index in grad.indices], list(grad.dense_shape)
    return {"values": encode(grad.values), "indices": indices, "dense_shape": dense_shape}


def about_grad(grad: Grad) -> str:
    """Its decimals, for people."""
    return about(grad.values if isinstance(grad, IndexedSlices) else grad)


def exact_sums(slices: IndexedSlices, roundoff: float) -> bool:
    """Whether the slices of each row have the same sum in every order, in a format with this unit roundoff."""
    columns = slices.values.reshape(len(slices.indices), -1).T
    for row in set(slices.indices.tolist()):
        for values in columns[:, slices.indices == row]:
            numbers = [Fraction(float(value)) for value in values]
            if (
                sum(map(abs, numbers)) * max(number.denominator for number in numbers)
                > 1 / roundoff
            ):
                return False
    return True
