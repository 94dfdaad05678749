"""neuralnetlib.optimizers.Adam: each parameter is the weights of a layer without a bias."""

from neuralnetlib.optimizers import Adam as Optimizer


class Adam:
    def __init__(self, params, *numbers):
        self.params = params
        self.optimizer = Optimizer(*numbers)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        for layer, (param, grad) in enumerate(zip(self.params, grads, strict=True)):
            self.optimizer.update(layer, param, grad)
        return self.params

    def slots(self):
        layers = range(len(self.params))
        shown = {"m": [self.optimizer.m_w[layer] for layer in layers]}
        return {**shown, "v": [self.optimizer.v_w[layer] for layer in layers]}
