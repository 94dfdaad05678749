"""Adam for tables, whose gradients may name only some of the rows."""

import numpy as np


class RowsAdam:
    # A gradient may have `values`, one slice a row, and `indices`, the row of each slice.
    supports = frozenset({"sparse"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params = params
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.t = 0
        self.m = [np.zeros_like(param) for param in params]
        self.v = [np.zeros_like(param) for param in params]

    def step(self, grads):
        self.t += 1
        for i, grad in enumerate(grads):
            g = self.dense(grad, self.params[i])
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g  # E1
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g * g  # E2
            m_hat = self.m[i] / (1 - self.beta1**self.t)  # E3
            v_hat = self.v[i] / (1 - self.beta2**self.t)  # E4
            root = np.sqrt(v_hat) + self.epsilon
            self.params[i] = self.params[i] - self.learning_rate * m_hat / root  # E5
        return self.params

    def dense(self, grad, param):
        # All rows: those without a slice have a gradient of 0.
        if isinstance(grad, np.ndarray):
            return grad
        whole = np.zeros_like(param)
        np.add.at(whole, grad.indices, grad.values)
        return whole

    def slots(self):
        return {"m": self.m, "v": self.v}
