"""tf.keras.optimizers.Adam of TensorFlow 2.0 to 2.10.

It lives on in tf_keras.optimizers.legacy.
"""

import tensorflow as tf
import tf_keras

from ..vectors.storage import ALL_NATIVE, HALVES
from .tf1_adam import apply
from .variables import assign, values_of

# It warns at each missing gradient, which is what some vectors are about.
tf.get_logger().setLevel("ERROR")


class _TfKerasAdam:
    """The optimizer and its variables; ``names`` are the slots as it calls them."""

    def __init__(self, params, optimizer):
        self.variables = [tf.Variable(param) for param in params]
        self.optimizer = optimizer
        self.names = {"m": "m", "v": "v"}
        if optimizer.amsgrad:
            self.names["v_max"] = "vhat"

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        return apply(self.optimizer, self.variables, grads)

    def slots(self):
        # Their values, because the variables themselves change in the next step.
        return {slot: values_of(self._slot_variables(name)) for slot, name in self.names.items()}

    def _slot_variables(self, name):
        """Return the slot of each variable, or None before its first gradient."""
        found = []
        for variable in self.variables:
            try:
                found.append(self.optimizer.get_slot(variable, name))
            except KeyError:
                found.append(None)
        return found

    def load(self, params, slots, t):
        # A step makes the slots; its own numbers are overwritten.
        self.step([0 * param for param in params])
        for slot, arrays in slots.items():
            assign(self._slot_variables(self.names[slot]), arrays)
        assign(self.variables, params)
        # One counter for all variables.
        self.optimizer.iterations.assign(t[0])

    def save(self):
        return self.optimizer.get_config(), values_of(self._all())

    def restore(self, saved):
        config, values = saved
        self.optimizer = type(self.optimizer).from_config(config)
        # A step makes the slots, which a new optimizer does not have yet.
        self.step([0 * variable for variable in self.variables])
        assign(self._all(), values)

    def _all(self):
        # The optimizer itself has its slots in the order in which they were made.
        slots = []
        for name in self.names.values():
            slots += self._slot_variables(name)
        return [*self.variables, self.optimizer.iterations, *slots]


def make(params, *numbers, amsgrad=False, clipvalue=None, clipnorm=None, global_clipnorm=None):
    optimizer = tf_keras.optimizers.legacy.Adam(
        *numbers,
        amsgrad=amsgrad,
        clipvalue=clipvalue,
        clipnorm=clipnorm,
        global_clipnorm=global_clipnorm,
    )
    return _TfKerasAdam(params, optimizer)


make.supports = {"none", "sparse", "float16", "readonly", "indices_int32", "mixed_dtypes"}
make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
