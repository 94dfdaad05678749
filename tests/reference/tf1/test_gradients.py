"""compute_gradients of TensorFlow's class and of ours: the same pairs, where float32 is exact."""

import warnings

import numpy as np
import pytest

from adamref import IndexedSlices, Variable, gather
from adamref.tf1 import AdamOptimizer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

TABLE = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
ROWS = np.array([[2, 0], [2, 2]], np.int32)

LOSSES = {
    "dense": (lambda t, x: np.sum(t**2) * x, lambda t, x: tf.reduce_sum(t**2) * x),
    "not a scalar": (lambda t, x: t * x, lambda t, x: t * x),
    "one of two": (lambda t, x: x * 3.0, lambda t, x: x * 3.0),
    "neither": (lambda t, x: np.float32(3.0), lambda t, x: tf.constant(3.0)),
    "gathered": (
        lambda t, x: np.sum(gather(t, ROWS) ** 2),
        lambda t, x: tf.reduce_sum(tf.gather(t, ROWS) ** 2),
    ),
    "gathered twice": (
        lambda t, x: np.sum(gather(t, [1])) + x * np.sum(gather(t, [0, 1])),
        lambda t, x: tf.reduce_sum(tf.gather(t, [1])) + x * tf.reduce_sum(tf.gather(t, [0, 1])),
    ),
    "gathered and read": (
        lambda t, x: np.sum(gather(t, ROWS)) + np.sum(t) * x,
        lambda t, x: tf.reduce_sum(tf.gather(t, ROWS)) + tf.reduce_sum(t) * x,
    ),
    "gathered and read in vain": (
        lambda t, x: np.sum(gather(t, ROWS)) + np.sum(np.floor(t)),
        lambda t, x: tf.reduce_sum(tf.gather(t, ROWS)) + tf.reduce_sum(tf.floor(t)),
    ),
    "halves": (
        lambda t, x: np.max(t) * np.min(t) + np.mean(t[:2]) * abs(x),
        lambda t, x: tf.reduce_max(t) * tf.reduce_min(t) + tf.reduce_mean(t[:2]) * abs(x),
    ),
    "product": (
        lambda t, x: np.sum(t @ t.T) + np.sum(np.concatenate([t, 2 * t])),
        lambda t, x: tf.reduce_sum(t @ tf.transpose(t)) + tf.reduce_sum(tf.concat([t, 2 * t], 0)),
    ),
}


def shown(grad):
    """Return gradients to compare: rows are summed, because TensorFlow leaves their order open."""
    if grad is None:
        return None
    if not isinstance(grad, IndexedSlices | tf.IndexedSlices):
        return np.asarray(grad).tolist()
    values = np.asarray(grad.values)
    indices = np.asarray(grad.indices)
    rows = sorted(zip(indices.tolist(), values.tolist(), strict=True))
    return rows, values.dtype, tuple(np.asarray(grad.dense_shape))


@pytest.mark.parametrize(("own_loss", "real_loss"), LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("given", [True, False])
def test_the_pairs_are_those_of_tensorflow(own_loss, real_loss, given):
    pairs = []
    for optimizer, kind, loss in (
        (AdamOptimizer(), Variable, own_loss),
        (tf.compat.v1.train.AdamOptimizer(), tf.Variable, real_loss),
    ):
        table = kind(TABLE)
        x = kind(4.0)
        var_list = [table, x] if given else None
        found = optimizer.compute_gradients(
            lambda loss=loss, table=table, x=x: loss(table, x), var_list
        )
        pairs.append([(shown(grad), variable is table) for grad, variable in found])
    assert pairs[0] == pairs[1]
