"""An error of adamref.tf1.AdamOptimizer changes no variable, slot, power or global step."""

import re

import numpy as np
import pytest

from adamref import IndexedSlices, Variable
from adamref.tf1 import AdamOptimizer


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
