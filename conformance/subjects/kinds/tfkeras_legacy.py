"""Any optimizer class of tf.keras up to 2.10 as a subject: tf_keras.optimizers.legacy has them."""

import tensorflow as tf
import tf_keras

from ...subject.subject import Unsupported
from ...vectors.storage import ALL_NATIVE, HALVES
from ...vectors.switches import LIMITS
from ..variables import assign, is_power_of_two, values_of
from .arguments import Arguments
from .probe import Places, try_out
from .tf1_optimizer import apply, tensor

# It warns at each missing gradient, which is what some vectors are about.
tf.get_logger().setLevel("ERROR")

# A place is the name by which the optimizer has a variable for each parameter.
_SLOTS = {"m": "m", "v": "v", "v_max": "vhat"}


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


class _TfKerasLegacy:
    """The optimizer and its variables; ``names`` are the slots as it calls them."""

    def __init__(self, kind, params, numbers, switches):
        self.kind = kind
        self.variables = [tf.Variable(param) for param in params]
        self.optimizer = kind.factory(**kind.arguments.values(numbers, switches))
        # What takes steps with a loss scale, from the first such step on.
        self.scaled = None
        self.names = dict(kind.places.names)
        if not switches.get("amsgrad"):
            self.names.pop("v_max", None)

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
        self.kind.places.require_load()
        # A step makes the slots; its own numbers are overwritten.
        self.step([0 * param for param in params])
        for slot, arrays in slots.items():
            assign(self._slot_variables(_SLOTS[slot]), arrays)
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
        # The optimizer itself has its slots in the order in which they were made, and a slot that
        # is not there yet in none.
        slots = []
        for name in self.slot_names():
            slots += self._slot_variables(name)
        return [*self.variables, self.optimizer.iterations, *slots]

    def slot_names(self):
        """Return the names of all slots that it has, also of those that are not shown."""
        return sorted({*self.names.values(), *self.optimizer.get_slot_names()})


class _LegacyKind:
    """A class, what its arguments mean, and where it keeps its moments."""

    def __init__(self, factory, settings):
        self.factory = factory
        # The base takes the limits of clipping, and no signature names them.
        self.arguments = Arguments(factory, settings, given=("name",), accepted=LIMITS)
        self.places = Places(_SLOTS)
        self.is_of_library = factory.__module__.startswith("tf_keras.")


def subject(factory, **settings):
    """Return the function that starts a run; nothing is tried out."""
    return _make(_LegacyKind(factory, settings))


def _make(kind):
    def make(params, *numbers, **switches):
        return _TfKerasLegacy(kind, params, numbers, switches)

    make.__signature__ = kind.arguments.signature()
    make.convention = "tfkeras"
    make.supports = {"none", "readonly", "mixed_dtypes", "loss_scale"}
    # Of other classes nobody knows what they do with these.
    if kind.is_of_library:
        make.supports |= {"sparse", "indices_int32", "float16"}
        make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
    return make


def adapt(factory, settings):
    """Return the function that starts a run of a class, after a few steps of it.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    kind = _LegacyKind(factory, settings)
    return try_out(_make(kind), kind, factory is not tf_keras.optimizers.legacy.Adam)
