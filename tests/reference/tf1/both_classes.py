"""TensorFlow's class and ours behind one interface, so that a case is written once."""

import warnings

import numpy as np

from adamref import IndexedSlices, Variable
from adamref.tf1 import AdamOptimizer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

Real = tf.compat.v1.train.AdamOptimizer
ONES = np.ones((2, 2), np.float32)


# Where TensorFlow's own errors and ours part. An error of its kernels is a ValueError; that
# something without the attributes of a variable comes out as an AttributeError is an accident, and
# the page promises a TypeError.
SAME_AS = {AttributeError: TypeError, tf.errors.OpError: ValueError}


def ours(real):
    return next((mapped for kind, mapped in SAME_AS.items() if isinstance(real, kind)), type(real))


class Api:
    """One of the two, so that a case is written once."""

    def __init__(self, optimizer, variable, slices):
        self.optimizer = optimizer
        self.variable = variable
        self.slices = slices


OUR_API = Api(AdamOptimizer, Variable, IndexedSlices)


def tensor_slices(values, indices, dense_shape=None):
    return tf.IndexedSlices(tf.constant(values), tf.constant(indices), dense_shape)


REAL_API = Api(Real, tf.Variable, tensor_slices)


def apply_case(*pairs, **options):
    """Return a case: apply_gradients with pairs of a gradient and the value of its variable."""

    def case(api):
        made = [(value_for(api, grad), api.variable(value)) for grad, value in pairs]
        arguments = {name: value_for(api, option) for name, option in options.items()}
        api.optimizer().apply_gradients(made, **arguments)

    return case


def value_for(api, value):
    """Return a value that both classes share, or the one that a function makes for the class."""
    return value(api) if callable(value) else value


def slices_case(values, indices, of=ONES):
    return apply_case((lambda api: api.slices(values, indices), of))


def compute_case(
    loss=lambda x: lambda: x * x, var_list=lambda x: [x], method="compute_gradients", **options
):
    """A case: compute_gradients, or minimize."""

    def case(api):
        x = api.variable(2.0)
        getattr(api.optimizer(), method)(loss(x), var_list=var_list(x), **options)

    return case


def list_case(grads_and_vars):
    return lambda api: api.optimizer().apply_gradients(grads_and_vars(api))


def step_case(**options):
    return lambda api: api.optimizer(**options).apply_gradients([(1.0, api.variable(1.0))])
