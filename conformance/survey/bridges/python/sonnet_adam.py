"""sonnet.optimizers.Adam of dm-sonnet, on TensorFlow 2."""

import sonnet as snt
import tensorflow as tf

from conformance import IndexedSlices


class Adam:
    supports = frozenset({"none", "sparse"})
    dtypes = frozenset({"float32"})

    def __init__(self, params, *numbers):
        self.params = [tf.Variable(param) for param in params]
        self.optimizer = snt.optimizers.Adam(*numbers)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        self.optimizer.apply(list(map(self.tensor, grads)), self.params)
        return [param.numpy() for param in self.params]

    def tensor(self, grad):
        if isinstance(grad, IndexedSlices):
            return tf.IndexedSlices(grad.values, grad.indices, grad.dense_shape)
        return None if grad is None else tf.constant(grad)

    def slots(self):
        kept = {"m": self.optimizer.m, "v": self.optimizer.v}
        return {slot: [each.numpy() for each in variables] for slot, variables in kept.items()}


class Adam64(Adam):
    dtypes = frozenset({"float64"})
