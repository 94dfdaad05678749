"""Rows that `gather` reads, and the sparse gradients of losses with them."""

import numpy as np
import pytest

from adamref import IndexedSlices, Variable, gather
from adamref.variables.tape import gradients


def gradient(loss, variable):
    return gradients(loss, [variable])[0]


def slices(given):
    return given.values.tolist(), given.indices.tolist(), given.dense_shape


def test_a_variable_read_by_gather_alone_has_slices_in_the_order_of_the_reads():
    w = Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = gradient(
        lambda: np.sum(gather(w, [2, 0, 2]) ** 2) + np.sum(gather(w, np.array([[1]], np.int64))), w
    )
    values = [[10.0, 12.0], [2.0, 4.0], [10.0, 12.0], [1.0, 1.0]]
    assert isinstance(found, IndexedSlices)
    assert slices(found) == (values, [2, 0, 2, 1], (3, 2))
    assert (found.values.dtype, found.indices.dtype) == (np.float32, np.int64)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_the_indices_of_slices_keep_their_dtype(dtype):
    w = Variable([1.0, 2.0])
    assert gradient(lambda: gather(w, np.array(1, dtype)), w).indices.dtype == dtype


def test_a_variable_read_both_ways_has_a_dense_gradient():
    w = Variable([[1.0], [2.0], [3.0]])
    assert gradient(lambda: np.sum(gather(w, [1, 1])) + np.sum(w), w).tolist() == [
        [1.0],
        [3.0],
        [1.0],
    ]


def test_gather_of_nothing_leaves_slices_without_rows():
    w = Variable([[1.0, 2.0]])
    found = gradient(lambda: np.sum(gather(w, np.zeros(0, np.int32))), w)
    assert (found.values.shape, found.indices.shape) == ((0, 2), (0,))


def test_gather_of_what_is_no_variable_takes_its_rows():
    w = Variable([1.0, 2.0])
    assert gradient(lambda: np.sum(gather(w * 3, [1])), w).tolist() == [0.0, 3.0]
    assert gather([[1, 2], [3, 4]], [[1]]).tolist() == [[[3, 4]]]


def test_an_empty_list_of_indices_holds_integers():
    assert gather(Variable([[1.0, 2.0]]), []).shape == (0, 2)
    with pytest.raises(TypeError, match="indices must be int32 or int64, got float64"):
        gather([1.0], np.zeros(0))


@pytest.mark.parametrize(
    ("params", "indices", "error", "message"),
    [
        ([1.0, 2.0], [2], ValueError, r"indices must be in \[0, 2\), the rows of params, got 2"),
        (
            [1.0, 2.0],
            [0, -1],
            ValueError,
            r"indices must be in \[0, 2\), the rows of params, got -1",
        ),
        ([1.0, 2.0], [0.0], TypeError, "indices must be int32 or int64, got float64"),
        (
            [1.0, 2.0],
            np.array([0], np.int16),
            TypeError,
            "indices must be int32 or int64, got int16",
        ),
        (1.0, 0, ValueError, "params must have rows to gather, got the scalar"),
    ],
)
def test_gather_refuses_rows_that_are_not_there(params, indices, error, message):
    with pytest.raises(error, match=message):
        gather(Variable(params), indices)
