"""The real class and ours behind one interface, so that a case is written once."""

import warnings

import numpy as np

from adamref import IndexedSlices, Variable
from adamref.keras import Adam

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tf_keras.optimizers.legacy import Adam as Real

ONES = np.ones(2, np.float32)
MATRIX = np.ones((3, 2), np.float32)


# Where the real class's own errors and ours part. An error of TensorFlow's kernels is a ValueError;
# that something without the attributes of a variable comes out as an AttributeError is an accident,
# and the page promises a TypeError.
SAME_AS = {AttributeError: TypeError, tf.errors.OpError: ValueError}


class Api:
    """One of the two, so that a case is written once."""

    def __init__(self, adam, variable, make_slices):
        self.adam = adam
        self.variable = variable
        self.slices = make_slices

    def applied(self, grad, value=ONES, **arguments):
        grad = grad(self) if callable(grad) else grad
        return self.adam(**arguments).apply_gradients([(grad, self.variable(value))])


OURS = Api(Adam, Variable, IndexedSlices)


REAL = Api(
    Real,
    tf.Variable,
    lambda values, indices: tf.IndexedSlices(tf.constant(values), tf.constant(indices)),
)


def slices(values, indices):
    return lambda api: api.slices(values, indices)


def weights_set(api, iterations):
    optimizer = api.adam()
    optimizer.apply_gradients([(ONES, api.variable(ONES))])
    optimizer.set_weights([iterations, *optimizer.get_weights()[1:]])
