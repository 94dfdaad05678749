"""The AdamOptimizer behind scikit-learn's MLPClassifier and MLPRegressor."""

from copy import deepcopy

from sklearn.neural_network._stochastic_optimizers import AdamOptimizer


class _SklearnAdam:
    """The optimizer, and the parameters that it changes in place."""

    def __init__(self, params, *numbers):
        self.params = params
        self.optimizer = AdamOptimizer(params, *numbers)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            # learning_rate is its own attribute: the corrected rate of the last step.
            self.optimizer.learning_rate_init = learning_rate
        self.optimizer.update_params(self.params, grads)
        return self.params

    def slots(self):
        return {"m": self.optimizer.ms, "v": self.optimizer.vs}

    def load(self, params, slots, t):
        self.params = params
        self.optimizer.ms = slots["m"]
        self.optimizer.vs = slots["v"]
        # One counter for all parameters.
        self.optimizer.t = t[0]

    def save(self):
        # scikit-learn pickles the whole object, its numbers included.
        return deepcopy((self.params, self.optimizer))

    def restore(self, saved):
        self.params, self.optimizer = deepcopy(saved)


def make(params, *numbers):
    return _SklearnAdam(params, *numbers)


make.supports = {"float16", "readonly", "mixed_dtypes"}
