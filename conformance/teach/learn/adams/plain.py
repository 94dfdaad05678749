"""Adam, as Algorithm 1 of the paper has it."""

import numpy as np


class PlainAdam:
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
        for i, g in enumerate(grads):
            m = self.beta1 * self.m[i] + (1 - self.beta1) * g  # E1
            v = self.beta2 * self.v[i] + (1 - self.beta2) * g * g  # E2
            m_hat = m / (1 - self.beta1**self.t)  # E3
            v_hat = v / (1 - self.beta2**self.t)  # E4
            root = np.sqrt(v_hat) + self.epsilon
            self.params[i] = self.params[i] - self.learning_rate * m_hat / root  # E5
            self.m[i] = m
            self.v[i] = v
        return self.params

    def slots(self):
        return {"m": self.m, "v": self.v}
