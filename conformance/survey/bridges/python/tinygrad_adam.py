"""tinygrad.nn.optim.Adam and AdamW, compiled for the processor by clang."""

import numpy as np
from tinygrad import Context, Tensor
from tinygrad.nn.optim import Adam, AdamW

from conformance import Unsupported


class Optimizer:
    # Its moments are float32 for every parameter.
    dtypes = frozenset({"float32"})

    def __init__(self, kind, params, learning_rate, beta1, beta2, epsilon, **options):
        # Its learning rate has rank 1, so that a parameter of rank 0 would get another shape.
        self.shapes = [param.shape for param in params]
        self.params = [self.tensor(param).is_param_(True) for param in params]
        self.optimizer = kind(self.params, learning_rate, beta1, beta2, epsilon, **options)

    def tensor(self, array):
        return Tensor(np.atleast_1d(np.ascontiguousarray(array)), device="CPU")

    def arrays(self, tensors):
        pairs = zip(tensors, self.shapes, strict=True)
        return [tensor.numpy().copy().reshape(shape) for tensor, shape in pairs]

    def step(self, grads):
        for param, grad in zip(self.params, grads, strict=True):
            param.grad = self.tensor(grad)
        with Context(TRAINING=1):
            self.optimizer.step()
        return self.arrays(self.params)

    def slots(self):
        return {"m": self.arrays(self.optimizer.m), "v": self.arrays(self.optimizer.v)}


def adam(params, *numbers):
    return Optimizer(Adam, params, *numbers)


def adamw(params, *numbers, weight_decay=0.0):
    if weight_decay < 0:
        raise Unsupported("a weight decay below 0: it refuses it")
    return Optimizer(AdamW, params, *numbers, weight_decay=weight_decay)


adam.dtypes = adamw.dtypes = Optimizer.dtypes
