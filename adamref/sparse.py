"""Sparse gradients: which rows of a parameter take a step, and with which numbers.

The convention decides whether rows without a slice move too (`dense_equivalent`) or stay (`lazy`),
and whether each row counts its own steps.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .convention import Convention
from .gradients.indexed_slices import Grad, IndexedSlices, as_dense, sum_duplicates
from .state import Array, Count


class RowsAtT(NamedTuple):
    """Rows of a parameter that have taken ``t`` steps, and take the next one together.

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


def rows_by_t(convention: Convention, t: Count, param: Array, grad: Grad) -> Iterator[RowsAtT]:
    """Yield the rows of a parameter that a gradient moves; no row comes twice.

    Args:
        convention: which rows move, and how repeated rows enter v.
        t: steps that the parameter has taken, or each of its rows.
        param: the parameter, for its shape.
        grad: dense, which moves all rows, or slices.
    """
    # A dense gradient has one slice for each row.
    slices = grad if isinstance(grad, IndexedSlices) else IndexedSlices(grad, np.arange(len(param)))
    # Squared before the slices of a row are summed, where the convention says so.
    squares = None
    if convention.duplicates == "sum_of_squares":
        squares = slices._replace(values=slices.values * slices.values)
    if convention.sparse == "dense_equivalent":
        assert isinstance(t, int)
        # All rows move, with a gradient of zero where there is no slice.
        square = None if squares is None else as_dense(squares, param.shape)
        yield RowsAtT(t, ..., as_dense(slices, param.shape), square)
        return

    summed = sum_duplicates(slices)
    summed_squares = None if squares is None else sum_duplicates(squares).values
    # Rows that have taken equally many steps share the bias correction, and all other scalars.
    t_of_rows = np.broadcast_to(t, len(param))[summed.indices]
    for t_of_some in np.unique(t_of_rows):
        same = t_of_rows == t_of_some
        square = None if summed_squares is None else summed_squares[same]
        yield RowsAtT(int(t_of_some), summed.indices[same], summed.values[same], square)


def steps_after(convention: Convention, t: Count, param: Array, grad: Grad) -> Count:
    """Return the steps taken after a step with ``grad``."""
    if convention.sparse != "lazy_row_t":
        return t + 1
    counts = np.array(np.broadcast_to(t, len(param)), np.int64)
    # NumPy adds once for a row that occurs more than once, which is right: it takes one step.
    counts[grad.indices if isinstance(grad, IndexedSlices) else ...] += 1
    return counts


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
