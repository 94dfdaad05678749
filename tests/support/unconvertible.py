"""Gradients of two float32 numbers that fail when they become arrays, or when they are checked."""

import numpy as np

from adamref import IndexedSlices


class Raising:
    """A tensor of another library that cannot be read."""

    def __array__(self, dtype=None, copy=None):
        raise ArithmeticError("this tensor has no numbers")


_ONE = np.ones(1, np.float32)
_FIRST = np.array([0])

UNCONVERTIBLE = [
    Raising(),
    object(),
    [[1.0], [1.0, 2.0]],
    np.ones(2, complex),
    np.ones(2, np.longdouble),
    np.ones((2, 2), np.float32),
    IndexedSlices(Raising(), _FIRST),
    IndexedSlices(_ONE, Raising()),
    IndexedSlices(_ONE, np.array([2])),
    IndexedSlices(_ONE, np.array([0.5])),
    IndexedSlices(_ONE, np.array([0, 1])),
    IndexedSlices(_ONE, _FIRST, (3,)),
    IndexedSlices(np.ones(1), _FIRST),
]
