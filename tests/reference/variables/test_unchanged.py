"""Optimizers of Variables change nothing where a gradient cannot be converted."""

import numpy as np
import pytest

from adamref import IndexedSlices, Variable, keras, tf1


class Raising:
    """A tensor of another library that cannot be read."""

    def __array__(self, dtype=None, copy=None):
        raise ArithmeticError("this tensor has no numbers")


ONE = np.ones(1, np.float32)
FIRST = np.array([0])
# Gradients of two float32 numbers that fail when they become arrays, or when they are checked.
WRONG = [
    Raising(),
    object(),
    [[1.0], [1.0, 2.0]],
    np.ones(2, complex),
    np.ones(2, np.longdouble),
    np.ones((2, 2), np.float32),
    IndexedSlices(Raising(), FIRST),
    IndexedSlices(ONE, Raising()),
    IndexedSlices(ONE, np.array([2])),
    IndexedSlices(ONE, np.array([0.5])),
    IndexedSlices(ONE, np.array([0, 1])),
    IndexedSlices(ONE, FIRST, (3,)),
    IndexedSlices(np.ones(1), FIRST),
]


@pytest.mark.parametrize("kind", [tf1.AdamOptimizer, keras.Adam])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_last_gradient_that_is_wrong_leaves_the_first_variable_and_the_count_as_they_were(
    kind, wrong
):
    first, last = Variable([1.0, 2.0]), Variable([1.0, 2.0])
    grad = np.ones(2, np.float32)
    optimizer = kind()
    optimizer.apply_gradients([(grad, first)])
    # In both classes variables() has what counts steps: powers, or iterations.
    kept = [variable.numpy().tobytes() for variable in (first, *optimizer.variables())]
    with pytest.raises((TypeError, ValueError, ArithmeticError)):
        optimizer.apply_gradients([(grad, first), (wrong, last)])
    assert [variable.numpy().tobytes() for variable in (first, *optimizer.variables())] == kept
