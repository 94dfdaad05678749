"""AdamW, as torch.optim.AdamW has it: Adam whose weights also decay."""

import numpy as np


class DecayAdam:
    # Whose Adam it must be.
    convention = "torch-adamw"

    def __init__(self, params, learning_rate, beta1, beta2, epsilon, weight_decay=0.0):
        self.params = params
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weight_decay = weight_decay
        self.t = 0
        self.m = [np.zeros_like(param) for param in params]
        self.v = [np.zeros_like(param) for param in params]

    def step(self, grads):
        self.t += 1
        for i, g in enumerate(grads):
            param = self.params[i] * (1 - self.learning_rate * self.weight_decay)
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g  # E1
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g * g  # E2
            m_hat = self.m[i] / (1 - self.beta1**self.t)  # E3
            v_hat = self.v[i] / (1 - self.beta2**self.t)  # E4
            root = np.sqrt(v_hat) + self.epsilon
            self.params[i] = param - self.learning_rate * m_hat / root  # E5
        return self.params

    def slots(self):
        return {"m": self.m, "v": self.v}
