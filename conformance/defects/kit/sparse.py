"""Pieces for sparse gradients that move only their own rows, or add squares of single slices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...vectors.slices import Grad, IndexedSlices, sum_slices
from .editable import EditableAdam
from .paper import scatter
from .records import Array, Step

# Keys of `EditableAdam.memory`.
_GRADIENTS_OF_ROWS = "gradients of each row"
_SUM_OF_SQUARES = "sum of the squares of slices"


def step_rows(adam: EditableAdam, step: Step, rows: Any, grad: Array) -> None:
    """Take a step on some rows of a parameter alone."""
    state = adam.state
    number = step.parameter
    slots = (state.params, state.m, state.v, state.v_max)
    whole = [slot[number].copy() for slot in slots]
    # The formulas see the rows as if they were the whole parameter.
    for slot in slots:
        slot[number] = slot[number][rows]
    adam.step_array(step, grad)
    for slot, array in zip(slots, whole, strict=True):
        array[rows] = slot[number]
        slot[number] = array


def step_own_rows(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    """Take the step on the rows that have a slice, and on no other."""
    once = sum_slices(slices)
    step_rows(adam, step, once.indices, once.values)


def step_own_rows_by_own_t(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    """Take the step on each row that has a slice, with the t of its own gradients."""
    state = adam.state
    number = step.parameter
    counts = row_counts(adam, _GRADIENTS_OF_ROWS, number)
    of_parameter = state.gradients[number]
    once = sum_slices(slices)
    for row, grad in zip(once.indices, once.values, strict=True):
        counts[row] += 1
        # The piece step_number reads the count of the parameter; it shall see the row's.
        state.gradients[number] = int(counts[row])
        step_rows(adam, step, [row], grad[None])
    state.gradients[number] = of_parameter


def row_counts(adam: EditableAdam, key: str, number: int) -> NDArray[np.int64]:
    """Return the counts, one for each row of a parameter, that a piece remembers under ``key``."""
    counts: dict[int, NDArray[np.int64]] = adam.memory.setdefault(key, {})
    rows = len(adam.state.params[number])
    return counts.setdefault(number, np.zeros(rows, np.int64))


def ignore_empty(adam: EditableAdam, step: Step, param: Array, grad: Grad | None) -> Grad | None:
    """Return no gradient for a sparse one without rows."""
    if isinstance(grad, IndexedSlices) and not len(grad.indices):
        return None
    return grad


def note_squares(adam: EditableAdam, param: Array, slices: IndexedSlices) -> Array:
    """Return the dense gradient, and remember the squares of its slices for `sum_of_squares`."""
    squares = slices._replace(values=slices.values * slices.values)
    adam.memory[_SUM_OF_SQUARES] = scatter(param, squares)
    return scatter(param, slices)


def sum_of_squares(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    """Return E2 with the squares of the slices of a row, not with the square of their sum."""
    square = adam.memory[_SUM_OF_SQUARES] if step.is_sparse else grad * grad
    return np.asarray(adam.beta2 * v + (1 - adam.beta2) * square)
