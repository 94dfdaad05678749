"""The AdamOptimizer behind scikit-learn's MLPClassifier and MLPRegressor."""

from copy import deepcopy
from typing import Any

from sklearn.neural_network._stochastic_optimizers import AdamOptimizer


class _Adam:
    def __init__(self, params: Any, *numbers: float) -> None:
        self.params, self.optimizer = params, AdamOptimizer(params, *numbers)

    def step(self, grads: Any, learning_rate: float | None = None) -> list[Any]:
        if learning_rate is not None:
            self.optimizer.learning_rate_init = learning_rate
        self.optimizer.update_params(self.params, grads)
        return self.params

    def slots(self) -> dict[str, list[Any]]:
        return {"m": self.optimizer.ms, "v": self.optimizer.vs}

    def load(self, params: Any, slots: Any, t: Any) -> None:
        self.params, self.optimizer.t = params, t[0]
        self.optimizer.ms, self.optimizer.vs = slots["m"], slots["v"]

    def save(self) -> Any:
        return deepcopy(
            (self.params, {"m": self.optimizer.ms, "v": self.optimizer.vs}, [self.optimizer.t])
        )

    def restore(self, saved: Any) -> None:
        self.load(*saved)


def make(params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float) -> _Adam:
    return _Adam(params, learning_rate, beta1, beta2, epsilon)


make.supports = {"float16"}  # type: ignore[attr-defined]
