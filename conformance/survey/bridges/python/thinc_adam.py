"""thinc.optimizers.Adam on its NumPy backend, without clipping and averages of weights."""

import numpy as np
from thinc.api import Adam as optimizer_of

from conformance import Unsupported


class Adam:
    dtypes = frozenset({"float32"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon, weight_decay=0.0):
        if not (beta1 and beta2):
            raise Unsupported("a beta of 0: without beta2 it is SGD, without beta1 it raises")
        # It takes the length of an array, which one of rank 0 does not have.
        self.shapes = [param.shape for param in params]
        self.params = [param.reshape(-1) for param in params]
        numbers = {"beta1": beta1, "beta2": beta2, "eps": epsilon, "L2": weight_decay}
        self.optimizer = optimizer_of(learning_rate, grad_clip=0.0, use_averages=False, **numbers)

    def step(self, grads):
        for at, (param, grad) in enumerate(zip(self.params, grads, strict=True)):
            self.params[at], _ = self.optimizer((at, "w"), param, np.array(grad).reshape(-1))
        return self.shaped(self.params)

    def shaped(self, arrays):
        pairs = zip(arrays, self.shapes, strict=True)
        return [np.reshape(array, shape) for array, shape in pairs]

    def slots(self):
        keys = [(at, "w") for at in range(len(self.params))]
        shown = {}
        for slot, kept in (("m", self.optimizer.mom1), ("v", self.optimizer.mom2)):
            arrays = [
                kept.get(key, 0 * param) for key, param in zip(keys, self.params, strict=True)
            ]
            shown[slot] = self.shaped(arrays)
        return shown
