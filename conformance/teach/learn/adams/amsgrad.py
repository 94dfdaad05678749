"""Adam with AMSGrad, which divides by the largest v so far."""

import numpy as np


class LargestAdam:
    def __init__(self, params, learning_rate, beta1, beta2, epsilon, amsgrad=False):
        self.params = params
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.t = 0
        self.m = [np.zeros_like(param) for param in params]
        self.v = [np.zeros_like(param) for param in params]
        self.v_max = [np.zeros_like(param) for param in params]

    def step(self, grads):
        self.t += 1
        for i, g in enumerate(grads):
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g  # E1
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g * g  # E2
            v = self.v[i]
            if self.amsgrad:
                self.v_max[i] = np.maximum(self.v_max[i], v)
                v = self.v_max[i]
            m_hat = self.m[i] / (1 - self.beta1**self.t)  # E3
            v_hat = v / (1 - self.beta2**self.t)  # E4
            root = np.sqrt(v_hat) + self.epsilon
            self.params[i] = self.params[i] - self.learning_rate * m_hat / root  # E5
        return self.params

    def slots(self):
        moments = {"m": self.m, "v": self.v}
        if self.amsgrad:
            moments["v_max"] = self.v_max
        return moments
