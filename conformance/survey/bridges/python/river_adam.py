"""river.optim.Adam and AMSGrad: steps of arrays, and of dicts with a number for each key."""

import numpy as np
from river import optim

from conformance import IndexedSlices


class Arrays:
    """Each parameter with an optimizer of its own, because river's has one array of weights."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params = params
        self.optimizers = [optim.Adam(learning_rate, beta1, beta2, epsilon) for _ in params]

    def step(self, grads):
        steps = zip(self.optimizers, self.params, grads, strict=True)
        self.params = [np.asarray(optimizer.step(param, grad)) for optimizer, param, grad in steps]
        return self.params

    def slots(self):
        shown = {"m": [each.m for each in self.optimizers]}
        return {**shown, "v": [each.v for each in self.optimizers]}


class Keys:
    """All parameters in one dict; a key that a step does not name stays as it is."""

    supports = frozenset({"none", "sparse"})
    dtypes = frozenset({"float64"})

    def __init__(self, params, *numbers, amsgrad=False):
        self.shapes = [param.shape for param in params]
        self.weights = {}
        for number, param in enumerate(params):
            self.weights.update({(number, *at): float(param[at]) for at in np.ndindex(param.shape)})
        self.optimizer = (optim.AMSGrad if amsgrad else optim.Adam)(*numbers)

    def step(self, grads):
        gradient = {}
        for number, grad in enumerate(grads):
            if isinstance(grad, IndexedSlices):
                for row, values in zip(grad.indices, grad.values, strict=True):
                    for at in np.ndindex(values.shape):
                        key = (number, int(row), *at)
                        gradient[key] = gradient.get(key, 0.0) + float(values[at])
            elif grad is not None:
                for at in np.ndindex(grad.shape):
                    gradient[(number, *at)] = float(grad[at])
        self.optimizer.step(self.weights, gradient)
        return self.arrays(self.weights)

    def arrays(self, values):
        made = [np.zeros(shape) for shape in self.shapes]
        for (number, *at), value in values.items():
            made[number][tuple(at)] = value
        return made

    def slots(self):
        kept = {"m": self.optimizer.m, "v": self.optimizer.v}
        if hasattr(self.optimizer, "v_hat"):
            kept["v_max"] = self.optimizer.v_hat
        return {slot: self.arrays(values or {}) for slot, values in kept.items()}
