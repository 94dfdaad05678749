"""After an error of keras.Adam no variable, slot, number or count of iterations has changed."""

import numpy as np
import pytest

from adamref import IndexedSlices, Variable
from adamref.keras import Adam
from adamref.schedule import PolynomialDecay

ONES = np.ones(2, np.float32)


def failing_calls(optimizer, good):
    """Calls that fail on their last part, after others that would have worked."""
    fine = (ONES, good)
    bad = [
        (np.ones(3, np.float32), Variable(ONES)),
        (IndexedSlices(ONES[:1], np.array([3])), Variable(ONES)),
    ]
    bad += [(np.ones(2), Variable(ONES)), (1.0, 3.0), (1.0, Variable(1)), ("a", Variable(1.0))]
    yield from (lambda pair=pair: optimizer.apply_gradients([fine, pair]) for pair in bad)
    yield lambda: optimizer.minimize(lambda: good * np.median(good), [good])
    yield lambda: optimizer.minimize(lambda: good * good, [good, 3.0])
    yield lambda: optimizer.minimize(lambda: good * good, [good], grad_loss=np.ones(3, np.float32))
    yield lambda: optimizer.set_weights([*optimizer.get_weights()[:-1], np.ones(7)])


@pytest.mark.parametrize("at", range(10))
@pytest.mark.parametrize("before", [0, 2])
def test_after_an_error_nothing_has_changed(at, before):
    good = Variable(ONES)
    optimizer = Adam(amsgrad=True)
    optimizer.iterations.assign(0)
    for _ in range(before):
        optimizer.apply_gradients([(ONES, good)])
    kept = [good, *optimizer.weights]
    values = [var.numpy().tobytes() for var in kept]
    with pytest.raises((TypeError, ValueError)):
        list(failing_calls(optimizer, good))[at]()
    assert [good, *optimizer.weights] == kept
    assert [var.numpy().tobytes() for var in kept] == values


@pytest.mark.parametrize("name", ["learning_rate", "beta_1", "beta_2"])
@pytest.mark.parametrize("bad", [-1.0, None, float("nan")])
def test_a_function_that_returns_a_bad_number_changes_nothing(name, bad):
    values = iter([0.5, bad])
    var = Variable(1.0)
    optimizer = Adam(**{name: lambda: next(values)})
    optimizer.apply_gradients([(1.0, var)])
    kept = [weight.numpy().tobytes() for weight in (var, *optimizer.weights)]
    with pytest.raises(ValueError, match=f"{name} must "):
        optimizer.apply_gradients([(1.0, var)])
    assert [weight.numpy().tobytes() for weight in (var, *optimizer.weights)] == kept


def test_a_schedule_that_gives_no_number_changes_nothing():
    var = Variable(1.0)
    optimizer = Adam(PolynomialDecay(np.nan, 8))
    with pytest.raises(ValueError, match="learning_rate must be finite and >= 0, got nan"):
        optimizer.apply_gradients([(1.0, var)])
    assert (var.numpy(), optimizer.iterations.numpy(), optimizer.weights) == (
        1,
        0,
        [optimizer.iterations],
    )


def test_a_number_that_cannot_be_set_leaves_the_one_before():
    optimizer = Adam(0.5, clipnorm=0.5)
    for wrong, kind in (
        (-1.0, ValueError),
        ("a", ValueError),
        (None, TypeError),
        ([1.0], ValueError),
    ):
        with pytest.raises(kind, match="learning_rate must be"):
            optimizer.learning_rate = wrong
        assert optimizer.learning_rate.numpy() == 0.5
    for wrong, kind in ((-1.0, ValueError), ("a", TypeError), ([1.0], TypeError)):
        with pytest.raises(kind, match="clipnorm must be"):
            optimizer.clipnorm = wrong
        assert optimizer.clipnorm == 0.5
    for wrong, kind in (
        (-1.0, ValueError),
        ("a", TypeError),
        (None, ValueError),
        (lambda: 1.0, ValueError),
    ):
        with pytest.raises(kind, match="epsilon must be"):
            optimizer.epsilon = wrong
        assert optimizer.epsilon == 1e-7


def test_iterations_below_0_are_refused():
    var = Variable(1.0)
    optimizer = Adam()
    optimizer.iterations.assign(-1)
    with pytest.raises(ValueError, match="iterations must be >= 0, got -1"):
        optimizer.apply_gradients([(1.0, var)])
    assert (var.numpy(), len(optimizer.weights)) == (1, 1)


def test_a_first_step_that_fails_makes_no_weights():
    for optimizer, grad in (
        (Adam(), np.ones(3, np.float32)),
        (Adam(lambda: -1.0), ONES),
        (Adam(lambda: None), ONES),
    ):
        with pytest.raises(ValueError, match="must"):
            optimizer.apply_gradients([(grad, Variable(ONES))])
        assert optimizer.variables() == []


def test_iterations_that_cannot_be_counted_up_are_refused_before_anything_changes():
    var = Variable(ONES)
    optimizer = Adam()
    optimizer.iterations = Variable(np.int8(126))
    optimizer.apply_gradients([(ONES, var)])
    kept = [variable.numpy().tobytes() for variable in (var, *optimizer.weights)]
    with pytest.raises(ValueError, match="iterations must be below 127, the largest int8, got 127"):
        optimizer.apply_gradients([(ONES, var)])
    assert [variable.numpy().tobytes() for variable in (var, *optimizer.weights)] == kept
