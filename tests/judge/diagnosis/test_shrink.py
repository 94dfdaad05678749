"""Shrinking: an input becomes as small as it can be, and still does what it did."""

import numpy as np

from conformance.diagnosis.shrink import shrink
from conformance.vectors.inputs import Call, Inputs
from conformance.vectors.slices import IndexedSlices

NUMBERS = {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def given(*columns, **switches):
    """Inputs with a column of gradients for each parameter."""
    params = [np.full(np.shape(column[0]), 0.3) for column in columns]
    calls = [
        Call([np.array(grad, float) for grad in call], None) for call in zip(*columns, strict=True)
    ]
    return Inputs(dict(NUMBERS), switches, params, calls)


def grads(inputs):
    return [
        [None if grad is None else grad.tolist() for grad in call.grads] for call in inputs.calls
    ]


def test_calls_parameters_and_elements_that_do_not_matter_go():
    large = given([[1.0, 2.5], [3.5, 4.0]], [[5.0, 6.0], [-7.7, 8.0]])
    small = shrink(
        large, lambda one: any((grad == -7.7).any() for call in one.calls for grad in call.grads)
    )
    assert grads(small) == [[[-7.7]]]


def test_what_is_optional_goes_and_numbers_become_simple():
    small = shrink(
        given([[2.7, 1.3]], weight_decay=0.3, amsgrad=True), lambda one: one.params[0].any()
    )
    assert small.switches == {}
    assert list(small.numbers.values()) == [2.0**-6, 0.5, 0.75, 2.0**-10]
    assert (grads(small), small.params[0].tolist()) == ([[[0.0]]], [1.0])


def test_what_matters_stays():
    small = shrink(
        given([[2.7, 1.3]], weight_decay=0.3), lambda one: one.switches.get("weight_decay") == 0.3
    )
    assert small.switches == {"weight_decay": 0.3}


def test_a_missing_gradient_becomes_zeros_and_slices_become_dense_where_nothing_asks_for_them():
    slices = IndexedSlices(np.ones((2, 1)), np.array([1, 1]), (3, 1))
    inputs = Inputs(
        dict(NUMBERS), {}, [np.zeros((3, 1))], [Call([None], None), Call([slices], 0.5)]
    )
    small = shrink(inputs, lambda one: len(one.calls) == 2)
    assert grads(small) == [[[0.0]], [[0.0]]]
    assert [call.learning_rate for call in small.calls] == [None, None]


def test_scales_go_together_and_become_1_where_one_matters():
    large = given([[2.0], [3.0]])
    scaled = [call._replace(scale=65536.0) for call in large.calls]
    large = large._replace(calls=scaled)
    small = shrink(large, lambda one: len(one.calls) == 2)
    assert [call.scale for call in small.calls] == [None, None]
    kept = shrink(large, lambda one: len(one.calls) == 2 and one.calls[0].scale is not None)
    assert [call.scale for call in kept.calls] == [1.0, 1.0]


def test_rows_without_a_slice_go_and_the_others_keep_theirs():
    slices = IndexedSlices(np.array([[4.0], [5.0]]), np.array([3, 1]), (5, 1))
    inputs = Inputs(dict(NUMBERS), {}, [np.zeros((5, 1))], [Call([slices], None)])

    def does(one):
        (grad,) = one.calls[0].grads
        return (
            isinstance(grad, IndexedSlices)
            and len(grad.indices) == 2
            and grad.indices[0] > grad.indices[1]
        )

    (grad,) = shrink(inputs, does).calls[0].grads
    assert (grad.indices.tolist(), grad.dense_shape) == ([1, 0], (2, 1))


def test_a_loaded_state_follows_its_parameters():
    load = ({"m": [np.ones(2), np.ones(1)], "v": [np.ones(2), np.ones(1)]}, [3, 4])
    inputs = given([[1.0, 2.0]], [[3.0]])._replace(load=load)
    small = shrink(inputs, lambda one: one.load is not None and 4 in one.load[1])
    assert small.load[1] == [4]
    assert [array.shape for array in small.load[0]["m"]] == [(1,)]


def test_an_input_that_can_be_no_smaller_is_given_back():
    inputs = given([[1.0]])
    assert shrink(inputs, lambda one: one is inputs) is inputs
