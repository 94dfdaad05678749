"""What the tests of adamref.tf1 share."""

import numpy as np

from adamref import Variable
from adamref.tf1 import AdamOptimizer

GRADS = [np.array([3.0, -0.25, 1e-3]), np.array([-1.0, 2.0, 0.0]), np.array([0.5, 0.5, -7.0])]
# Every number and power exact in binary32, and so one answer however scalars are rounded.
DYADIC = {"learning_rate": 2.0**-4, "beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10}


def bits(*variables):
    return [variable.numpy().tobytes() for variable in variables]


def train(steps, **options):
    """A variable after steps along GRADS, and its optimizer."""
    w = Variable(np.ones(3), name="w")
    optimizer = AdamOptimizer(**options)
    for at in range(steps):
        optimizer.apply_gradients([(GRADS[at % 3], w)])
    return w, optimizer
