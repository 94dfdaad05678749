"""autograd.misc.optimizers.adam, which runs all its steps in one call: each step here runs them all again."""

from typing import Any

import numpy as np
from autograd.misc.optimizers import adam

from ..subject.subject import Unsupported


def make(params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float) -> Any:
    if any(param.dtype != np.float64 for param in params):
        raise Unsupported("its moments are float64, and so are the parameters it returns")
    seen: list[Any] = []

    def step(grads: Any) -> list[Any]:
        seen.append(grads)
        result = adam(
            lambda x, i: seen[i],
            params,
            num_iters=len(seen),
            step_size=learning_rate,
            b1=beta1,
            b2=beta2,
            eps=epsilon,
        )
        return list(result)

    return step
