"""TensorFlow 1's tf.train.AdamOptimizer, which lives on in tf.compat.v1, run eagerly."""

import tensorflow as tf

from ..subject.subject import Unsupported
from ..vectors.slices import IndexedSlices
from ..vectors.storage import ALL_NATIVE, HALVES
from .variables import assign, values_of


def tensor(grad):
    """Return a gradient as a tensor or slices of TensorFlow's; None stays None."""
    if isinstance(grad, IndexedSlices):
        values = tf.constant(grad.values)
        indices = tf.constant(grad.indices)
        return tf.IndexedSlices(values, indices, tf.constant(grad.dense_shape))
    return None if grad is None else tf.constant(grad)


def apply(optimizer, variables, grads):
    """Take one step of an optimizer of TensorFlow's or Keras'; return the new values."""
    optimizer.apply_gradients(zip(map(tensor, grads), variables, strict=True))
    return values_of(variables)


class _Tf1Adam:
    """The optimizer and its variables.

    Fields:
        betas: by the names of the variables that hold their powers, which are its only counters.
    """

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.variables = [tf.Variable(param) for param in params]
        self.betas = {"beta1_power": beta1, "beta2_power": beta2}
        self.epsilon = epsilon
        # Eagerly it reads a callable rate anew at each step; a number would stay for good.
        self.rate = learning_rate
        self.optimizer = tf.compat.v1.train.AdamOptimizer(lambda: self.rate, beta1, beta2, epsilon)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.rate = learning_rate
        return apply(self.optimizer, self.variables, grads)

    def slots(self):
        # Their values, because the variables themselves change in the next step.
        return {slot: values_of(self._slot_variables(slot)) for slot in ("m", "v")}

    def _slot_variables(self, name):
        return [self.optimizer.get_slot(variable, name) for variable in self.variables]

    def load(self, params, slots, t):
        # A step makes the slots; its own numbers are overwritten.
        self.step([0 * param for param in params])
        assign(self.variables, params)
        for name, arrays in slots.items():
            assign(self._slot_variables(name), arrays)
        # The powers are those of the step to come.
        for name, variable in self._powers().items():
            variable.assign(self.betas[name] ** (t[0] + 1))

    def _powers(self):
        """Return the variables that hold the powers of the betas, by their names."""
        named = {}
        for variable in self.optimizer.variables():
            name = variable.name.partition(":")[0]
            if name in self.betas:
                named[name] = variable
        return named

    def save(self):
        numbers = self.betas, self.epsilon
        return numbers, self.rate, values_of(self._all())

    def restore(self, saved):
        numbers, rate, values = saved
        if numbers != (self.betas, self.epsilon):
            raise Unsupported("other numbers in the object that restores: a checkpoint has none")
        # A step makes the slots, which a new optimizer does not have yet.
        self.step([0 * variable for variable in self.variables])
        self.rate = rate
        assign(self._all(), values)

    def _all(self):
        # In an order that does not depend on the names that TensorFlow gives to slots.
        slots = [*self._slot_variables("m"), *self._slot_variables("v")]
        return [*self.variables, *slots, *self._powers().values()]


def make(params, *numbers):
    return _Tf1Adam(params, *numbers)


make.supports = {"none", "sparse", "float16", "readonly", "indices_int32", "mixed_dtypes"}
make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
