"""Calls that keras.Adam refuses, with the exceptions of the real class."""

import warnings

import numpy as np
import pytest

from adamref import Variable
from adamref.keras import Adam
from tests.reference.keras.both_classes import (
    MATRIX,
    ONES,
    OURS,
    REAL,
    SAME_AS,
    slices,
    weights_set,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf


CASES = {
    "unknown keyword": (
        lambda api: api.adam(momentum=0.9),
        "Unexpected keyword argument momentum: it must be one of clipnorm, ",
    ),
    "clipnorm < 0": (
        lambda api: api.adam(clipnorm=-1),
        "clipnorm must be >= 0, got -1",
    ),
    "clipvalue < 0": (lambda api: api.adam(clipvalue=-1.0), "clipvalue must be >= 0"),
    "global_clipnorm < 0": (
        lambda api: api.adam(global_clipnorm=-1.0),
        "global_clipnorm must be >= 0",
    ),
    "decay < 0": (lambda api: api.adam(decay=-1), "decay must be finite and >= 0, got -1.0"),
    "decay None": (lambda api: api.adam(decay=None), "decay must be one number, got None"),
    "lr < 0": (lambda api: api.adam(lr=-1), "learning_rate must be finite and >= 0, got -1.0"),
    "both norms": (
        lambda api: api.adam(clipnorm=1, global_clipnorm=2),
        "only one of clipnorm and global_clipnorm must be given, got 1.0 and 2.0",
    ),
    "unknown config": (
        lambda api: api.adam.from_config({"momentum": 1}),
        "Unexpected keyword argument momentum",
    ),
    "rate is None": (
        lambda api: api.applied(ONES, learning_rate=None),
        "learning_rate must be one number, .*, got None",
    ),
    "rate is a number in text": (
        lambda api: api.applied(ONES, learning_rate="0.1"),
        "learning_rate .*, got '0.1'",
    ),
    "lr is text": (lambda api: api.adam(lr="0.1"), "lr must be one number, got '0.1'"),
    "decay is text": (lambda api: api.adam(decay="0.1"), "decay must be one number, got '0.1'"),
    "epsilon is text": (
        lambda api: api.applied(ONES, epsilon="a"),
        "epsilon must be one number, got 'a'",
    ),
    "epsilon is a function": (
        lambda api: api.applied(ONES, epsilon=lambda: 1e-3),
        "epsilon must be one number, got <function",
    ),
    "epsilons": (
        lambda api: api.applied(ONES, epsilon=[0.1, 0.2]),
        r"epsilon must be one number, got \[0.1, 0.2\]",
    ),
    "clipnorm is text": (
        lambda api: api.adam(clipnorm="x"),
        "clipnorm must be one number, got 'x'",
    ),
    "clipvalue is text": (
        lambda api: api.adam(clipvalue="1"),
        "clipvalue must be one number, got '1'",
    ),
    "name is a number": (lambda api: api.applied(ONES, name=5), "name must be a string, got 5"),
    "name of a weight is a number": (
        lambda api: api.adam().add_weight(5, (2,)),
        "name must be a string, got 5",
    ),
    "config is text": (
        lambda api: api.adam.from_config("x"),
        "config must be a dictionary, .*, got 'x'",
    ),
    "config is None": (
        lambda api: api.adam.from_config(None),
        "config must be a dictionary, .*, got None",
    ),
    "config is a list": (
        lambda api: api.adam.from_config([("name", "a")]),
        "config must be a dictionary, .*, got ",
    ),
    "weights are text": (
        lambda api: weights_set(api, "a"),
        "weights must be arrays, got 'a' for Adam/iter",
    ),
    "weights are Python's": (
        lambda api: weights_set(api, 3.7),
        "weights must be arrays, got 3.7 for Adam/iter",
    ),
    "rate is text": (
        lambda api: api.applied(ONES, learning_rate="a"),
        "learning_rate must be one number, .*, got 'a'",
    ),
    "rates": (
        lambda api: api.applied(ONES, learning_rate=[0.1, 0.2]),
        "learning_rate must be one number, .*, got ",
    ),
    "function that fails": (
        lambda api: api.applied(ONES, learning_rate=lambda: 1 / 0),
        "division by zero",
    ),
    "function of text": (
        lambda api: api.applied(ONES, learning_rate=lambda: "a"),
        "learning_rate must give one number",
    ),
    "function of two": (
        lambda api: api.applied(ONES, beta_1=lambda: [0.1, 0.2]),
        "beta_1 must give one number, got ",
    ),
    "not iterable": (
        lambda api: api.adam().apply_gradients(3),
        "grads_and_vars must be pairs of .*, got 3",
    ),
    "None": (
        lambda api: api.adam().apply_gradients(None),
        "grads_and_vars must be pairs of .*, got None",
    ),
    "not a pair": (
        lambda api: api.adam().apply_gradients([3]),
        "grads_and_vars must be pairs of .*, got 3",
    ),
    "no list around the pair": (
        lambda api: api.adam().apply_gradients((np.array(1.0), api.variable(1.0))),
        r"pairs of .*, got array of float64 in shape \(\); write \[\(gradient, variable\)\]",
    ),
    "three": (
        lambda api: api.adam().apply_gradients([(1, 2, 3)]),
        "grads_and_vars must be pairs .*, got 3 parts",
    ),
    "array for a variable": (
        lambda api: api.adam().apply_gradients([(ONES, ONES)]),
        "var must be a Variable, got arr",
    ),
    "None for a variable": (
        lambda api: api.adam().apply_gradients([(None, None)]),
        "var must be a Variable, got None",
    ),
    "no gradient": (
        lambda api: api.applied(None),
        "No gradients provided for any variable: one must have a gradient, got None for Variable",
    ),
    "shape": (
        lambda api: api.applied(np.ones(3, np.float32)),
        r"grad must have the shape of param \(2,\), got \(3,\)",
    ),
    "scalar": (
        lambda api: api.applied(np.float32(1)),
        r"grad must have the shape of param \(2,\), got \(\)",
    ),
    "dtype": (
        lambda api: api.applied(np.ones(2)),
        "the gradient of Variable must have the dtype float32, got float64",
    ),
    "text": (
        lambda api: api.applied("a"),
        "the gradient of Variable must have the dtype float32, got <U1",
    ),
    "integer variable": (
        lambda api: api.applied(np.array([1, 2]), np.array([1, 2])),
        "param must be float16, bf",
    ),
    "row": (
        lambda api: api.applied(slices(ONES[:1], [2])),
        r"indices must be in \[0, 2\), the rows of param, got 2",
    ),
    "row < 0": (
        lambda api: api.applied(slices(ONES[:1], [-1])),
        r"indices must be in \[0, 2\), the rows of param, got",
    ),
    "slices of a scalar": (
        lambda api: api.applied(slices(ONES[:1], [0]), np.float32(1)),
        "param must have rows to take",
    ),
    "too many slices": (
        lambda api: api.applied(slices(MATRIX, [1]), MATRIX),
        r"values must have shape \(1, 2\), a row",
    ),
    "slices' dtype": (
        lambda api: api.applied(slices(np.ones((1, 2)), [1]), MATRIX),
        "values must have the dtype float32",
    ),
    "float indices": (
        lambda api: api.applied(slices(MATRIX[:1], [1.0]), MATRIX),
        "indices must be one axis of int32 or",
    ),
    "table of indices": (
        lambda api: api.applied(slices(MATRIX[None, :1], [[1]]), MATRIX),
        "indices must be one axis of",
    ),
    "no function": (
        lambda api: api.adam().minimize(1.0, [api.variable(ONES)]),
        "loss must be a function without arguments, got 1.0",
    ),
    "loss that fails": (
        lambda api: api.adam().minimize(lambda: 1 / 0, [api.variable(ONES)]),
        "division by zero",
    ),
    "loss with an argument": (
        lambda api: api.adam().minimize(lambda x: x, [api.variable(ONES)]),
        "missing 1 required",
    ),
    "loss of None": (
        lambda api: api.adam().minimize(lambda: None, [api.variable(ONES)]),
        "loss must return real",
    ),
    "no path": (
        lambda api: api.adam().minimize(
            lambda: tf.constant(1.0) if api is REAL else 1.0, [api.variable(ONES)]
        ),
        "No gradients provided for any variable: one must have a gradient, got None for Variable",
    ),
    "no variables": (
        lambda api: api.adam().minimize(lambda: 1.0, None),
        "var_list must hold Variables, got None",
    ),
    "number for a variable": (
        lambda api: api.adam().minimize(lambda: 1.0, [3.0]),
        "var_list must hold Variables, got 3",
    ),
    "grad_loss": (
        lambda api: (
            lambda x: api.adam().minimize(lambda: x * x, [x], grad_loss=np.ones(3, np.float32))
        )(api.variable(ONES)),
        r"grad_loss must have the shape of the loss \(2,\) or none, got \(3,\)",
    ),
    "dtypes under a global norm": (
        lambda api: api.adam(global_clipnorm=1.0).apply_gradients(
            [(ONES, api.variable(ONES)), (np.ones(2), api.variable(np.ones(2)))]
        ),
        "grads_and_vars must be of one dtype with global_clipnorm, got float32, float64",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_real_class_refuses_is_refused_with_the_same_exception(name):
    case, message = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lr is deprecated
        with pytest.raises(Exception) as theirs:  # noqa: PT011  (which one it is, is the question)
            case(REAL)
        kind = next(
            (own for real, own in SAME_AS.items() if isinstance(theirs.value, real)),
            type(theirs.value),
        )
        with pytest.raises(kind, match=message):
            case(OURS)


def test_a_tape_is_refused_with_the_way_out():
    x = Variable(1.0)
    with pytest.raises(
        ValueError,
        match="tape must be None, got 'tape'; NumPy has no tapes, give the loss as a func",
    ):
        Adam().minimize(lambda: x * x, [x], tape="tape")


def test_messages_show_of_long_arrays_and_variables_what_they_are():
    long = np.ones(999, np.float32)
    with pytest.raises(
        TypeError, match=r"var must be a Variable, got array of float32 in shape \(999,\)$"
    ):
        Adam().apply_gradients([(long, long)])
    with pytest.raises(TypeError, match=r"got <Variable 'long' shape=\(999,\) dtype=float32>$"):
        Adam().iterations = Variable(long, name="long")


def test_gradients_that_must_be_there_are_named():
    x = Variable(1.0, name="x")
    y = Variable(1.0, name="y")
    for method in (Adam().get_gradients, Adam().get_updates):
        with pytest.raises(ValueError, match="loss must depend on all params, got one that .* y"):
            method(lambda: x * x, [x, y])


def test_an_unknown_schedule_of_a_config_is_refused():
    config = {"learning_rate": {"class_name": "Nope", "config": {}}}
    with pytest.raises(ValueError, match="class_name must be one of CosineDecay, .*, got 'Nope'"):
        Adam.from_config(config)
