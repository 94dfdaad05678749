"""keras.optimizers.Adam of Keras 3 on each of its backends, of which a process can have one."""

import os
import sys
from collections.abc import Callable
from typing import Any

from ..subject.subject import SubjectError, Unsupported

_SWITCHES = {"weight_decay", "clipvalue", "clipnorm", "global_clipnorm"}


class KerasAdam:
    """An optimizer of tf_keras 2.11 or later, or of Keras 3; ``tensor`` makes a gradient of its backend."""

    def __init__(self, optimizer: Any, variables: list[Any], tensor: Callable[[Any], Any]) -> None:
        self.optimizer, self.variables, self.tensor = optimizer, variables, tensor
        optimizer.build(variables)
        names = {"m": "_momentums", "v": "_velocities", "v_max": "_velocity_hats"}
        self.names = {
            slot: name for slot, name in names.items() if slot != "v_max" or optimizer.amsgrad
        }

    def step(self, grads: Any, learning_rate: float | None = None) -> list[Any]:
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        tensors = [None if grad is None else self.tensor(grad) for grad in grads]
        self.optimizer.apply_gradients(list(zip(tensors, self.variables, strict=True)))
        return [variable.numpy() for variable in self.variables]

    def slots(self) -> dict[str, list[Any]]:
        return {
            slot: [v.numpy() for v in getattr(self.optimizer, name)]
            for slot, name in self.names.items()
        }

    def load(self, params: Any, slots: Any, t: Any) -> None:
        targets = [self.variables, *(getattr(self.optimizer, name) for name in self.names.values())]
        for variables, arrays in zip(targets, (params, *slots.values()), strict=True):
            for variable, array in zip(variables, arrays, strict=True):
                variable.assign(array)
        # Keras 3 hides the counter behind a property that cannot be assigned.
        getattr(self.optimizer, "_iterations", self.optimizer.iterations).assign(t[0])

    def save(self) -> Any:
        return [variable.numpy() for variable in self._all()]

    def restore(self, saved: Any) -> None:
        for variable, array in zip(self._all(), saved, strict=True):
            variable.assign(array)

    def _all(self) -> list[Any]:
        variables = self.optimizer.variables
        return [*self.variables, *(variables() if callable(variables) else variables)]


def subject(
    kind: Any,
    variable: Callable[[Any], Any],
    tensor: Callable[[Any], Any],
    sparse: bool = True,
    **rest: Any,
) -> Any:
    """The function that starts a run of ``kind``; ``sparse``: whether ``tensor`` takes sparse gradients."""

    def make(
        params: Any,
        *numbers: float,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        **limits: float,
    ) -> Any:
        optimizer = kind(*numbers, amsgrad=amsgrad, weight_decay=weight_decay, **limits, **rest)
        return KerasAdam(optimizer, [variable(param) for param in params], tensor)

    make.supports = {"none", "float16"} | ({"sparse"} if sparse else set())  # type: ignore[attr-defined]
    return make


def _on(backend: str) -> Any:
    if "keras" in sys.modules and sys.modules["keras"].config.backend() != backend:
        running = sys.modules["keras"].config.backend()
        raise SubjectError(
            f"Keras 3 must have one backend in a process, got {backend} after {running}; check it alone"
        )
    os.environ["KERAS_BACKEND"] = backend
    import keras

    def variable(param: Any) -> Any:
        made = keras.Variable(param, dtype=param.dtype.name)
        if made.numpy().dtype != param.dtype:
            raise Unsupported(f"{param.dtype} needs jax_enable_x64")
        return made

    if backend == "tensorflow":
        from .tf1_adam import tensor

        return subject(keras.optimizers.Adam, variable, tensor)
    return subject(keras.optimizers.Adam, variable, keras.ops.convert_to_tensor, sparse=False)


def __getattr__(name: str) -> Any:
    """``on_tensorflow``, ``on_torch``, ``on_jax``: the backend is imported when its subject is asked for."""
    if name.removeprefix("on_") in ("tensorflow", "torch", "jax"):
        return _on(name.removeprefix("on_"))
    raise AttributeError(f"keras3_adam has no {name!r}; it has on_tensorflow, on_torch and on_jax")
