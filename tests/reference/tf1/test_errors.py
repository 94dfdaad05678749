"""Calls that adamref.tf1.AdamOptimizer refuses, with the exceptions of TensorFlow."""

import warnings

import numpy as np
import pytest

from adamref import Variable
from adamref.tf1 import AdamOptimizer
from adamref.variables.pairs import MalformedArgument
from tests.reference.tf1.both_classes import (
    ONES,
    OUR_API,
    REAL_API,
    apply_case,
    compute_case,
    list_case,
    ours,
    slices_case,
    step_case,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf


NO_NUMBERS = {
    "none": None,
    "text": "a",
    "two": [1.0, 2.0],
    "object": object(),
    "of none": lambda: None,
}

CASES = {
    "no pairs": (list_case(lambda api: []), "grads_and_vars must hold a variable, got no pairs"),
    "no list": (
        list_case(lambda api: None),
        "grads_and_vars must be pairs of a gradient and a Variable, got None",
    ),
    "no pair": (
        list_case(lambda api: [3]),
        "grads_and_vars must be pairs of a gradient and a Variable, got 3",
    ),
    "one part": (
        list_case(lambda api: [(1.0,)]),
        r"must be pairs of a gradient and a Variable, got 1 parts: \(1.0\)",
    ),
    "three parts": (
        list_case(lambda api: [(1.0, api.variable(1.0), 2)]),
        "must be pairs .*, got 3 parts",
    ),
    "no list around the pair": (
        list_case(lambda api: (np.array(1.0), api.variable(1.0))),
        r"must be pairs .*, got array of float64 in shape \(\); write \[\(gradient, variable\)\]",
    ),
    "no variable": (
        list_case(lambda api: [(1.0, 3.0)]),
        "must be pairs of a gradient and a Variable, got 3.0 as one",
    ),
    "a variable of none": (
        list_case(lambda api: [(1.0, None)]),
        "must be pairs of .*, got None as one",
    ),
    "all none": (
        apply_case((None, 1.0)),
        "No gradients provided for any variable: one must have a gradient, got None for Variable",
    ),
    "all none, no variables": (
        list_case(lambda api: [(None, 3.0)]),
        "No gradients provided for any variable: .*, got None for 3.0",
    ),
    "no numbers": (
        apply_case(("a", 1.0)),
        "the gradient of Variable must have the dtype float32, got <U1",
    ),
    "no numbers at all": (
        apply_case((object(), 1.0)),
        "the gradient of Variable must have the dtype float32, got object",
    ),
    "ragged": (apply_case(([[1.0], [1.0, 2.0]], ONES)), "inhomogeneous"),
    "booleans": (
        apply_case((np.array([True, False]), [1.0, 2.0])),
        "must have the dtype float32, got bool",
    ),
    "other shape": (
        apply_case((ONES[0], ONES)),
        r"the gradient of Variable must have its shape \(2, 2\), got \(2,\)",
    ),
    "one for all": (
        apply_case((ONES[:1, :1], ONES)),
        r"must have its shape \(2, 2\), got \(1, 1\)",
    ),
    "integer gradient": (
        apply_case((np.int32(1), 1.0)),
        "must have the dtype float32, got int32; convert it first",
    ),
    "integer variable": (
        apply_case((np.int32(1), 1)),
        "a variable must be of floats to be changed by a gradient",
    ),
    "boolean variable": (
        apply_case((True, True)),
        "a variable must be of floats to be changed by a gradient",
    ),
    "row too large": (
        slices_case(ONES, [0, 2]),
        r"slices must be of Variable: indices must be in \[0, 2\), .*, got 2",
    ),
    "negative row": (
        slices_case(ONES, [0, -1]),
        r"slices must be of Variable: indices must be in \[0, 2\), .*, got -1",
    ),
    "more rows than values": (
        slices_case(ONES, [0, 1, 1]),
        r"values must have shape \(3, 2\), .*, got \(2, 2\)",
    ),
    "less rows than values": (
        slices_case(ONES, [0]),
        r"values must have shape \(1, 2\), .*, got \(2, 2\)",
    ),
    "float rows": (
        slices_case(ONES, [0.0, 1.0]),
        "indices must be one axis of int32 or int64, got float64",
    ),
    "short rows": (
        slices_case(ONES, np.array([0, 1], np.int16)),
        "indices must be one axis of int32 or int64, got int16",
    ),
    "rows of two axes": (
        slices_case(ONES[None], [[0, 1]]),
        r"indices must be one axis of .* in shape \(1, 2\)",
    ),
    "values of another dtype": (
        slices_case(ONES.astype(np.float64), [0, 1]),
        "values must have the dtype float32, got float64",
    ),
    "slices of a scalar": (
        slices_case(ONES[0], [0, 1], 1.0),
        "param must have rows to take slices of, got a scalar",
    ),
    "step that is no variable": (
        apply_case((1.0, 1.0), global_step=3),
        "global_step must be a Variable of a number, got 3",
    ),
    "boolean step": (
        apply_case((1.0, 1.0), global_step=lambda api: api.variable(True)),
        "must be a Variable of a number",
    ),
    "step of two": (
        apply_case((1.0, 1.0), global_step=lambda api: api.variable([1, 2])),
        r"must be a scalar, got shape \(2,\)",
    ),
    "name that is none": (apply_case((1.0, 1.0), name=3), "name must be a string or None, got 3"),
    "loss that is no function": (
        compute_case(lambda x: 3.0),
        "loss must be a function, got 3.0; write lambda: loss",
    ),
    "loss that wants more": (
        compute_case(lambda x: lambda y: x),
        "missing 1 required positional argument",
    ),
    "loss that raises": (compute_case(lambda x: lambda: x / (1 // 0)), "division"),
    "loss of none": (
        compute_case(lambda x: lambda: None),
        "loss must return real numbers, got None",
    ),
    "loss of text": (compute_case(lambda x: lambda: "a"), "loss must return real numbers, got 'a'"),
    "weights that do not fit": (
        compute_case(grad_loss=np.ones(2, np.float32)),
        r"grad_loss must have the shape of the loss \(\) or none, got \(2,\)",
    ),
    "weights of another dtype": (
        compute_case(grad_loss=np.float64(1.0)),
        "grad_loss must have the dtype float32, got float64",
    ),
    "list with a number": (
        compute_case(var_list=lambda x: [x, 3.0]),
        "var_list must hold Variables, got 3.0",
    ),
    "list with none": (
        compute_case(var_list=lambda x: [None]),
        "var_list must hold Variables, got None",
    ),
    "no list of variables": (
        compute_case(var_list=lambda x: 3),
        "var_list must hold Variables, got 3",
    ),
    "text as list": (
        compute_case(var_list=lambda x: "ab"),
        "var_list must hold Variables, got 'ab'",
    ),
    "a variable as list": (
        compute_case(var_list=lambda x: x),
        r"var_list must be a list of Variables, got .*; write \[variable\]",
    ),
    "empty list": (
        compute_case(var_list=lambda x: [], method="minimize"),
        "No variables to optimize: var_list or the loss must have one",
    ),
    "no path": (
        compute_case(lambda x: lambda: tf.constant(1.0), method="minimize"),
        "No gradients provided for any variable: one must have a gradient, got None for Variable",
    ),
    "no name": (step_case(name=""), "name must not be empty, got ''"),
    "none as name": (step_case(name=None), "name must not be empty, got None"),
    "number as name": (step_case(name=3), "name must be a string, got 3"),
    **{
        f"{name} {what}": (
            step_case(**{name: value}),
            f"{name} must be one number, or a function that returns one, got",
        )
        for name in ("learning_rate", "beta1", "beta2", "epsilon")
        for what, value in NO_NUMBERS.items()
    },
    "locking that is text": (
        step_case(use_locking="yes"),
        "use_locking must be True or False, got 'yes'",
    ),
    "locking that is 1": (step_case(use_locking=1), "use_locking must be True or False, got 1"),
    "number that wants more": (
        step_case(beta1=lambda x, y: x),
        "missing 2 required positional arguments",
    ),
}


@pytest.mark.parametrize(("case", "message"), CASES.values(), ids=CASES)
def test_the_exception_is_that_of_tensorflow_and_the_message_says_what_and_what_instead(
    case, message
):
    with pytest.raises(Exception) as real:  # noqa: PT011  (which one it is, is the question)
        case(REAL_API)
    with pytest.raises(ours(real.value), match=message) as own:
        case(OUR_API)
    # What is both is a class of its own.
    assert type(own.value) in (ours(real.value), MalformedArgument)


def test_a_slot_is_asked_of_a_variable():
    with pytest.raises(TypeError, match="var must be a Variable, got 'w'"):
        AdamOptimizer().get_slot("w", "m")


def test_of_a_function_the_message_shows_what_it_returned():
    with pytest.raises(
        ValueError, match="learning_rate must be one number, .*, got one that returns 'a'$"
    ):
        AdamOptimizer(lambda: "a").apply_gradients([(1.0, Variable(1.0))])


def test_messages_show_of_long_arrays_and_variables_what_they_are():
    long = Variable(np.ones(999), name="long")
    step = Variable(np.arange(3), name="step")
    with pytest.raises(
        ValueError,
        match=r"got 3 parts: \(1.0, <Variable 'long' shape=\(999,\) dtype=float64>, 2\)$",
    ):
        AdamOptimizer().apply_gradients([(1.0, long, 2)])
    with pytest.raises(TypeError, match=r"got array of float64 in shape \(999,\) as one$"):
        AdamOptimizer().apply_gradients([(1.0, long.numpy())])
    with pytest.raises(ValueError, match=r"got <Variable 'step' shape=\(3,\) dtype=int64>$"):
        AdamOptimizer().apply_gradients([(np.arange(3), step)])


def test_a_beta_must_keep_its_dtype():
    betas = iter([0.5, 0.5, np.float64(0.5)])
    w = Variable(1.0)
    optimizer = AdamOptimizer(beta1=lambda: next(betas))
    optimizer.apply_gradients([(1.0, w)])
    with pytest.raises(ValueError, match="beta1 must keep its dtype, float32, got float64"):
        optimizer.apply_gradients([(1.0, w)])
