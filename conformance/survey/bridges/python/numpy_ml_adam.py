"""numpy_ml.neural_nets.optimizers.Adam, which keeps a state for each name of a parameter."""

from numpy_ml.neural_nets.optimizers import Adam as Optimizer


class Adam:
    def __init__(self, params, *numbers):
        self.params = params
        self.optimizer = Optimizer(*numbers)

    def step(self, grads):
        named = enumerate(zip(self.params, grads, strict=True))
        self.params = [self.optimizer.update(param, grad, name) for name, (param, grad) in named]
        return self.params

    def slots(self):
        kept = [self.optimizer.cache[name] for name in range(len(self.params))]
        return {"m": [each["mean"] for each in kept], "v": [each["var"] for each in kept]}
