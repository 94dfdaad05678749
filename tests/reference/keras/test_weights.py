"""Iterations and slots of keras.Adam: their names and order, reading and setting them."""

import re
import warnings

import numpy as np
import pytest

from adamref import Variable
from adamref.keras import Adam

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras.optimizers.legacy import Adam as Real

BOTH = pytest.mark.parametrize(
    ("kind", "variable"), [(Adam, Variable), (Real, tf.Variable)], ids=["ours", "theirs"]
)
A = np.ones(2, np.float32)
B = np.ones((3, 1), np.float32)


def made(kind, variable, **arguments):
    """An optimizer after a step, and its two variables."""
    a = variable(A, name="a")
    b = variable(B, name="b")
    optimizer = kind(**arguments)
    optimizer.apply_gradients([(A, a), (B, b)])
    return optimizer, a, b


def names(optimizer):
    return [weight.name.removesuffix(":0") for weight in optimizer.weights]


@BOTH
def test_weights_are_iterations_then_each_slot_of_all_variables(kind, variable):
    optimizer, *_ = made(kind, variable, amsgrad=True, name="Best")
    assert names(optimizer) == [
        f"Best/{name}" for name in ("iter", "a/m", "b/m", "a/v", "b/v", "a/vhat", "b/vhat")
    ]
    assert list(map(id, optimizer.variables())) == list(map(id, optimizer.weights))
    assert [np.shape(array) for array in optimizer.get_weights()] == [(), *[(2,), (3, 1)] * 3]
    assert optimizer.get_slot_names() == ["m", "v", "vhat"]


@BOTH
def test_a_variable_that_comes_later_has_its_slots_behind_the_others(kind, variable):
    optimizer, *_ = made(kind, variable)
    optimizer.apply_gradients([(A, variable(A, name="c"))])
    assert names(optimizer) == [
        f"Adam/{name}" for name in ("iter", "a/m", "b/m", "a/v", "b/v", "c/m", "c/v")
    ]


@BOTH
def test_there_are_no_weights_before_they_are_needed(kind, variable):
    optimizer = kind()
    assert (list(optimizer.weights), optimizer.get_weights(), list(optimizer.get_slot_names())) == (
        [],
        [],
        [],
    )
    optimizer.set_weights([])
    assert optimizer.iterations.numpy() == 0
    assert len(optimizer.weights) == 1


@BOTH
def test_amsgrad_can_be_turned_on_later(kind, variable):
    optimizer, a, _ = made(kind, variable)
    optimizer.amsgrad = True
    optimizer.apply_gradients([(0 * A, a)])
    v = (1 - np.float32(0.999)) * np.float32(0.999)  # the maximum starts at 0, and v has decayed
    assert optimizer.get_slot(a, "vhat").numpy() == pytest.approx([v, v], rel=1e-6)
    assert names(optimizer)[-1] == "Adam/a/vhat"


@BOTH
def test_iterations_may_be_set_to_a_variable_of_one_s_own_before_they_are_read(kind, variable):
    optimizer = kind()
    mine = variable(np.int64(7))
    optimizer.iterations = mine
    assert optimizer.apply_gradients([(A, variable(A))]).numpy() == 8
    assert mine.numpy() == 8
    with pytest.raises(RuntimeError):
        optimizer.iterations = mine


def test_iterations_must_be_a_variable_of_one_integer():
    for wrong in (3, Variable(3.0), Variable([3])):
        with pytest.raises(TypeError, match="iterations must be a Variable of one integer, got "):
            Adam().iterations = wrong
    optimizer = Adam()
    optimizer.iterations = Variable(1)
    with pytest.raises(
        RuntimeError,
        match=r"iterations must be set before it is first read, got <Var.*; use its ass",
    ):
        optimizer.iterations = Variable(2)


@BOTH
def test_iterations_count_in_the_bias_correction(kind, variable):
    optimizer = kind(1.0, 0.5, 0.75, epsilon=2.0**-60)
    x = variable(0.0)
    optimizer.iterations.assign(1)
    optimizer.apply_gradients([(np.float32(1), x)])
    # t = 2: sqrt(1 - 9/16) / (1 - 1/4) times m = 1/2 over sqrt(v) = 1/2.
    assert x.numpy() == pytest.approx(-np.sqrt(7 / 16) / (3 / 4), rel=1e-6)


@BOTH
def test_weights_that_are_set_take_the_place_of_those_that_were(kind, variable):
    first, *_ = made(kind, variable, amsgrad=True)
    second, a, b = made(kind, variable, amsgrad=True)
    second.apply_gradients([(A, a), (B, b)])
    first.set_weights([np.array(2.0), *second.get_weights()[1:]])
    assert first.iterations.numpy() == 2
    for got, due in zip(first.get_weights(), second.get_weights(), strict=True):
        assert np.array_equal(got, due)


@BOTH
def test_of_the_weights_of_the_first_optimizers_of_keras_those_without_a_place_are_dropped(
    kind, variable
):
    optimizer, *_ = made(kind, variable)
    weights = optimizer.get_weights()
    optimizer.set_weights([np.array(5), *weights[1:], np.zeros(1), np.zeros(1)])  # 3 * 2 + 1
    assert optimizer.iterations.numpy() == 5


@BOTH
def test_weights_that_do_not_fit_are_refused(kind, variable):
    optimizer, *_ = made(kind, variable)
    weights = optimizer.get_weights()
    for wrong in (weights[:-1], [*weights, A], [weights[0], *weights[:0:-1]]):
        with pytest.raises(ValueError, match="weight"):
            optimizer.set_weights([array + 1 for array in wrong])
    assert all(np.array_equal(a, b) for a, b in zip(optimizer.get_weights(), weights, strict=True))


def test_messages_say_which_weights_are_due():
    optimizer, *_ = made(Adam, Variable)
    weights = optimizer.get_weights()
    with pytest.raises(
        ValueError, match="weights must be 5, got 4; a step makes those that are missing"
    ):
        optimizer.set_weights(weights[:-1])
    with pytest.raises(
        ValueError, match=re.escape("weights must have the shape of Adam/a/m (2,), got (3, 1)")
    ):
        optimizer.set_weights([weights[0], *weights[:0:-1]])
    with pytest.raises(ValueError, match="weights must be numbers, got <U1 for Adam/a/m"):
        optimizer.set_weights([weights[0], np.array(["a", "b"]), *weights[2:]])


@BOTH
def test_a_slot_is_found_by_variable_and_name(kind, variable):
    optimizer, a, b = made(kind, variable)
    assert optimizer.get_slot(a, "m").numpy() == pytest.approx([0.1, 0.1])
    assert optimizer.get_slot(b, "v").numpy() == pytest.approx(
        np.full((3, 1), 1 - np.float32(0.999))
    )
    for wrong in ((a, "vhat"), (variable(A), "m")):
        with pytest.raises(KeyError):
            optimizer.get_slot(*wrong)


def test_a_slot_that_is_not_there_is_refused_with_those_that_are():
    optimizer, a, _ = made(Adam, Variable)
    with pytest.raises(
        KeyError, match=re.escape("slot_name must be one of ['m', 'v'] for a, got 'vhat'")
    ):
        optimizer.get_slot(a, "vhat")
    with pytest.raises(TypeError, match="var must be a Variable, got 'a'"):
        optimizer.get_slot("a", "m")


@BOTH
def test_slots_can_be_added_and_are_made_once(kind, variable):
    optimizer = kind()
    var = variable(A, name="a")
    assert optimizer.add_slot(var, "zero").numpy().tolist() == [0, 0]
    assert optimizer.add_slot(var, "one", "ones", shape=(3,)).numpy().tolist() == [1, 1, 1]
    assert (
        optimizer.add_slot(var, "seven", lambda shape, dtype: np.full((2,), 7, np.float32)).numpy()[
            0
        ]
        == 7
    )
    assert optimizer.add_slot(var, "zero", "ones").numpy().tolist() == [0, 0]
    assert list(optimizer.get_slot_names()) == ["zero", "one", "seven"]
    assert len(optimizer.weights) == 3
    with pytest.raises(ValueError, match="initializer"):
        optimizer.add_slot(var, "wrong", "nope")


@BOTH
def test_a_weight_can_be_made_that_is_not_among_the_weights(kind, variable):
    optimizer = kind()
    double = np.float64 if kind is Adam else tf.float64
    assert optimizer.add_weight("w", (2,)).numpy().tobytes() == bytes(8)
    assert optimizer.add_weight("w", 3).shape == (3,)
    assert optimizer.add_weight("w", []).shape == ()
    wide = optimizer.add_weight("w", (1,), dtype=double, initializer="ones", trainable=False)
    assert (wide.numpy().dtype, wide.numpy().tolist(), wide.trainable) == (np.float64, [1], False)
    assert optimizer.add_weight("w", (), initializer=3.0).trainable
    assert list(optimizer.weights) == []
    with pytest.raises(ValueError, match="shape"):
        optimizer.add_weight("w", (2,), initializer=np.ones(3, np.float32))


def test_the_message_says_which_shape_an_initializer_must_have():
    with pytest.raises(ValueError, match=r"initializer must be of shape \(2,\), got \(3,\)"):
        Adam().add_weight("w", [2], initializer=np.ones(3))
