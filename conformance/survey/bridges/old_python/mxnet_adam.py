"""mxnet.optimizer.Adam, for program.py."""

import mxnet as mx


class Adam:
    library = "mxnet"
    version = mx.__version__
    dtypes = ["float32"]
    supports = ["none", "weight_decay"]

    def __init__(self, params, weight_decay=0.0, **numbers):
        if not all(param.size for param in params):
            raise NotImplementedError("a parameter without elements: its arrays have some")
        self.optimizer = mx.optimizer.Adam(wd=weight_decay, **numbers)
        # Its arrays have no rank 0.
        self.shapes = [param.shape for param in params]
        self.params = [self.array(param) for param in params]
        pairs = enumerate(self.params)
        self.states = [self.optimizer.create_state(at, param) for at, param in pairs]

    def array(self, array):
        return mx.nd.array(array.reshape(array.shape or (1,)), dtype=array.dtype)

    def numbers(self, arrays):
        return [array.asnumpy().reshape(shape) for array, shape in zip(arrays, self.shapes)]

    def step(self, grads):
        for at, grad in enumerate(grads):
            if grad is not None:
                self.optimizer.update(at, self.params[at], self.array(grad), self.states[at])
        return self.numbers(self.params)

    def slots(self):
        means, variances = zip(*self.states)
        return {"m": self.numbers(means), "v": self.numbers(variances)}


class Adam64(Adam):
    dtypes = ["float64"]
