"""Any optimizer of tinygrad.nn.optim as a subject: its functions, as Adam, and its classes.

It needs clang, or another compiler that tinygrad finds.
"""

import numpy as np
from tinygrad import Tensor
from tinygrad.helpers import Context
from tinygrad.nn import optim
from tinygrad.nn.state import get_state_dict

from ...subject.subject import Unsupported, ValueRefused
from ..variables import refuse_other_numbers
from .arguments import Arguments
from .probe import Places, try_out

# A place is the optimizer's attribute with a tensor for each parameter.
_SLOTS = {"m": "m", "v": "v"}


class _TinygradOptimizer:
    """An optimizer and the tensors that it changes."""

    def __init__(self, kind, params, numbers, switches):
        self.kind = kind
        self.params = list(map(_as_tensor, params))
        # The learning rate is in the state, and the others are not.
        _, *others = numbers
        self.numbers = others, switches
        self.optimizer = kind.factory(self.params, **kind.arguments.values(numbers, switches))

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            _assign(self.optimizer.lr, [learning_rate])
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = _as_tensor(grad)
        with Context(TRAINING=1):
            self.optimizer.step()
        return [param.numpy() for param in self.params]

    def slots(self):
        shown = {}
        for slot, name in self.kind.places.names.items():
            shown[slot] = [tensor.numpy() for tensor in getattr(self.optimizer, name)]
        return shown

    def load(self, params, slots, t):
        self.kind.places.require_load()
        for slot, arrays in slots.items():
            for tensor, array in zip(getattr(self.optimizer, _SLOTS[slot]), arrays, strict=True):
                _assign(tensor, array)
        for tensor, array in zip(self.params, params, strict=True):
            _assign(tensor, array)
        # It counts by the powers of its betas.
        (beta1, beta2, _), _ = self.numbers
        _assign(self.optimizer.b1_t, [beta1 ** t[0]])
        _assign(self.optimizer.b2_t, [beta2 ** t[0]])

    def save(self):
        state = get_state_dict(self.optimizer)
        return self.numbers, {name: tensor.numpy() for name, tensor in state.items()}

    def restore(self, saved):
        numbers, arrays = saved
        refuse_other_numbers(numbers, self.numbers)
        for name, tensor in get_state_dict(self.optimizer).items():
            _assign(tensor, arrays[name])


def _as_tensor(array):
    # A copy, because a tensor reads the memory of its array when it is first needed.
    return Tensor(np.array(array, order="C"))


def _assign(tensor, values):
    array = np.array(values, tensor.numpy().dtype).reshape(tensor.shape)
    tensor.assign(Tensor(array)).realize()


class _TinygradKind:
    """A function or class, what its arguments mean, and where it keeps its moments."""

    def __init__(self, factory, settings):
        self.factory = factory
        self.arguments = Arguments(factory, settings, given=("params", "device"))
        self.places = Places(_SLOTS)


def adapt(factory, settings):
    """Return the function that starts a run of an optimizer, after a few steps of it.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    kind = _TinygradKind(factory, settings)

    def make(params, *numbers, **switches):
        # It raises ValueError here, which would look like a mistake of the vector.
        if switches.get("weight_decay", 0) < 0:
            raise ValueRefused("a weight decay below 0: it refuses it")
        if any(param.ndim == 0 for param in params):
            raise Unsupported("a parameter without axes: its learning rate has one")
        return _TinygradOptimizer(kind, params, numbers, switches)

    make.__signature__ = kind.arguments.signature()
    decays = "weight_decay" in kind.arguments.names
    make.convention = "torch-adamw" if decays else "paper"
    make.supports = {"readonly"}
    # Its moments are float32, whatever the parameters are.
    make.dtypes = {"float32"}
    # Its learning rate and the powers of its betas are tensors of float32.
    make.arithmetic = "sddsT"
    return try_out(make, kind, is_guess=factory not in (optim.Adam, optim.AdamW))
