"""Any class of mlx.optimizers.Optimizer as a subject; float64 exists where MLX runs on the CPU."""

import mlx.core as mx
import mlx.optimizers
import numpy as np
from mlx.utils import tree_map

from ..variables import refuse_other_numbers
from .arguments import Arguments
from .probe import Places, try_out

# A place is the name of an array in the state of a parameter.
_SLOTS = {"m": "m", "v": "v"}


def _as_mlx(array):
    # Without its dtype an array of float64 becomes one of float32.
    return mx.array(array, dtype=getattr(mx, array.dtype.name))


class _MlxOptimizer:
    """An optimizer, and its parameters in the dict that it needs them in."""

    def __init__(self, kind, params, numbers, switches):
        self.kind = kind
        self.params = {str(place): _as_mlx(param) for place, param in enumerate(params)}
        # The learning rate is in the state, and the others are not.
        _, *others = numbers
        self.numbers = others, switches
        self.optimizer = kind.factory(**kind.arguments.values(numbers, switches))
        self.optimizer.init(self.params)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        given = {}
        for place, grad in zip(self.params, grads, strict=True):
            if grad is not None:
                given[place] = _as_mlx(grad)
        self.params |= self.optimizer.apply_gradients(given, self.params)
        mx.eval(self.params, self.optimizer.state)
        return list(map(np.array, self.params.values()))

    def slots(self):
        shown = {}
        for slot, name in self.kind.places.names.items():
            shown[slot] = [np.array(self.optimizer.state[place][name]) for place in self.params]
        return shown

    def load(self, params, slots, t):
        self.kind.places.require_load()
        state = self.optimizer.state
        # One counter for all parameters.
        state["step"] = mx.array(t[0], mx.uint64)
        for number, place in enumerate(self.params):
            self.params[place] = _as_mlx(params[number])
            for slot, arrays in slots.items():
                state[place][_SLOTS[slot]] = _as_mlx(arrays[number])

    def save(self):
        # A step puts new arrays into the state, so that the dicts alone need a copy.
        return self.numbers, dict(self.params), _copy_of(self.optimizer.state)

    def restore(self, saved):
        numbers, params, state = saved
        refuse_other_numbers(numbers, self.numbers)
        self.params = dict(params)
        self.optimizer.state = _copy_of(state)


def _copy_of(state):
    return tree_map(lambda array: array, state)


class _MlxKind:
    """A class, what its arguments mean, and where it keeps its moments."""

    def __init__(self, factory, settings):
        self.factory = factory
        self.arguments = Arguments(factory, settings)
        self.places = Places(_SLOTS)

        has_choice = "bias_correction" in self.arguments.defaults
        self.corrects = not has_choice or settings.get("bias_correction")

    @property
    def convention(self):
        """The one that it follows, or that it is most likely to follow."""
        # Parameters share one count, which also a step without gradients adds to.
        name = "paper"
        if "weight_decay" in self.arguments.names:
            name = "torch-adamw,step_scope=optimizer,all_none=count"
        return name if self.corrects else f"{name},bias_correction=none"


def adapt(factory, settings):
    """Return the function that starts a run of a class, after a few steps of it.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    kind = _MlxKind(factory, settings)

    def make(params, *numbers, **switches):
        return _MlxOptimizer(kind, params, numbers, switches)

    make.__signature__ = kind.arguments.signature()
    make.convention = kind.convention
    make.supports = {"none", "readonly", "mixed_dtypes"}
    if kind.corrects:
        # Its learning rate and the powers of its betas are arrays of float32.
        make.arithmetic = "sddsT"
    own = (mlx.optimizers.Adam, mlx.optimizers.AdamW)
    return try_out(make, kind, is_guess=factory not in own)
