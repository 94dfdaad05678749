"""TensorFlow 1's tf.train.AdamOptimizer, as it lives on in tf.compat.v1, run eagerly."""

from typing import Any

import tensorflow as tf

from ..vectors.slices import IndexedSlices


def tensor(grad: Any) -> Any:
    """A gradient of TensorFlow's."""
    if isinstance(grad, IndexedSlices):
        return tf.IndexedSlices(
            tf.constant(grad.values), tf.constant(grad.indices), tf.constant(grad.dense_shape)
        )
    return None if grad is None else tf.constant(grad)


def applied(optimizer: Any, variables: list[Any], grads: Any) -> list[Any]:
    """One step of any optimizer of TensorFlow's or Keras'; what the variables hold after it."""
    optimizer.apply_gradients(zip(map(tensor, grads), variables, strict=True))
    return [variable.numpy() for variable in variables]


class Saved:
    """How an optimizer of TensorFlow's that has ``variables()`` is saved and restored."""

    variables: list[Any]
    optimizer: Any
    step: Any

    def save(self) -> Any:
        return [variable.numpy() for variable in self._all()]

    def restore(self, saved: Any) -> None:
        self.step([0 * variable for variable in self.variables])  # makes the slots
        for variable, array in zip(self._all(), saved, strict=True):
            variable.assign(array)

    def _all(self) -> list[Any]:
        return [*self.variables, *self.optimizer.variables()]


class _Adam(Saved):
    def __init__(
        self, params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float
    ) -> None:
        self.variables = [tf.Variable(param) for param in params]
        self.rate, self.betas = learning_rate, (beta1, beta2)
        self.optimizer = tf.compat.v1.train.AdamOptimizer(lambda: self.rate, beta1, beta2, epsilon)

    def step(self, grads: Any, learning_rate: float | None = None) -> list[Any]:
        self.rate = self.rate if learning_rate is None else learning_rate
        return applied(self.optimizer, self.variables, grads)

    def slots(self) -> dict[str, list[Any]]:
        return {
            name: [self.optimizer.get_slot(v, name) for v in self.variables] for name in ("m", "v")
        }

    def load(self, params: Any, slots: Any, t: Any) -> None:
        self.step([0 * param for param in params])  # makes the slots
        for at, variable in enumerate(self.variables):
            variable.assign(params[at])
            for name, arrays in slots.items():
                self.optimizer.get_slot(variable, name).assign(arrays[at])
        powers = {v.name.partition(":")[0]: v for v in self.optimizer.variables()}
        for name, beta in zip(("beta1_power", "beta2_power"), self.betas, strict=True):
            powers[name].assign(beta ** (t[0] + 1))


def make(params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float) -> _Adam:
    return _Adam(params, learning_rate, beta1, beta2, epsilon)


make.supports = {"none", "sparse", "float16"}  # type: ignore[attr-defined]
