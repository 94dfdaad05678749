"""torchopt.Adam and AdamW, by torch's interface, with Python operations."""

from torch_kind import Hidden
from torchopt import Adam, AdamW


class Optimizer(Hidden):
    # A learning rate is a constant of its chain of transformations.
    def step(self, grads):
        return super().step(grads)


def adam64(params, *numbers, weight_decay=0.0, maximize=False):
    return adam(params, *numbers, weight_decay=weight_decay, maximize=maximize)


def adam(params, *numbers, weight_decay=0.0, maximize=False):
    return Optimizer(Adam, params, *numbers, weight_decay=weight_decay, maximize=maximize)


def adamw(params, *numbers, weight_decay=0.0, maximize=False):
    return Optimizer(AdamW, params, *numbers, weight_decay=weight_decay, maximize=maximize)


adam.dtypes = adamw.dtypes = {"float32"}
adam64.dtypes = {"float64"}
adam.supports = adam64.supports = adamw.supports = {"none"}
