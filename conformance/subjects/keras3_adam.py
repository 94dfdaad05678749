"""keras.optimizers.Adam of Keras 3, a subject for each backend; a process can load only one."""

import os
import sys

from ..subject.subject import SubjectError, Unsupported
from ..vectors.storage import ALL_NATIVE, HALVES
from .variables import assign, values_of

_PREFIX = "on_"
_BACKENDS = ("tensorflow", "torch", "jax")


class KerasAdam:
    """An optimizer of tf_keras 2.11 or later, or of Keras 3.

    Fields:
        variables: the parameters.
        tensor: makes a gradient of the optimizer's backend.
        scaling: makes what takes the steps with a loss scale; None if nothing does.
        scaled: what it made of the optimizer, from the first such step on.
        names: slot -> the optimizer's attribute with its variables.
    """

    def __init__(self, optimizer, variables, tensor, scaling):
        # Each backend has its own variables and tensors, so that the caller makes both.
        self.optimizer = optimizer
        self.variables = variables
        self.tensor = tensor
        self.scaling = scaling
        self.scaled = None
        optimizer.build(variables)
        self.names = {"m": "_momentums", "v": "_velocities"}
        if optimizer.amsgrad:
            self.names["v_max"] = "_velocity_hats"

    def step(self, grads, learning_rate=None, scale=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        tensors = list(map(self._tensor_or_none, grads))
        if scale is None:
            self.optimizer.apply_gradients(list(zip(tensors, self.variables, strict=True)))
        else:
            if self.scaled is None:
                self.scaled = self.scaling(self.optimizer, self.variables)
            self.scaled.step(tensors, scale)
        return values_of(self.variables)

    def _tensor_or_none(self, grad):
        return None if grad is None else self.tensor(grad)

    def slots(self):
        shown = {}
        for slot, name in self.names.items():
            shown[slot] = values_of(getattr(self.optimizer, name))
        return shown

    def load(self, params, slots, t):
        assign(self.variables, params)
        for slot, arrays in slots.items():
            assign(getattr(self.optimizer, self.names[slot]), arrays)
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


class KerasScaling:
    """The LossScaleOptimizer of Keras 3 around an optimizer; its scale is set before each step."""

    def __init__(self, optimizer, variables):
        import keras

        self.variables = variables
        self.optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        self.optimizer.build(variables)

    def step(self, tensors, scale):
        self.optimizer.dynamic_scale.assign(scale)
        self.optimizer.apply_gradients(list(zip(tensors, self.variables, strict=True)))


def subject(kind, variable, tensor, sparse=True, accumulates=True, scaling=None, **fixed):
    """Return the function that starts a run.

    Args:
        kind: the class of the optimizer.
        variable: makes a variable from a parameter.
        tensor: makes a gradient of the optimizer's backend.
        sparse: whether ``tensor`` takes sparse gradients.
        accumulates: whether the optimizer can wait for the gradients of several calls.
        scaling: makes what takes the steps with a loss scale of an optimizer and its variables.
        fixed: arguments for ``kind`` that are the same in all runs.
    """

    def make(
        params,
        *numbers,
        amsgrad=False,
        weight_decay=None,
        clipvalue=None,
        clipnorm=None,
        global_clipnorm=None,
        gradient_accumulation_steps=None,
    ):
        options = dict(fixed)
        if accumulates:
            options["gradient_accumulation_steps"] = gradient_accumulation_steps
        elif gradient_accumulation_steps is not None:
            raise Unsupported("gradient accumulation: it has none")
        optimizer = kind(
            *numbers,
            amsgrad=amsgrad,
            weight_decay=weight_decay,
            clipvalue=clipvalue,
            clipnorm=clipnorm,
            global_clipnorm=global_clipnorm,
            **options,
        )
        variables = [variable(param) for param in params]
        return KerasAdam(optimizer, variables, tensor, scaling)

    make.supports = {"none", "float16", "readonly", "mixed_dtypes"}
    make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
    if sparse:
        make.supports |= {"sparse", "indices_int32"}
    if scaling is not None:
        make.supports.add("loss_scale")
    return make


def _on(backend):
    """Return the subject of Keras 3 on a backend, which is imported now."""
    loaded = sys.modules.get("keras")
    if loaded is not None and loaded.config.backend() != backend:
        running = loaded.config.backend()
        raise SubjectError(
            f"Keras 3 must have one backend in a process, got {backend} after {running}; "
            "check it alone"
        )
    # Keras reads it when it is imported, and never again.
    os.environ["KERAS_BACKEND"] = backend
    import keras

    def variable(param):
        made = keras.Variable(param, dtype=param.dtype.name)
        if made.numpy().dtype != param.dtype:
            raise Unsupported(f"{param.dtype} needs jax_enable_x64")
        return made

    if backend == "tensorflow":
        # Only TensorFlow has sparse gradients.
        from .tf1_adam import tensor

        return subject(keras.optimizers.Adam, variable, tensor, scaling=KerasScaling)
    tensor = keras.ops.convert_to_tensor
    # On JAX it takes no step in place, only as a function of its whole state.
    scaling = None if backend == "jax" else KerasScaling
    return subject(keras.optimizers.Adam, variable, tensor, sparse=False, scaling=scaling)


def __getattr__(name):
    """Return ``on_tensorflow``, ``on_torch`` or ``on_jax``."""
    backend = name.removeprefix(_PREFIX)
    if name.startswith(_PREFIX) and backend in _BACKENDS:
        return _on(backend)
    raise AttributeError(f"keras3_adam has no {name!r}; it has on_tensorflow, on_torch and on_jax")
