"""The Adam under test. Put your own behind these three methods, and keep everything else."""

import numpy as np


class MyAdam:
    # Optional; it is judged by what it has, and the report says what could not be asked:
    # convention = "torch-adamw"       whose Adam it shall be; the default is paper
    # dtypes = {"float32"}             the other dtypes are not asked
    # supports = {"none", "sparse"}    it takes None and IndexedSlices as gradients
    # refuses = {"shape"}              a gradient of another shape must raise and change nothing
    # In __init__, after epsilon: weight_decay=0.0, amsgrad=False, maximize=False, clipnorm=None ...
    # def step(self, grads, learning_rate=None): a schedule sets the rate of some calls
    # def step(self, grads, scale=None), with supports = {"loss_scale"}: grads are multiplied by it
    # def load(self, params, slots, t): it starts from a state; t is a list, a count a parameter
    # def save(self) and def restore(self, saved): another object goes on from there

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        # Yours, for instance:
        # self.adam = YourAdam(params, lr=learning_rate, betas=(beta1, beta2), eps=epsilon)
        # If yours has a weight decay by default, give it 0, or take weight_decay=0.0 here.
        self.params = params
        self.learning_rate = learning_rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.t = 0
        self.m = [np.zeros_like(param) for param in params]
        self.v = [np.zeros_like(param) for param in params]

    def step(self, grads):
        # Yours: self.adam.step(grads). Return the new parameters: a list with one array for each,
        # in the shape and dtype of the old one.
        self.t += 1
        # t counts steps and not parameters, so that all parameters have the same correction.
        bias1 = 1 - self.beta1**self.t
        bias2 = 1 - self.beta2**self.t
        for i, g in enumerate(grads):
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g * g
            m_hat = self.m[i] / bias1
            v_hat = self.v[i] / bias2
            change = self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
            self.params[i] = self.params[i] - change
        return self.params

    def slots(self):
        # Optional: the moments. With them, a mistake is found in the equation where it is made.
        return {"m": self.m, "v": self.v}
