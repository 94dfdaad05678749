"""tf.keras.optimizers.Adam of TensorFlow 2.0 to 2.10, as it lives on in tf_keras.optimizers.legacy."""

from typing import Any

import tensorflow as tf
import tf_keras

from .tf1_adam import Saved, applied

tf.get_logger().setLevel(
    "ERROR"
)  # it warns at each missing gradient, which is what the vectors are about


class _Adam(Saved):
    def __init__(self, params: Any, *numbers: float, **switches: Any) -> None:
        self.variables = [tf.Variable(param) for param in params]
        self.names = ("m", "v", "vhat") if switches.get("amsgrad") else ("m", "v")
        self.optimizer = tf_keras.optimizers.legacy.Adam(*numbers, **switches)

    def step(self, grads: Any, learning_rate: float | None = None) -> list[Any]:
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        return applied(self.optimizer, self.variables, grads)

    def slots(self) -> dict[str, list[Any]]:
        names = {"m": "m", "v": "v", "v_max": "vhat"}
        return {
            slot: [self._slot(variable, name) for variable in self.variables]
            for slot, name in names.items()
            if name in self.names
        }

    def _slot(self, variable: Any, name: str) -> Any:
        try:
            return self.optimizer.get_slot(variable, name)
        except KeyError:  # no gradient yet
            return None

    def load(self, params: Any, slots: Any, t: Any) -> None:
        self.step([0 * param for param in params])  # makes the slots
        for name, arrays in zip(self.names, slots.values(), strict=True):
            for variable, array in zip(self.variables, arrays, strict=True):
                self.optimizer.get_slot(variable, name).assign(array)
        for variable, param in zip(self.variables, params, strict=True):
            variable.assign(param)
        self.optimizer.iterations.assign(t[0])


def make(
    params: Any,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    amsgrad: bool = False,
    clipvalue: float | None = None,
    clipnorm: float | None = None,
    global_clipnorm: float | None = None,
) -> _Adam:
    limits = {"clipvalue": clipvalue, "clipnorm": clipnorm, "global_clipnorm": global_clipnorm}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return _Adam(params, learning_rate, beta1, beta2, epsilon, amsgrad=amsgrad, **given)


make.supports = {"none", "sparse", "float16"}  # type: ignore[attr-defined]
