"""jax.example_libraries.optimizers.adam, compiled, with jax_enable_x64 off and on."""

from functools import lru_cache

import jax
import numpy as np
from jax.example_libraries import optimizers

from ..vectors.storage import ALL_NATIVE, HALVES
from .jax_arrays import as_jax, refuse_float64
from .variables import refuse_other_numbers

# What is compiled has no state and takes long, so it is kept for the last so many sets of numbers.
_KEPT = 16


@lru_cache(_KEPT)
def _functions(numbers):
    initialize, update, get = optimizers.adam(*numbers)
    return initialize, jax.jit(update), get


class _JaxAdam:
    """Three functions of JAX's, and the state that they hand around."""

    def __init__(self, params, numbers, x64):
        self.x64 = x64
        self.numbers = numbers
        self.calls = 0
        with jax.enable_x64(x64):
            initialize, self.update, self.get = _functions(numbers)
            self.state = initialize(as_jax(params))

    def step(self, grads):
        with jax.enable_x64(self.x64):
            self.state = self.update(self.calls, as_jax(grads), self.state)
            self.calls += 1
            return [np.asarray(param) for param in self.get(self.state)]

    def slots(self):
        # A leaf is a triple: parameter, first moment, second moment.
        leaves = optimizers.unpack_optimizer_state(self.state)
        return {
            "m": [leaf.subtree[1] for leaf in leaves],
            "v": [leaf.subtree[2] for leaf in leaves],
        }

    def load(self, params, slots, t):
        with jax.enable_x64(self.x64):
            columns = map(as_jax, (params, slots["m"], slots["v"]))
            triples = zip(*columns, strict=True)
            leaves = list(map(optimizers.JoinPoint, triples))
            self.state = optimizers.pack_optimizer_state(leaves)
        # One counter for all parameters.
        self.calls = t[0]

    def save(self):
        # Arrays of JAX never change, so that nothing needs a copy.
        return self.numbers, self.state, self.calls

    def restore(self, saved):
        numbers, state, calls = saved
        refuse_other_numbers(numbers, self.numbers)
        self.state = state
        self.calls = calls


def _subject(x64):
    def make(params, *numbers):
        refuse_float64(params, x64)
        return _JaxAdam(params, numbers, x64)

    make.supports = {"float16", "readonly", "mixed_dtypes"}
    make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
    make.refuses = {"count"}
    return make


single = _subject(x64=False)
double = _subject(x64=True)
