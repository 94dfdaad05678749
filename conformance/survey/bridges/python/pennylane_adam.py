"""pennylane.AdamOptimizer, whose parameters are PennyLane's own arrays."""

import numpy as np
import pennylane as qml


class Adam:
    # Its corrected learning rate is a NumPy scalar, which makes float64 of everything.
    dtypes = frozenset({"float64"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params = [qml.numpy.array(param, requires_grad=True) for param in params]
        self.optimizer = qml.AdamOptimizer(learning_rate, beta1, beta2, epsilon)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.optimizer.stepsize = learning_rate
        self.params = self.optimizer.apply_grad(grads, self.params)
        return list(map(np.asarray, self.params))

    def slots(self):
        return {"m": self.optimizer.fm, "v": self.optimizer.sm}
