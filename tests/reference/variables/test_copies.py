"""Slots follow the Variables that are copied with their optimizer, and are never lost silently."""

import copy
import pickle

import numpy as np
import pytest

from adamref import Variable, keras, tf1
from adamref.variables.tape import gradients

OPTIMIZERS = [tf1.AdamOptimizer, keras.Adam]
GRAD = np.array([3.0, -0.25], np.float32)


def bits(*variables):
    return [variable.numpy().tobytes() for variable in variables]


def train(optimizer, *variables, steps=2):
    for _ in range(steps):
        optimizer.apply_gradients([(GRAD, variable) for variable in variables])


def trained(kind, steps=2):
    """Return an optimizer and two Variables with the same name, after some steps."""
    variables = [Variable([1.0, 2.0], name="w"), Variable([-1.0, 0.5], name="w")]
    optimizer = kind(0.5)
    train(optimizer, *variables, steps=steps)
    return optimizer, *variables


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_copy_of_an_optimizer_alone_steps_the_same_variables_with_moments_of_its_own(kind):
    optimizer, *variables = trained(kind)
    copied = copy.deepcopy(optimizer)
    slots = bits(*optimizer.variables())
    train(copied, *variables)
    due, *due_variables = trained(kind, steps=4)
    assert bits(*variables, *copied.variables()) == bits(*due_variables, *due.variables())
    assert [copied.get_slot(variable, "m") is not None for variable in variables] == [True, True]
    assert bits(*optimizer.variables()) == slots


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
@pytest.mark.parametrize("way", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_slots_follow_variables_that_are_copied_before_or_after_the_optimizer(kind, order, way):
    original = trained(kind)
    after = way([original[at] for at in order])
    copied, first, second = (after[order.index(at)] for at in range(3))
    assert [weight.name for weight in copied.variables()] == [
        weight.name for weight in original[0].variables()
    ]
    train(copied, first, second)
    due, *due_variables = trained(kind, steps=4)
    assert bits(first, second, *copied.variables()) == bits(*due_variables, *due.variables())


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_original_of_a_variable_that_was_copied_along_is_refused(kind):
    optimizer, first, second = trained(kind)
    copied, first_copy, _ = copy.deepcopy([optimizer, first, second])
    kept = bits(first, first_copy, *copied.variables())
    with pytest.raises(ValueError, match="w must be the copy that was made together with this"):
        train(copied, first_copy, first)
    assert bits(first, first_copy, *copied.variables()) == kept


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_an_optimizer_that_was_pickled_alone_refuses_a_variable_that_looks_like_one_of_its_own(
    kind, tmp_path
):
    optimizer, first, second = trained(kind)
    alone = pickle.loads(pickle.dumps(optimizer))
    with pytest.raises(ValueError, match="w must be the Variable that was pickled with this opt"):
        train(alone, first)
    # A Variable with another name is new.
    train(alone, Variable([1.0, 2.0], name="new"))
    # The way out: save and restore.
    optimizer.save(tmp_path / "saved", [first, second])
    alone.restore(tmp_path / "saved", [first, second])
    train(alone, first, second)
    due, *due_variables = trained(kind, steps=4)
    assert bits(first, second, *alone.variables()) == bits(*due_variables, *due.variables())


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_variable_that_looks_like_another_is_new_once_all_from_the_pickle_were_stepped(kind):
    optimizer, first, second = pickle.loads(pickle.dumps(trained(kind)))
    train(optimizer, first, second)
    train(optimizer, Variable([1.0, 2.0], name="w"))
    assert len({id(slot) for slot in optimizer.variables()}) == len(optimizer.variables())


def test_a_copy_of_a_variable_keeps_its_name_and_cannot_be_written_to():
    class Named(Variable):
        """A Variable of a user, with an attribute."""

    original = Named([1.0, 2.0], name="w", trainable=False)
    original.tags = ["a"]
    shallow, deep = copy.copy(original), copy.deepcopy(original)
    plain = pickle.loads(pickle.dumps(Variable([1.0, 2.0], name="w", trainable=False)))
    original.assign([3.0, 4.0])
    for copied in (shallow, deep, plain):
        assert (copied.name, copied.trainable) == ("w", False)
        assert copied.numpy().tolist() == [1.0, 2.0]
        assert not copied.array.flags.writeable
    assert shallow.tags is original.tags
    assert deep.tags == ["a"]
    assert deep.tags is not original.tags


def test_copies_of_variables_have_the_order_of_their_originals():
    variables = [Variable(float(number)) for number in range(3)]
    copies = [copy.deepcopy(variable) for variable in reversed(variables)][::-1]
    pairs = tf1.AdamOptimizer().compute_gradients(lambda: sum(copy * copy for copy in copies[::-1]))
    assert [variable for _, variable in pairs] == copies


def test_a_value_in_a_loss_stays_in_its_trace_when_it_is_copied_and_is_not_pickled():
    w = Variable(3.0)
    for copied in (copy.copy, copy.deepcopy):
        assert gradients(lambda copied=copied: copied(w * w), [w])[0] == 6.0
    with pytest.raises(TypeError, match="a loss must not pickle a value that it is differentiated"):
        gradients(lambda: pickle.dumps(w * w), [w])
