"""A project of a user: an Adam, a test that judges it, and a run of pytest."""

import pytest

ADAM = """
import numpy as np

class Right:
    supports = {"none"}

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params, self.numbers, self.t = params, (learning_rate, beta1, beta2, epsilon), 0
        self.m, self.v = [0 * p for p in params], [0 * p for p in params]

    def step(self, grads):
        learning_rate, beta1, beta2, epsilon = self.numbers
        self.t += 1
        for i, g in enumerate(grads):
            if g is None:
                continue
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g * g
            m_hat, v_hat = self.m[i] / (1 - beta1**self.t), self.v[i] / (1 - beta2**self.t)
            self.params[i] = self.params[i] - learning_rate * m_hat / self.root(v_hat, epsilon)
        return self.params

    def root(self, v_hat, epsilon):
        return np.sqrt(v_hat) + epsilon

class Inside(Right):
    def root(self, v_hat, epsilon):
        return np.sqrt(v_hat + epsilon)

class Raises(Right):
    def root(self, v_hat, epsilon):
        raise KeyError("exp_avg")

class Noisy(Right):
    def root(self, v_hat, epsilon):
        np.ones(1) / np.zeros(1)
        return super().root(v_hat, epsilon)

class Once(Right):
    runs = 0

    def root(self, v_hat, epsilon):
        Once.runs += 1
        return v_hat if Once.runs == 1 else super().root(v_hat, epsilon)
"""
TEST = """
import my_adam
from conformance import parametrize

@parametrize({arguments})
def test_adam(case):
    case.check()
"""


@pytest.fixture
def project(pytester):
    """A folder of a user's, and a run of pytest in it."""
    pytester.makepyfile(my_adam=ADAM)

    def run(arguments, *options, test=TEST):
        pytester.makepyfile(test_adam=test.replace("{arguments}", arguments))
        return pytester.runpytest_subprocess("-p", "no:hypothesispytest", *options)

    return run


def outcomes(done):
    """Return how many tests ended in each way, without counts that grow with the vectors."""
    return {
        word: count
        for word, count in done.parseoutcomes().items()
        if word not in ("deselected", "warnings")
    }
