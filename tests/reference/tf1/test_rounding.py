"""How adamref.tf1.AdamOptimizer rounds in float16, and what overflows, beside TensorFlow."""

import warnings

import numpy as np
import pytest

from adamref import Variable
from adamref.tf1 import AdamOptimizer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

Real = tf.compat.v1.train.AdamOptimizer
# Of one sign, so that nothing cancels in m.
GRADS = np.random.default_rng(1).uniform(0.25, 4.0, (100, 32)).astype(np.float16)


def largest_distances(ours, theirs):
    """Return the largest distances of param, m and v over 100 steps along GRADS.

    They are in units in the last place of TensorFlow's numbers.
    Each step of ours begins where TensorFlow's begins, and with a param of 0, which is then the
    step itself.
    """
    zeros = np.zeros(32, np.float16)
    own = Variable(zeros)
    real = tf.Variable(zeros)
    farthest = np.zeros(3)
    for grad in GRADS:
        for one in (own, real):
            one.assign(zeros)
        ours.apply_gradients([(grad, own)])
        theirs.apply_gradients([(tf.constant(grad), real)])
        slots = [(ours.get_slot(own, name), theirs.get_slot(real, name)) for name in ("m", "v")]
        got, due = np.array([(a.numpy(), b.numpy()) for a, b in [(own, real), *slots]]).swapaxes(
            0, 1
        )
        distances = np.abs(got.astype(np.float64) - due) / np.spacing(np.abs(due))
        farthest = np.maximum(farthest, distances.max(axis=1))
        for a, b in slots:
            a.assign(b.numpy())
    return farthest


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.9, 0.99), (0.5, 0.9)])
def test_each_step_is_that_of_tensorflow_but_for_the_order_of_operations(betas):
    # With u = 2^-11 each rounding is a relative error of u at most, and u x is less than one unit
    # in the last place of x. Ours has 2 u in m, 3 u in v, whose root halves them, 1 u in lr_t, and
    # 4 u in lr_t m / (sqrt(v) + epsilon); m + (g - m)(1 - beta1) and the kernel's lr_t have 3 u, v
    # + (g^2 - v)(1 - beta2) has 4 u.
    limits = (2 + 3 / 2 + 1 + 4) + (3 + 4 / 2 + 3 + 4), 2 + 3, 3 + 4
    ours, theirs = (kind(0.01, *betas, epsilon=1e-3) for kind in (AdamOptimizer, Real))
    assert (largest_distances(ours, theirs) <= limits).all()


def test_an_element_whose_square_overflows_stays_as_it_is_where_tensorflow_s_becomes_nan():
    own = Variable(np.float32(1.0))
    real = tf.Variable(np.float32(1.0))
    ours = AdamOptimizer()
    theirs = Real()
    for grad, due in ((np.float32(2.0**64), 1.0), (np.float32(1.0), np.nan)):
        ours.apply_gradients([(grad, own)])
        theirs.apply_gradients([(tf.constant(grad), real)])
        assert (own.numpy(), ours.get_slot(own, "v").numpy()) == (1.0, np.inf)
        assert np.array_equal(real.numpy(), due, equal_nan=True)
