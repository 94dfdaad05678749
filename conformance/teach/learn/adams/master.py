"""Adam for bfloat16 parameters, which keeps a float32 weight of each: the master."""

import numpy as np


class MasterAdam:
    dtypes = frozenset({"bfloat16"})
    # What it keeps between steps, besides moments in float32.
    storage = {"bfloat16": "weights=master"}  # noqa: RUF012

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params = params
        self.weights = [param.astype(np.float32) for param in params]
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.t = 0
        self.m = [np.zeros_like(weight) for weight in self.weights]
        self.v = [np.zeros_like(weight) for weight in self.weights]

    def step(self, grads):
        self.t += 1
        for i, grad in enumerate(grads):
            weight = self.weights[i]
            g = grad.astype(np.float32)
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g  # E1
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g * g  # E2
            m_hat = self.m[i] / (1 - self.beta1**self.t)  # E3
            v_hat = self.v[i] / (1 - self.beta2**self.t)  # E4
            root = np.sqrt(v_hat) + self.epsilon
            weight = weight - self.learning_rate * m_hat / root  # E5
            self.weights[i] = weight
            self.params[i] = weight.astype(self.params[i].dtype)
        return self.params

    def slots(self):
        return {"m": self.m, "v": self.v}
