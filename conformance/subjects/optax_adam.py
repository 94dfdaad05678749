"""optax.adam, amsgrad and adamw, with jax_enable_x64 off and on.

The two settings are two arithmetics, and so two subjects each.
"""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ..vectors.storage import ALL_NATIVE, HALVES
from .jax_arrays import as_jax, as_real, refuse_float64, refuse_other_numbers

_SLOTS = {"m": "mu", "v": "nu", "v_max": "nu_max"}


# What is compiled has no state and takes long, so it is kept for the last so many sets of numbers.
_KEPT = 16


@lru_cache(_KEPT)
def _functions(kind, numbers, settings, accumulation_steps, dtype):
    """Return a transformation, and a step with it: parameters, state and gradients to new ones."""
    transform = kind(*numbers, **dict(settings))
    if accumulation_steps is not None:
        # Its own default would keep the mean of float64 gradients in float32.
        transform = optax.MultiSteps(transform, accumulation_steps, accumulator_dtype=dtype)

    def step(params, state, grads):
        updates, state = transform.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    return transform, jax.jit(step)


class _OptaxAdam:
    """A transformation of optax's with the parameters that it updates."""

    def __init__(self, params, x64, accumulation_steps, kind, *numbers, **switches):
        self.x64 = x64
        self.numbers = numbers, switches
        self.accumulates = accumulation_steps is not None
        dtype = params[0].dtype if self.accumulates else None
        settings = tuple(switches.items())
        self.transform, self.compiled = _functions(
            kind, numbers, settings, accumulation_steps, dtype
        )
        with jax.enable_x64(x64):
            self.params = as_jax(params)
            self.state = self.transform.init(self.params)

    def step(self, grads):
        with jax.enable_x64(self.x64):
            self.params, self.state = self.compiled(self.params, self.state, as_jax(grads))
            return [np.asarray(param) for param in self.params]

    def slots(self):
        chain = self.state.inner_opt_state if self.accumulates else self.state
        # The first state of the chain is Adam's; nu_max is AMSGrad's alone.
        adam = chain[0]
        shown = {}
        for slot, name in _SLOTS.items():
            if hasattr(adam, name):
                shown[slot] = [as_real(array) for array in getattr(adam, name)]
        # m is complex where the parameter is.
        shown["m"] = adam.mu
        return shown

    def load(self, params, slots, t):
        adam, *others = self.state
        with jax.enable_x64(self.x64):
            self.params = as_jax(params)
            # One counter for all parameters.
            adam = adam._replace(count=jnp.int32(t[0]))
            for slot, arrays in slots.items():
                adam = adam._replace(**{_SLOTS[slot]: as_jax(arrays)})
            self.state = (adam, *others)

    def save(self):
        # Arrays of JAX never change, so that nothing needs a copy.
        return self.numbers, self.params, self.state

    def restore(self, saved):
        numbers, params, state = saved
        refuse_other_numbers(numbers, self.numbers)
        self.params = params
        self.state = state


def _adam(x64, m_dtype=None):
    def make(params, *numbers, amsgrad=False, epsilon_root=0.0, gradient_accumulation_steps=None):
        refuse_float64(params, x64)
        kind = optax.amsgrad if amsgrad else optax.adam
        switches = {"eps_root": epsilon_root, "mu_dtype": m_dtype}
        return _OptaxAdam(params, x64, gradient_accumulation_steps, kind, *numbers, **switches)

    make.supports = {"float16", "readonly", "mixed_dtypes"}
    # A dtype for m would be that of complex parameters, too.
    if m_dtype is None:
        make.supports.add("complex")
        make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
    else:
        make.storage = dict.fromkeys(HALVES, f"m={m_dtype},v=T,operations=T")
        # In float32 it is optax.adam.
        make.dtypes = set(HALVES)
    make.refuses = {"count"}
    return make


def _adamw(x64):
    def make(
        params, *numbers, weight_decay=0.0, epsilon_root=0.0, gradient_accumulation_steps=None
    ):
        refuse_float64(params, x64)
        # Without a weight decay optax.adamw would decay by its own default, 1e-4.
        switches = {"eps_root": epsilon_root, "weight_decay": weight_decay}
        steps = gradient_accumulation_steps
        return _OptaxAdam(params, x64, steps, optax.adamw, *numbers, **switches)

    make.supports = {"float16", "readonly", "mixed_dtypes", "complex"}
    make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
    make.refuses = {"count"}
    return make


single = _adam(x64=False)
double = _adam(x64=True)
wide_m = _adam(x64=False, m_dtype="float32")
adamw_single = _adamw(x64=False)
adamw_double = _adamw(x64=True)
