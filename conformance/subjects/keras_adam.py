"""Keras after 2.11: tf_keras.optimizers.Adam and, on TensorFlow, keras.optimizers.Adam of Keras 3."""

import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import tensorflow as tf
import tf_keras

from .tf1_adam import applied

tf.get_logger().setLevel("ERROR")  # it warns at each missing gradient, which is what the vectors are about


class _Adam:
    def __init__(self, optimizer: Any, variables: list[Any]) -> None:
        self.optimizer, self.variables = optimizer, variables
        optimizer.build(variables)
        names = {"m": "_momentums", "v": "_velocities", "v_max": "_velocity_hats"}
        self.names = {slot: name for slot, name in names.items() if slot != "v_max" or optimizer.amsgrad}

    def step(self, grads: Any, learning_rate: float | None = None) -> list[Any]:
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        return applied(self.optimizer, self.variables, grads)

    def slots(self) -> dict[str, list[Any]]:
        return {slot: [v.numpy() for v in getattr(self.optimizer, name)] for slot, name in self.names.items()}

    def load(self, params: Any, slots: Any, t: Any) -> None:
        targets = [self.variables, *(getattr(self.optimizer, name) for name in self.names.values())]
        for variables, arrays in zip(targets, (params, *slots.values()), strict=True):
            for variable, array in zip(variables, arrays, strict=True):
                variable.assign(array)
        # Keras 3 hides the counter behind a property that cannot be assigned.
        getattr(self.optimizer, "_iterations", self.optimizer.iterations).assign(t[0])


def _subject(kind: Any, variable: Any, **rest: Any) -> Any:
    def make(
        params: Any,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipvalue: float | None = None,
        clipnorm: float | None = None,
        global_clipnorm: float | None = None,
    ) -> _Adam:
        limits = {"clipvalue": clipvalue, "clipnorm": clipnorm, "global_clipnorm": global_clipnorm}
        numbers = (learning_rate, beta1, beta2, epsilon)
        optimizer = kind(*numbers, amsgrad=amsgrad, weight_decay=weight_decay, **limits, **rest)
        return _Adam(optimizer, [variable(param) for param in params])

    make.supports = {"none", "float16"}  # type: ignore[attr-defined]
    return make


tf_keras_make = _subject(tf_keras.optimizers.Adam, tf.Variable, jit_compile=False)
keras3_make = _subject(keras.optimizers.Adam, lambda param: keras.Variable(param, dtype=param.dtype.name))
