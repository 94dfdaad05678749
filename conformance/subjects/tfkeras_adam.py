"""tf.keras.optimizers.Adam of TensorFlow 2.0 to 2.10.

It lives on in tf_keras.optimizers.legacy.
"""

import tensorflow as tf
import tf_keras

from ..subject.subject import Unsupported
from ..vectors.storage import ALL_NATIVE, HALVES
from .tf1_adam import apply, tensor
from .variables import assign, is_power_of_two, values_of

# It warns at each missing gradient, which is what some vectors are about.
tf.get_logger().setLevel("ERROR")


class TfKerasScaling:
    """The LossScaleOptimizer of tf_keras around an optimizer; its scale is set before each step.

    It is a dynamic one, because one with a fixed scale skips nothing.
    """

    def __init__(self, optimizer, variables):
        self.variables = variables
        self.optimizer = tf_keras.mixed_precision.LossScaleOptimizer(optimizer)

    def step(self, tensors, scale):
        is_wide = any(variable.dtype == "float64" for variable in self.variables)
        if is_wide and not is_power_of_two(scale):
            raise Unsupported(
                "float64 with a scale that is no power of two: it takes the reciprocal in float32"
            )
        self.optimizer._loss_scale.current_loss_scale.assign(scale)
        grads = self.optimizer.get_unscaled_gradients(tensors)
        self.optimizer.apply_gradients(list(zip(grads, self.variables, strict=True)))


class _TfKerasAdam:
    """The optimizer and its variables; ``names`` are the slots as it calls them."""

    def __init__(self, params, optimizer):
        self.variables = [tf.Variable(param) for param in params]
        self.optimizer = optimizer
        # What takes steps with a loss scale, from the first such step on.
        self.scaled = None
        self.names = {"m": "m", "v": "v"}
        if optimizer.amsgrad:
            self.names["v_max"] = "vhat"

    def step(self, grads, learning_rate=None, scale=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        if scale is None:
            return apply(self.optimizer, self.variables, grads)
        if self.scaled is None:
            self.scaled = TfKerasScaling(self.optimizer, self.variables)
        self.scaled.step(list(map(tensor, grads)), scale)
        return values_of(self.variables)

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
        self.scaled = None
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
make.supports.add("loss_scale")
