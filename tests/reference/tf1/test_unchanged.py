"""An error of adamref.tf1.AdamOptimizer changes no variable, slot, power or global step."""

import re

import numpy as np
import pytest

from adamref import IndexedSlices, Variable
from adamref.tf1 import AdamOptimizer
from adamref.variables.tape import gradients


def failing_calls(optimizer, good, step):
    """Calls that fail on their last part, after others that would have worked."""
    fine = (np.ones(3), good)
    grad = np.float32(1.0)
    bad = [
        (np.ones(2), Variable(np.ones(3))),
        (IndexedSlices(np.ones(1), np.array([3])), Variable(np.ones(3))),
    ]
    bad += [
        (np.ones(3, np.float32), Variable(np.ones(3))),
        (grad, 3.0),
        (grad, Variable(1)),
        ("a", Variable(1.0)),
    ]
    yield from (lambda pair=pair: optimizer.apply_gradients([fine, pair], step) for pair in bad)
    yield lambda: optimizer.apply_gradients([fine], Variable([1, 2]))
    yield lambda: optimizer.minimize(lambda: good * np.median(good), step)
    yield lambda: optimizer.minimize(lambda: good * good, step, [good, 3.0])
    yield lambda: optimizer.minimize(lambda: good * good, step, grad_loss=np.ones(2))


@pytest.mark.parametrize("at", range(10))
@pytest.mark.parametrize("before", [0, 2])
def test_after_an_error_nothing_has_changed(at, before):
    good = Variable(np.ones(3))
    step = Variable(0)
    optimizer = AdamOptimizer()
    for _ in range(before):
        optimizer.apply_gradients([(np.ones(3), good)], step)
    kept = [good, step, *optimizer.variables()]
    values = [variable.numpy().tobytes() for variable in kept]
    with pytest.raises((TypeError, ValueError)):
        list(failing_calls(optimizer, good, step))[at]()
    assert [good, step, *optimizer.variables()] == kept
    assert [variable.numpy().tobytes() for variable in kept] == values


@pytest.mark.parametrize("which", ["learning_rate", "beta1", "beta2", "epsilon"])
@pytest.mark.parametrize("bad", [-1.0, None, float("nan")])
def test_a_function_that_returns_a_bad_number_changes_nothing(which, bad):
    values = iter([0.5, 0.5, bad])
    w = Variable(1.0)
    optimizer = AdamOptimizer(**{which: lambda: next(values)})
    if "beta" not in which:
        next(values)
    optimizer.apply_gradients([(1.0, w)])
    kept = [variable.numpy().tobytes() for variable in (w, *optimizer.variables())]
    with pytest.raises(ValueError, match=re.escape(f"{which} must be")):
        optimizer.apply_gradients([(1.0, w)])
    assert [variable.numpy().tobytes() for variable in (w, *optimizer.variables())] == kept


@pytest.mark.parametrize("which", ["learning_rate", "beta1", "beta2", "epsilon"])
def test_a_number_that_no_variable_can_hold_fails_before_the_first_step_changes_anything(which):
    w, step = Variable(1.0), Variable(0)
    optimizer = AdamOptimizer(**{which: lambda: np.longdouble(0.5)})
    with pytest.raises(ValueError, match=f"{which} must be one number"):
        optimizer.apply_gradients([(1.0, w)], step)
    assert (w.numpy(), step.numpy(), optimizer.variables()) == (1.0, 0, [])


def test_betas_in_another_order_of_bytes_are_numbers_like_others():
    results = []
    for order in "><":
        w = Variable(1.0)
        optimizer = AdamOptimizer(0.5, np.array(0.5, f"{order}f4"), np.array(0.75, f"{order}f4"))
        for _ in range(3):
            optimizer.apply_gradients([(1.0, w)])
        results.append([variable.numpy().tobytes() for variable in (w, *optimizer.variables())])
    assert results[0] == results[1]


def test_a_step_within_a_loss_is_counted_by_a_global_step_of_floats_too():
    w, step = Variable(1.0), Variable(0.0)

    def loss():
        AdamOptimizer(0.5, 0.0, 0.0, 0.0).apply_gradients([(1.0, w)], step)
        return 2.0 * step

    gradients(loss, [step])
    assert (w.numpy(), step.numpy()) == (0.5, 1.0)
