"""jax.example_libraries.optimizers.adam, compiled, with jax_enable_x64 off and on."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.example_libraries import optimizers

from ..subject.subject import Unsupported


class _Adam:
    def __init__(self, params: Any, x64: bool, *numbers: float) -> None:
        self.x64, self.calls = x64, 0
        with jax.enable_x64(x64):
            init, update, self.get = optimizers.adam(*numbers)
            self.state, self.update = (
                init([jnp.asarray(param) for param in params]),
                jax.jit(update),
            )

    def step(self, grads: Any) -> list[Any]:
        with jax.enable_x64(self.x64):
            self.state = self.update(self.calls, [jnp.asarray(grad) for grad in grads], self.state)
            self.calls += 1
            return [np.asarray(param) for param in self.get(self.state)]

    def slots(self) -> dict[str, list[Any]]:
        packed = optimizers.unpack_optimizer_state(self.state)
        return {slot: [leaf.subtree[at] for leaf in packed] for at, slot in ((1, "m"), (2, "v"))}

    def load(self, params: Any, slots: Any, t: Any) -> None:
        columns = zip(params, slots["m"], slots["v"], strict=True)
        with jax.enable_x64(self.x64):
            leaves = [optimizers.JoinPoint(tuple(map(jnp.asarray, leaf))) for leaf in columns]
            self.state, self.calls = optimizers.pack_optimizer_state(leaves), t[0]

    def save(self) -> Any:
        return self.state, self.calls

    def restore(self, saved: Any) -> None:
        self.state, self.calls = saved


def _subject(x64: bool) -> Any:
    def make(
        params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float
    ) -> _Adam:
        if not x64 and any(param.dtype == np.float64 for param in params):
            raise Unsupported("float64 needs jax_enable_x64, which is subject jax-x64")
        return _Adam(params, x64, learning_rate, beta1, beta2, epsilon)

    make.supports = {"float16"}  # type: ignore[attr-defined]
    return make


single, double = _subject(False), _subject(True)
