"""Any class of paddle.optimizer.Optimizer as a subject, with dense gradients."""

import numpy as np
import paddle

from ..variables import refuse_other_numbers, values_of
from .arguments import Arguments
from .probe import Places, try_out

# A place is the name of the optimizer's accumulators, of which each parameter has one.
_SLOTS = {"m": "moment1", "v": "moment2", "v_max": "moment2_max"}
# They hold the powers of the step to come, and are its only counters.
_POWERS = ("beta1_pow_acc", "beta2_pow_acc")


class _PaddleOptimizer:
    """An optimizer and the tensors that it changes.

    Fields:
        rate: the learning rate, which its state has not.
    """

    def __init__(self, kind, params, numbers, switches):
        self.kind = kind
        self.params = []
        for place, param in enumerate(params):
            tensor = paddle.to_tensor(param)
            tensor.stop_gradient = False
            # The state of an optimizer goes by these names.
            tensor.name = f"param_{place}"
            self.params.append(tensor)
        self.rate, *others = numbers
        self.numbers = others, switches
        self.optimizer = kind.factory(
            parameters=self.params, **kind.arguments.values(numbers, switches)
        )
        self.names = dict(kind.places.names)
        if not switches.get("amsgrad"):
            self.names.pop("v_max", None)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self._set_rate(learning_rate)
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = None if grad is None else paddle.to_tensor(grad)
        self.optimizer.step()
        return [param.numpy() for param in self.params]

    def _set_rate(self, learning_rate):
        self.rate = learning_rate
        self.optimizer.set_lr(learning_rate)

    def _accumulators(self, name):
        """Return the accumulator of each parameter, or None before its first gradient."""
        of_params = self.optimizer._accumulators.get(name, {})
        return [of_params.get(param.name) for param in self.params]

    def slots(self):
        shown = {}
        for slot, name in self.names.items():
            shown[slot] = values_of(self._accumulators(name))
        return shown

    def load(self, params, slots, t):
        self.kind.places.require_load()
        # A step makes the accumulators; its own numbers are overwritten.
        self.step([np.zeros_like(param) for param in params])
        _assign(self.params, params)
        for slot, arrays in slots.items():
            _assign(self._accumulators(_SLOTS[slot]), arrays)
        (*betas, _), _ = self.numbers
        for name, beta in zip(_POWERS, betas, strict=True):
            _assign(self._accumulators(name), [[beta ** (count + 1)] for count in t])

    def save(self):
        state = {name: tensor.numpy() for name, tensor in self._state().items()}
        params = [param.numpy() for param in self.params]
        return self.numbers, self.rate, params, state

    def restore(self, saved):
        numbers, rate, params, state = saved
        refuse_other_numbers(numbers, self.numbers)
        # A step makes the accumulators, which a new optimizer does not have yet.
        self.step([np.zeros_like(param) for param in params])
        _assign(self.params, params)
        own = self._state()
        _assign(own.values(), [state[name] for name in own])
        self._set_rate(rate)

    def _state(self):
        """Return the accumulators by name: those that `state_dict` has are named by a count."""
        named = {}
        for name, of_params in self.optimizer._accumulators.items():
            for param, tensor in of_params.items():
                named[f"{name} {param}"] = tensor
        return named


def _assign(tensors, arrays):
    for tensor, array in zip(tensors, arrays, strict=True):
        tensor.set_value(np.asarray(array, tensor.numpy().dtype))


class _PaddleKind:
    """A class, what its arguments mean, and where it keeps its moments."""

    def __init__(self, factory, settings):
        self.factory = factory
        self.arguments = Arguments(factory, settings, given=("parameters", "name"))
        self.places = Places(_SLOTS)


def adapt(factory, settings):
    """Return the function that starts a run of a class, after a few steps of it.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    kind = _PaddleKind(factory, settings)

    def make(params, *numbers, **switches):
        return _PaddleOptimizer(kind, params, numbers, switches)

    make.__signature__ = kind.arguments.signature()
    is_decoupled = "adamw" in factory.__name__.lower()
    make.convention = "torch-adamw" if is_decoupled else "torch"
    make.supports = {"none", "readonly", "mixed_dtypes"}
    # All its numbers have the format of the parameter.
    make.arithmetic = "TTTTT"
    own = (paddle.optimizer.Adam, paddle.optimizer.AdamW)
    return try_out(make, kind, is_guess=factory not in own)
