"""Any optimizer class of Keras 3 as a subject, on the backend that the process has.

The optimizers of tf_keras 2.11 and later have the same form: `tfkeras_optimizer` uses this, too.
"""

import warnings

from ...subject.subject import Unsupported
from ...vectors.storage import ALL_NATIVE, HALVES
from ..variables import assign, values_of
from .arguments import Arguments
from .probe import Places, try_out

# It warns at each missing gradient, which is what some vectors are about.
warnings.filterwarnings("ignore", "Gradients do not exist for variables")

# A place is the optimizer's attribute with its variables.
_SLOTS = {"m": "_momentums", "v": "_velocities", "v_max": "_velocity_hats"}


class Backend:
    """What an optimizer computes with.

    Fields:
        variable: makes a variable from a parameter.
        tensor: makes a gradient.
        is_sparse: whether ``tensor`` takes sparse gradients.
        scaling: makes what takes the steps with a loss scale of an optimizer and its variables;
            None if nothing does.
    """

    def __init__(self, variable, tensor, is_sparse, scaling):
        self.variable = variable
        self.tensor = tensor
        self.is_sparse = is_sparse
        self.scaling = scaling


class KerasKind:
    """A class of Keras', what its arguments mean, and where it keeps its moments.

    Fields:
        convention: the one that its library's Adam follows.
        own: the classes of its library that follow it.
    """

    def __init__(self, factory, settings, backend, convention, own):
        self.factory = factory
        self.arguments = Arguments(factory, settings, given=("name",))
        self.places = Places(_SLOTS)
        self.backend = backend
        self.convention = convention
        self.is_certain = factory in own
        self.is_of_library = factory.__module__.partition(".")[0] in ("keras", "tf_keras")


class _KerasOptimizer:
    """An optimizer and the variables that it updates.

    Fields:
        scaled: what takes steps with a loss scale, from the first such step on.
        names: slot -> its place.
    """

    def __init__(self, kind, params, numbers, switches):
        self.kind = kind
        self.variables = list(map(kind.backend.variable, params))
        self.optimizer = kind.factory(**kind.arguments.values(numbers, switches))
        self.scaled = None
        self.optimizer.build(self.variables)
        self.names = dict(kind.places.names)
        if not switches.get("amsgrad"):
            self.names.pop("v_max", None)

    def step(self, grads, learning_rate=None, scale=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        tensors = list(map(self._tensor_or_none, grads))
        if scale is None:
            self.optimizer.apply_gradients(list(zip(tensors, self.variables, strict=True)))
        else:
            if self.scaled is None:
                self.scaled = self.kind.backend.scaling(self.optimizer, self.variables)
            self.scaled.step(tensors, scale)
        return values_of(self.variables)

    def _tensor_or_none(self, grad):
        return None if grad is None else self.kind.backend.tensor(grad)

    def slots(self):
        shown = {}
        for slot, name in self.names.items():
            shown[slot] = values_of(getattr(self.optimizer, name))
        return shown

    def load(self, params, slots, t):
        self.kind.places.require_load()
        assign(self.variables, params)
        for slot, arrays in slots.items():
            assign(getattr(self.optimizer, _SLOTS[slot]), arrays)
        # Keras 3 hides the counter behind a property that cannot be assigned.
        getattr(self.optimizer, "_iterations", self.optimizer.iterations).assign(t[0])

    def save(self):
        # Its variables are its state and the learning rate; the other numbers are its config.
        return self.optimizer.get_config(), values_of(self._all())

    def restore(self, saved):
        config, values = saved
        self.optimizer = type(self.optimizer).from_config(config)
        self.scaled = None
        self.optimizer.build(self.variables)
        assign(self._all(), values)

    def _all(self):
        # A method in tf_keras, a property in Keras 3.
        variables = self.optimizer.variables
        if callable(variables):
            variables = variables()
        return [*self.variables, *variables]


class _KerasScaling:
    """The LossScaleOptimizer of Keras 3 around an optimizer; its scale is set before each step."""

    def __init__(self, optimizer, variables):
        import keras

        self.variables = variables
        self.optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        self.optimizer.build(variables)

    def step(self, tensors, scale):
        self.optimizer.dynamic_scale.assign(scale)
        self.optimizer.apply_gradients(list(zip(tensors, self.variables, strict=True)))


def subject_of(kind):
    """Return the function that starts a run; nothing is tried out."""

    def make(params, *numbers, **switches):
        return _KerasOptimizer(kind, params, numbers, switches)

    make.__signature__ = kind.arguments.signature()
    make.convention = kind.convention
    make.supports = {"none", "readonly", "mixed_dtypes"}
    if kind.backend.scaling is not None:
        make.supports.add("loss_scale")
    # Of other classes nobody knows what they do with these.
    if kind.is_of_library:
        make.supports.add("float16")
        make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
        if kind.backend.is_sparse:
            make.supports |= {"sparse", "indices_int32"}
    return make


def adapt_kind(kind):
    """Return the function that starts a run, after a few steps of the class.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    return try_out(subject_of(kind), kind, not kind.is_certain)


def keras3(factory, settings):
    """Return the kind of a class of Keras 3, which was imported with its backend."""
    import keras

    name = keras.config.backend()

    def variable(param):
        made = keras.Variable(param, dtype=param.dtype.name)
        if made.numpy().dtype != param.dtype:
            raise Unsupported(f"{param.dtype} needs jax_enable_x64")
        return made

    tensor = keras.ops.convert_to_tensor
    if name == "tensorflow":
        # Only TensorFlow has sparse gradients.
        from .tf1_optimizer import tensor
    # On JAX it takes no step in place, only as a function of its whole state.
    scaling = None if name == "jax" else _KerasScaling
    backend = Backend(variable, tensor, name == "tensorflow", scaling)
    own = (keras.optimizers.Adam, keras.optimizers.AdamW)
    return KerasKind(factory, settings, backend, "keras3", own)


def adapt(factory, settings):
    """Return the function that starts a run of a class of Keras 3; `adapt_kind` says more."""
    return adapt_kind(keras3(factory, settings))
