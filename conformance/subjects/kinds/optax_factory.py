"""Any function that makes a GradientTransformation as a subject: those of optax and a user's own.

A step is compiled, as it is where optax is used. The setting jax_enable_x64 is of the whole
process: with it there is float64, and scalars have it too.
"""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ...subject.subject import Unsupported
from ...vectors.storage import ALL_NATIVE, HALVES
from ...vectors.switches import ACCUMULATION
from ..jax_arrays import as_jax, as_real, refuse_float64
from ..variables import refuse_other_numbers
from .arguments import Arguments
from .probe import Places, try_out

# A place is a field of the state that has both moments.
_SLOTS = {"m": "mu", "v": "nu", "v_max": "nu_max"}
_FOLLOWED = {optax.adam: "optax", optax.amsgrad: "optax", optax.adamw: "optax-adamw"}
# What is compiled has no state and takes long, so it is kept for the last so many sets of numbers.
_KEPT = 16


@lru_cache(_KEPT)
def _functions(factory, arguments, accumulation_steps, dtype):
    """Return a transformation, and a step with it: parameters, state and gradients to new ones."""
    transform = factory(**dict(arguments))
    if accumulation_steps is not None:
        # Its own default would keep the mean of float64 gradients in float32.
        transform = optax.MultiSteps(transform, accumulation_steps, accumulator_dtype=dtype)

    def step(params, state, grads):
        updates, state = transform.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    return transform, jax.jit(step)


class _OptaxOptimizer:
    """A transformation with the parameters that it updates."""

    def __init__(self, params, kind, numbers, switches, accumulation_steps):
        self.kind = kind
        factory = kind.twin if switches.pop("amsgrad", False) else kind.factory
        self.numbers = factory, numbers, switches
        arguments = tuple(kind.arguments.values(numbers, switches).items())
        dtype = params[0].dtype if accumulation_steps is not None else None
        self.transform, self.compiled = _functions(factory, arguments, accumulation_steps, dtype)
        with jax.enable_x64(kind.x64):
            self.params = as_jax(params)
            self.state = self.transform.init(self.params)

    def step(self, grads):
        with jax.enable_x64(self.kind.x64):
            self.params, self.state = self.compiled(self.params, self.state, as_jax(grads))
            return [np.asarray(param) for param in self.params]

    def slots(self):
        shown = {}
        if not self.kind.places.names:
            return shown
        found = _states_with_moments(self.state)
        if len(found) != 1:
            raise LookupError(f"{len(found)} parts of its state have mu and nu")
        [adam] = found
        for slot, name in self.kind.places.names.items():
            # nu_max is AMSGrad's alone.
            if hasattr(adam, name):
                shown[slot] = [as_real(array) for array in getattr(adam, name)]
        # m is complex where the parameter is.
        shown["m"] = adam.mu
        return shown

    def load(self, params, slots, t):
        self.kind.places.require_load()
        with jax.enable_x64(self.kind.x64):
            self.params = as_jax(params)
            # One counter for all parameters.
            changed = {"count": jnp.int32(t[0])}
            for slot, arrays in slots.items():
                changed[_SLOTS[slot]] = as_jax(arrays)
            self.state = _with_moments(self.state, changed)

    def save(self):
        # Arrays of JAX never change, so that nothing needs a copy.
        return self.numbers, self.params, self.state

    def restore(self, saved):
        numbers, params, state = saved
        refuse_other_numbers(numbers, self.numbers)
        self.params = params
        self.state = state


def _has_moments(state):
    return hasattr(state, "mu") and hasattr(state, "nu")


def _states_with_moments(state):
    """Return the states in a state that have both moments; a chain is a tuple of states."""
    if _has_moments(state):
        return [state]
    parts = state if isinstance(state, tuple) else ()
    return [found for part in parts for found in _states_with_moments(part)]


def _with_moments(state, changed):
    """Return a state with other moments and another count in it."""
    if _has_moments(state):
        return state._replace(**changed)
    if not isinstance(state, tuple):
        return state
    parts = [_with_moments(part, changed) for part in state]
    # A named tuple takes its fields one by one.
    return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)


class _OptaxKind:
    """A factory and what its arguments mean.

    Fields:
        twin: the factory for vectors with AMSGrad, which optax has as one of its own; None if none.
        x64: whether its steps are taken with jax_enable_x64.
    """

    def __init__(self, factory, settings, x64, twin=None):
        self.factory = factory
        self.twin = factory if factory is optax.amsgrad else twin
        self.arguments = Arguments(factory, settings)
        self.places = Places(_SLOTS)
        self.x64 = x64
        self.is_of_optax = factory.__module__.startswith("optax.")
        self.m_dtype = settings.get("mu_dtype")

    @property
    def is_certain(self):
        """Whether the convention is known, and not a guess."""
        return self.factory in _FOLLOWED and not self.arguments.settings.get("nesterov")

    @property
    def convention(self):
        """The one that it follows, or that it is most likely to follow."""
        is_decoupled = "adamw" in self.factory.__name__.lower()
        return _FOLLOWED.get(self.factory, "optax-adamw" if is_decoupled else "optax")


def subject(factory, x64, amsgrad=None, **settings):
    """Return the function that starts a run; nothing is tried out."""
    return _make(_OptaxKind(factory, settings, x64, amsgrad))


def _make(kind):
    def make(params, *numbers, **switches):
        refuse_float64(params, kind.x64)
        if kind.factory is kind.twin and not switches.get("amsgrad"):
            raise Unsupported("an Adam without AMSGrad: it always has it")
        steps = switches.pop(ACCUMULATION, None)
        return _OptaxOptimizer(params, kind, numbers, switches, steps)

    more = [ACCUMULATION]
    if kind.twin is not None:
        more.append("amsgrad")
    make.__signature__ = kind.arguments.signature(*more)
    make.convention = kind.convention
    make.supports = {"readonly", "mixed_dtypes"}
    make.refuses = {"count"}
    # Of other factories nobody knows what they do with these.
    if not kind.is_of_optax:
        return make
    make.supports.add("float16")
    # A dtype for m would be that of complex parameters, too.
    if kind.m_dtype is None:
        make.supports.add("complex")
        make.storage = dict.fromkeys(HALVES, ALL_NATIVE)
    elif kind.m_dtype == "float32":
        make.storage = dict.fromkeys(HALVES, f"m={kind.m_dtype},v=T,operations=T")
        # In float32 it is the one without.
        make.dtypes = set(HALVES)
    return make


def adapt(factory, settings):
    """Return the function that starts a run of a factory, after a few steps of it.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    kind = _OptaxKind(factory, settings, jax.config.jax_enable_x64)
    make = _make(kind)
    is_amsgrad = kind.factory is kind.twin
    return try_out(make, kind, not kind.is_certain, **({"amsgrad": True} if is_amsgrad else {}))
