"""numpy_ml.neural_nets.optimizers.Adam, for program.py; it keeps a state for each name."""

from numpy_ml.neural_nets.optimizers import Adam as Optimizer


class Adam:
    library = "numpy-ml"
    version = "0.1.2"
    dtypes = ["float32", "float64"]
    supports = []

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        if not all(param.shape for param in params):
            raise NotImplementedError("a parameter of rank 0: its parameters are matrices")
        self.params = params
        self.optimizer = Optimizer(learning_rate, beta1, beta2, epsilon)

    def step(self, grads):
        named = enumerate(zip(self.params, grads))
        self.params = [self.optimizer.update(param, grad, name) for name, (param, grad) in named]
        return self.params

    def slots(self):
        kept = [self.optimizer.cache[name] for name in range(len(self.params))]
        return {"m": [each["mean"] for each in kept], "v": [each["var"] for each in kept]}
