"""An Adam of keras.py in a file: it continues bit for bit, or refuses."""

import re

import numpy as np
import pytest

from adamref import Variable, schedule
from adamref.keras import Adam
from adamref.keras.files import optimizer_arrays
from adamref.schedule import InverseTimeDecay
from adamref.storage.checkpoint import CheckpointError, read, write

GRADS = [np.array([3.0, -0.25, 1e-3]), np.array([-1.0, 2.0, 0.0]), np.array([0.5, 0.5, -7.0])]


def train(steps, **arguments):
    """Return an optimizer and two variables after steps; the second has no gradient at first."""
    variables = [Variable(np.ones(3), name="a"), Variable(np.float32(2), name="b")]
    optimizer = Adam(**arguments)
    for at in range(steps):
        onward(optimizer, variables, at)
    return optimizer, variables


def onward(optimizer, variables, at):
    pairs = [(GRADS[at % 3], variables[0]), (np.float32(at), variables[1])]
    optimizer.apply_gradients(pairs if at else pairs[:1])


def bits(optimizer, variables):
    return [(var.name, var.numpy().tobytes()) for var in (*variables, *optimizer.weights)]


def settings(optimizer):
    """The config, with numbers in the format in which they are used."""
    return {
        name: np.float32(value) if name in ("learning_rate", "beta_1", "beta_2") else value
        for name, value in optimizer.get_config().items()
    }


def test_all_that_have_slots_are_saved_and_restored_if_none_are_named(tmp_path):
    first, variables = train(3)
    first.save(tmp_path / "adam")
    kept = bits(first, variables)
    onward(first, variables, 3)
    first.restore(tmp_path / "adam")
    assert bits(first, variables) == kept
    second, copies = train(0)
    second.restore(tmp_path / "adam", copies)
    assert bits(second, copies) == kept


@pytest.mark.parametrize(
    "arguments", [{}, {"amsgrad": True, "decay": 0.1}, {"clipnorm": 1.0}, {"epsilon": 0.5}]
)
@pytest.mark.parametrize("steps", [0, 1, 4])
def test_from_a_file_it_goes_on_bit_for_bit(tmp_path, steps, arguments):
    first, variables = train(steps, **arguments)
    first.learning_rate = 0.3
    first.save(tmp_path / "adam", variables)
    second, copies = train(7, amsgrad="amsgrad" in arguments, learning_rate=1.0, beta_1=0.1)
    second.restore(tmp_path / "adam", copies)
    assert settings(second) == settings(first)
    assert bits(second, copies) == bits(first, variables)
    for at in range(1, 4):
        onward(first, variables, at)
        onward(second, copies, at)
    assert bits(second, copies) == bits(first, variables)


def test_functions_and_schedules_stay_the_optimizer_s_own(tmp_path):
    class Own(InverseTimeDecay):  # which no file can make
        pass

    arguments = {"learning_rate": Own(1.0, 1, 1.0), "beta_1": lambda: 0.5}
    first, variables = train(2, **arguments)
    first.save(tmp_path / "adam", variables)
    second, copies = train(0, **arguments)
    second.restore(tmp_path / "adam", copies)
    assert second.learning_rate is arguments["learning_rate"]
    for optimizer, group in ((first, variables), (second, copies)):
        onward(optimizer, group, 2)
    assert bits(second, copies) == bits(first, variables)


def test_a_schedule_is_read_from_a_file_by_an_optimizer_that_has_a_number(tmp_path):
    first, variables = train(1, learning_rate=InverseTimeDecay(1.0, 1, 1.0))
    first.save(tmp_path / "adam", variables)
    second, copies = train(0)
    second.restore(tmp_path / "adam", copies)
    assert isinstance(second.learning_rate, schedule.InverseTimeDecay)
    assert second.learning_rate(1) == 0.5


def change_numbers(path, change):
    """The file with its numbers changed."""
    optimizer, variables = train(0)
    expected = optimizer_arrays(optimizer._weights, optimizer.amsgrad, variables)
    arrays, numbers = read(path, "adamref.keras.Adam", expected)
    write(path, "adamref.keras.Adam", arrays, change(numbers))


def assert_refused(path, message, variables=None, **arguments):
    optimizer, own = train(2, learning_rate=0.7, **arguments)
    before = bits(optimizer, own), optimizer.get_config()
    with pytest.raises(CheckpointError, match=message):
        optimizer.restore(path, variables or own)
    assert (bits(optimizer, own), optimizer.get_config()) == before


def test_what_does_not_fit_is_refused_and_nothing_has_changed(tmp_path):
    path = tmp_path / "adam"
    optimizer, variables = train(2)
    optimizer.save(path, variables)
    assert_refused(
        path, "a checkpoint must have the arrays .*; it lacks vhat.0, vhat.1", amsgrad=True
    )
    assert_refused(path, "a checkpoint must have the arrays", variables[:1])
    assert_refused(path, "param.0 of a checkpoint must be float32 in shape", variables[::-1])
    renamed = [Variable(np.ones(3), name="c"), variables[1]]
    assert_refused(
        path,
        re.escape("names of the variables of a checkpoint must be ['c', 'b'], got ['a', 'b']"),
        renamed,
    )
    path.write_bytes(path.read_bytes()[:-1])
    assert_refused(path, "path must be a whole checkpoint of adamref, got ")
    write(path, "adamref.Adam", {}, {})
    assert_refused(
        path, "path must be a checkpoint of adamref.keras.Adam, got a checkpoint of adamref.Adam"
    )
    with pytest.raises(FileNotFoundError):
        optimizer.restore(tmp_path / "none", variables)


@pytest.mark.parametrize(
    "change",
    [
        {"iterations": -1},
        {"iterations": 2**63},
        {"iterations": 1.5},
        {"slots": [[5, "m"]]},
        {"slots": [[0, "w"]]},
        {"slots": 3},
        {"config": {"beta_1": 2.0}},
        {"config": {"lost": 2.0}},
        {"config": {"amsgrad": True}},
        {"config": 3},
    ],
    ids=str,
)
def test_numbers_that_are_not_sound_are_refused_and_nothing_has_changed(tmp_path, change):
    optimizer, variables = train(2)
    optimizer.save(tmp_path / "adam", variables)
    change_numbers(tmp_path / "adam", lambda numbers: numbers | change)
    assert_refused(tmp_path / "adam", "path must be a checkpoint with sound numbers, got ")


def test_one_of_two_models_that_share_an_optimizer_can_be_saved(tmp_path):
    optimizer, variables = train(2)
    mine, others = variables[:1], variables[1:]
    optimizer.save(tmp_path / "adam", mine)
    saved = mine[0].numpy(), optimizer.get_slot(mine[0], "m").numpy()
    moments = optimizer.get_slot(others[0], "v")
    for variable in variables:
        variable.assign(2 * variable.numpy())
        optimizer.get_slot(variable, "m").assign(3 * optimizer.get_slot(variable, "m").numpy())
    now = [others[0].numpy(), optimizer.get_slot(others[0], "m").numpy(), moments.numpy()]
    optimizer.restore(tmp_path / "adam", mine)
    np.testing.assert_array_equal(mine[0].numpy(), saved[0])
    np.testing.assert_array_equal(optimizer.get_slot(mine[0], "m").numpy(), saved[1])
    np.testing.assert_array_equal(others[0].numpy(), now[0])
    np.testing.assert_array_equal(optimizer.get_slot(others[0], "m").numpy(), now[1])
    assert optimizer.get_slot(others[0], "v") is moments
    assert len(optimizer.weights) == 1 + 2 * len(variables)


def test_a_slot_of_another_name_is_saved_and_restored_into_one_that_has_been_added(tmp_path):
    optimizer, variables = train(2)
    optimizer.save(tmp_path / "before", variables)
    optimizer.add_slot(variables[0], "mine", np.arange(3.0), shape=(3,))
    optimizer.save(tmp_path / "adam", variables)
    fresh, others = train(1)
    with pytest.raises(CheckpointError, match="it also has slot.0.mine"):
        fresh.restore(tmp_path / "adam", others)
    fresh.add_slot(others[0], "mine", shape=(2,))
    with pytest.raises(CheckpointError, match=r"slot.0.mine .* in shape \(2,\), got .* \(3,\)"):
        fresh.restore(tmp_path / "adam", others)
    fresh, others = train(1)
    mine = fresh.add_slot(others[0], "mine", shape=(3,))
    fresh.restore(tmp_path / "adam", others)
    assert fresh.get_slot(others[0], "mine") is mine
    assert mine.numpy().tolist() == [0, 1, 2]
    names = [weight.name for weight in optimizer.weights]
    assert [weight.name for weight in fresh.weights] == names
    # A file without it replaces all slots, as ever.
    fresh.restore(tmp_path / "before", others)
    assert "mine" not in fresh.get_slot_names()


def test_variables_to_save_or_restore_must_be_a_list_of_them(tmp_path):
    optimizer, variables = train(2)
    optimizer.save(tmp_path / "adam", variables)
    for method in (optimizer.save, optimizer.restore):
        with pytest.raises(
            TypeError, match=r"variables must be a list of Variables, got <Variable 'a' .*; write"
        ):
            method(tmp_path / "adam", variables[0])
        with pytest.raises(ValueError, match="variables must be a list of Variables, got 3 in it"):
            method(tmp_path / "adam", [*variables, 3])
