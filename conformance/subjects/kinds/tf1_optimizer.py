"""Any class of tf.train.Optimizer, of TensorFlow 1, as a subject: tf.compat.v1 has it, eagerly."""

import tensorflow as tf

from ...subject.subject import Unsupported
from ...vectors.slices import IndexedSlices
from ...vectors.storage import ALL_NATIVE, HALVES
from ..variables import assign, values_of
from .arguments import Arguments
from .probe import Places, try_out

# A place is the name by which the optimizer has a variable for each parameter.
_SLOTS = {"m": "m", "v": "v"}
# The variables that hold the powers of the betas, which are its only counters.
_POWERS = {"beta1_power": 1, "beta2_power": 2}


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


class _Tf1Optimizer:
    """The optimizer and its variables.

    Fields:
        numbers: as the run was given them, and the switches.
    """

    def __init__(self, kind, params, numbers, switches):
        self.kind = kind
        self.variables = [tf.Variable(param) for param in params]
        self.rate, *others = numbers
        self.numbers = others, switches
        # Eagerly it reads a callable rate anew at each step; a number would stay for good.
        arguments = kind.arguments.values((lambda: self.rate, *others), switches)
        self.optimizer = kind.factory(**arguments)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.rate = learning_rate
        return apply(self.optimizer, self.variables, grads)

    def slots(self):
        # Their values, because the variables themselves change in the next step.
        names = self.kind.places.names
        return {slot: values_of(self._slot_variables(name)) for slot, name in names.items()}

    def _slot_variables(self, name):
        return [self.optimizer.get_slot(variable, name) for variable in self.variables]

    def load(self, params, slots, t):
        self.kind.places.require_load()
        # A step makes the slots; its own numbers are overwritten.
        self.step([0 * param for param in params])
        assign(self.variables, params)
        for slot, arrays in slots.items():
            assign(self._slot_variables(_SLOTS[slot]), arrays)
        # The powers are those of the step to come.
        (beta1, beta2, _), _ = self.numbers
        betas = {"beta1_power": beta1, "beta2_power": beta2}
        for name, variable in self._powers().items():
            variable.assign(betas[name] ** (t[0] + 1))

    def _powers(self):
        """Return the variables that hold the powers of the betas, by their names."""
        named = {}
        for variable in self.optimizer.variables():
            name = variable.name.partition(":")[0]
            if name in _POWERS:
                named[name] = variable
        return named

    def save(self):
        return self.numbers, self.rate, values_of(self._all())

    def restore(self, saved):
        numbers, rate, values = saved
        if numbers != self.numbers:
            raise Unsupported("other numbers in the object that restores: a checkpoint has none")
        # A step makes the slots, which a new optimizer does not have yet.
        self.step([0 * variable for variable in self.variables])
        self.rate = rate
        assign(self._all(), values)

    def _all(self):
        # In an order that does not depend on the names that TensorFlow gives to slots.
        slots = []
        for name in self.optimizer.get_slot_names():
            slots += self._slot_variables(name)
        return [*self.variables, *slots, *self._powers().values()]


class _Tf1Kind:
    """A class, what its arguments mean, and where it keeps its moments."""

    def __init__(self, factory, settings):
        self.factory = factory
        self.arguments = Arguments(factory, settings, given=("name",))
        self.places = Places(_SLOTS)
        self.is_of_library = factory.__module__.startswith("tensorflow.")


def subject(factory, **settings):
    """Return the function that starts a run; nothing is tried out."""
    return _make(_Tf1Kind(factory, settings))


def _make(kind):
    def make(params, *numbers, **switches):
        return _Tf1Optimizer(kind, params, numbers, switches)

    make.__signature__ = kind.arguments.signature()
    make.convention = "tf1"
    make.supports = {"none", "readonly", "mixed_dtypes"}
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
    kind = _Tf1Kind(factory, settings)
    return try_out(_make(kind), kind, factory is not tf.compat.v1.train.AdamOptimizer)
