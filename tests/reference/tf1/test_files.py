"""adamref.tf1.AdamOptimizer is saved and restored."""

import numpy as np
import pytest

from adamref import Adam, Variable
from adamref.storage import checkpoint
from adamref.storage.checkpoint import CheckpointError
from adamref.tf1 import AdamOptimizer
from tests.support.tf1_runs import GRADS, bits, train


def test_resuming_from_a_file_is_bit_for_bit_as_if_never_stopped(tmp_path):
    w = Variable(np.ones(3), name="w")
    step = Variable(0, name="step")
    path = tmp_path / "adam.safetensors"
    late = Variable([1.0], name="late")
    optimizer = AdamOptimizer()
    for grad in GRADS:
        optimizer.apply_gradients([(grad, w)], global_step=step)
    optimizer.save(path, [w, late, step])
    again = [
        Variable(np.zeros(3), name="w"),
        Variable([9.0], name="late"),
        Variable(7, name="step"),
    ]
    other = AdamOptimizer()
    other.apply_gradients([([1.0], again[1])])
    other.restore(path, again)
    assert other.get_slot(again[1], "m") is None
    for grad in GRADS:
        optimizer.apply_gradients([(grad, w), ([2.0], late)], global_step=step)
        other.apply_gradients([(grad, again[0]), ([2.0], again[1])], global_step=again[2])
    assert bits(w, late, step, *optimizer.variables()) == bits(*again, *other.variables())


def test_restoring_into_the_same_optimizer_goes_back_and_keeps_its_slots_alive(tmp_path):
    w, optimizer = train(2)
    optimizer.save(tmp_path / "a", [w])
    m = optimizer.get_slot(w, "m")
    kept = bits(w, *optimizer.variables())
    optimizer.apply_gradients([(GRADS[2], w)])
    optimizer.restore(tmp_path / "a", [w])
    assert bits(w, *optimizer.variables()) == kept
    assert optimizer.get_slot(w, "m") is m


def test_all_that_have_slots_are_saved_and_restored_if_none_are_named(tmp_path):
    w, optimizer = train(2)
    optimizer.save(tmp_path / "a")
    kept = bits(w, *optimizer.variables())
    optimizer.apply_gradients([(GRADS[2], w)])
    optimizer.restore(tmp_path / "a")
    assert bits(w, *optimizer.variables()) == kept
    other_w, other = train(0)
    other.restore(tmp_path / "a", [other_w])
    assert bits(other_w, *other.variables()) == kept


def test_an_optimizer_that_has_taken_no_step_can_be_saved(tmp_path):
    w, optimizer = train(0)
    optimizer.save(tmp_path / "a", [w])
    trained_w, other = train(2)
    other.restore(tmp_path / "a", [trained_w])
    assert (trained_w.numpy().tolist(), other.variables()) == ([1.0, 1.0, 1.0], [])


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            [Variable(np.ones(3), name="other")],
            r"variables must be named as in the checkpoint, \['w'\], got \['other'\]",
        ),
        (
            [Variable(np.ones(2), name="w")],
            r"must be float64 in shape \(2,\), got float64 in shape \(3,\)",
        ),
        (
            [Variable([1.0, 2.0, 3.0], name="w")],
            r"must be float32 in shape \(3,\), got float64 in shape \(3,\)",
        ),
        ([], "a checkpoint must have the arrays ; it also has m.0, v.0, variable.0"),
    ],
)
def test_a_file_of_other_variables_is_refused_and_nothing_changes(tmp_path, variables, message):
    w, optimizer = train(2)
    optimizer.save(tmp_path / "a", [w])
    kept = bits(*variables)
    with pytest.raises(CheckpointError, match=message):
        optimizer.restore(tmp_path / "a", variables)
    assert bits(*variables) == kept


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"powers": [[0.5, "float32"]]}, "powers of a checkpoint must be two numbers, or none"),
        ({"powers": [["x", "float32"]] * 2}, "powers of a checkpoint must be numbers with dtypes"),
        ({"powers": [[0.5, "no such"]] * 2}, "powers of a checkpoint must be numbers with dtypes"),
        ({"powers": None}, "powers of a checkpoint must be numbers with dtypes, got None"),
        ({"powers": [[[0.5], "float32"]] * 2}, "powers of a checkpoint must be two numbers"),
        ({"with_slots": [True, True]}, "must be a checkpoint with sound numbers, got with_slots"),
    ],
)
def test_a_file_with_unsound_numbers_is_refused_and_nothing_changes(tmp_path, numbers, message):
    w, optimizer = train(2)
    kept = bits(w, *optimizer.variables())
    sound = {"powers": [], "variables": ["w"], "with_slots": [True]}
    arrays = {"variable.0": np.zeros(3), "m.0": np.zeros(3), "v.0": np.zeros(3)}
    checkpoint.write(tmp_path / "a", "adamref.tf1.AdamOptimizer", arrays, sound | numbers)
    with pytest.raises(CheckpointError, match=message):
        optimizer.restore(tmp_path / "a", [w])
    assert bits(w, *optimizer.variables()) == kept


def test_a_file_of_something_else_is_refused(tmp_path):
    w, optimizer = train(1)
    (tmp_path / "text").write_text("no checkpoint")
    Adam([np.ones(3)]).save(tmp_path / "adam")
    for name, message in (
        ("text", "must be a whole checkpoint"),
        ("adam", "must be a checkpoint of adamref.tf1"),
    ):
        with pytest.raises(CheckpointError, match=message):
            optimizer.restore(tmp_path / name, [w])


def test_one_of_two_models_that_share_an_optimizer_can_be_saved(tmp_path):
    mine, others = Variable(1.0, name="mine"), Variable(2.0, name="others")
    optimizer = AdamOptimizer(0.5)
    optimizer.apply_gradients([(1.0, mine), (3.0, others)])
    optimizer.save(tmp_path / "a", [mine])
    before = mine.numpy()
    m = optimizer.get_slot(mine, "m").numpy()
    optimizer.apply_gradients([(1.0, mine), (3.0, others)])
    now = others.numpy(), optimizer.get_slot(others, "v").numpy()
    optimizer.restore(tmp_path / "a", [mine])
    assert (mine.numpy(), optimizer.get_slot(mine, "m").numpy()) == (before, m)
    assert (others.numpy(), optimizer.get_slot(others, "v").numpy()) == now
