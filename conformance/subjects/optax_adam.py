"""optax.adam, amsgrad and adamw, with jax_enable_x64 off and on: two arithmetics, so two subjects each."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ..subject.subject import Unsupported

_SLOTS = {"m": "mu", "v": "nu", "v_max": "nu_max"}


class _Adam:
    def __init__(self, params: Any, x64: bool, kind: Any, *numbers: float, **rest: float) -> None:
        self.x64 = x64
        with jax.enable_x64(x64):
            self.params = [jnp.asarray(param) for param in params]
            self.transform = kind(*numbers, **rest)
            self.state = self.transform.init(self.params)
            self.compiled = jax.jit(self._step)

    def step(self, grads: Any) -> list[Any]:
        with jax.enable_x64(self.x64):
            self.params, self.state = self.compiled(
                self.params, self.state, [jnp.asarray(grad) for grad in grads]
            )
            return [np.asarray(param) for param in self.params]

    def _step(self, params: Any, state: Any, grads: Any) -> Any:
        updates, state = self.transform.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    def slots(self) -> dict[str, list[Any]]:
        return {
            slot: getattr(self.state[0], name)
            for slot, name in _SLOTS.items()
            if hasattr(self.state[0], name)
        }

    def load(self, params: Any, slots: Any, t: Any) -> None:
        with jax.enable_x64(self.x64):
            self.params = [jnp.asarray(param) for param in params]
            moments = {
                _SLOTS[slot]: [jnp.asarray(array) for array in arrays]
                for slot, arrays in slots.items()
            }
            self.state = (self.state[0]._replace(count=jnp.int32(t[0]), **moments), *self.state[1:])

    def save(self) -> Any:
        return self.params, self.state

    def restore(self, saved: Any) -> None:
        self.params, self.state = saved


def _subject(x64: bool) -> Any:
    def make(
        params: Any,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        amsgrad: bool = False,
        epsilon_root: float = 0.0,
    ) -> _Adam:
        _refuse_float64(params, x64)
        kind = optax.amsgrad if amsgrad else optax.adam
        return _Adam(params, x64, kind, learning_rate, beta1, beta2, epsilon, eps_root=epsilon_root)

    make.supports = {"float16"}  # type: ignore[attr-defined]
    return make


def _adamw(x64: bool) -> Any:
    def make(
        params: Any,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        weight_decay: float = 0.0,
        epsilon_root: float = 0.0,
    ) -> _Adam:
        _refuse_float64(params, x64)
        rest = {"eps_root": epsilon_root, "weight_decay": weight_decay}
        return _Adam(params, x64, optax.adamw, learning_rate, beta1, beta2, epsilon, **rest)

    make.supports = {"float16"}  # type: ignore[attr-defined]
    return make


def _refuse_float64(params: Any, x64: bool) -> None:
    if not x64 and any(param.dtype == np.float64 for param in params):
        raise Unsupported("float64 needs jax_enable_x64, which is the subject with -x64")


single, double = _subject(False), _subject(True)
adamw_single, adamw_double = _adamw(False), _adamw(True)
