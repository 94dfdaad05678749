"""paddle.optimizer.Adam and AdamW: dense gradients, and SelectedRows with lazy_mode and without."""

import numpy as np
import paddle

from conformance import IndexedSlices, Unsupported

_SLOTS = {"m": "moment1", "v": "moment2", "v_max": "moment2_max"}


class Optimizer:
    def __init__(self, kind, params, learning_rate, beta1, beta2, epsilon, **options):
        self.params = [self.parameter(param) for param in params]
        self.shapes = [param.shape for param in params]
        numbers = (learning_rate, beta1, beta2, epsilon)
        self.optimizer = kind(*numbers, parameters=self.params, **options)
        self.has_max = options.get("amsgrad", False)

    def parameter(self, array):
        return paddle.to_tensor(array, stop_gradient=False, place=paddle.CPUPlace())

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.set_lr(learning_rate)
        for param, grad in zip(self.params, grads, strict=True):
            self.give(param, grad)
        self.optimizer.step()
        self.optimizer.clear_grad(set_to_zero=False)
        return self.arrays(self.params)

    def give(self, param, grad):
        param.grad = None if grad is None else paddle.to_tensor(np.array(grad))

    def arrays(self, tensors):
        pairs = zip(tensors, self.shapes, strict=True)
        return [tensor.numpy().copy().reshape(shape) for tensor, shape in pairs]

    def slots(self):
        shown = {}
        for slot, name in _SLOTS.items():
            kept = self.optimizer._accumulators.get(name, {})
            if slot != "v_max" or self.has_max:
                arrays = [kept.get(param.name) for param in self.params]
                pairs = zip(arrays, self.shapes, strict=True)
                shown[slot] = [None if a is None else a.numpy().reshape(s) for a, s in pairs]
        return shown


class Rows(Optimizer):
    """The gradient of an embedding, which is the only way to SelectedRows."""

    def parameter(self, array):
        if not array.size or not array.ndim:
            raise Unsupported("a parameter without elements, or of rank 0: an embedding has rows")
        return super().parameter(array.reshape(len(array), -1))

    def give(self, param, grad):
        if not isinstance(grad, IndexedSlices):
            raise Unsupported("a gradient that is not sparse: that is another row of the survey")
        if not len(grad.indices):
            raise Unsupported("a sparse gradient without rows: an embedding of nothing has none")
        indices = paddle.to_tensor(grad.indices)
        rows = paddle.nn.functional.embedding(indices, param, sparse=True)
        values = grad.values.reshape(len(grad.indices), -1)
        (rows * paddle.to_tensor(values)).sum().backward()


def dense(params, *numbers, weight_decay=0.0, amsgrad=False):
    options = {"weight_decay": weight_decay or None, "amsgrad": amsgrad}
    return Optimizer(paddle.optimizer.Adam, params, *numbers, **options)


def adamw(params, *numbers, weight_decay=0.0, amsgrad=False):
    options = {"weight_decay": weight_decay, "amsgrad": amsgrad}
    return Optimizer(paddle.optimizer.AdamW, params, *numbers, **options)


def rows(params, *numbers, amsgrad=False):
    return Rows(paddle.optimizer.Adam, params, *numbers, amsgrad=amsgrad)


def lazy_rows(params, *numbers, amsgrad=False):
    return Rows(paddle.optimizer.Adam, params, *numbers, amsgrad=amsgrad, lazy_mode=True)


dense.supports = adamw.supports = {"none"}
rows.supports = lazy_rows.supports = {"sparse"}
