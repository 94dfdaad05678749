"""Right Adams, and wrong Adams named by their mistake, in a style of their own.

They share no code with the reference, the oracle or the wrong Adams of the suite.
"""

import math

import numpy as np


class Running:
    """Algorithm 1 with running products of the betas and dicts for state, in float64.

    Subclasses override a method to make a mistake.
    """

    supports = frozenset({"none"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.weights = dict(enumerate(params))
        self.avg = {k: np.zeros(w.shape) for k, w in self.weights.items()}
        self.sq = {k: np.zeros(w.shape) for k, w in self.weights.items()}
        self.rate = learning_rate
        self.b1 = beta1
        self.b2 = beta2
        self.eps = epsilon
        self.prod1 = self.prod2 = 1.0

    def tick(self):
        self.prod1 *= self.b1
        self.prod2 *= self.b2

    def move(self, key, grad):
        self.avg[key] += (1 - self.b1) * (grad - self.avg[key])
        self.sq[key] = self.b2 * self.sq[key] + (1 - self.b2) * grad**2
        top = self.avg[key] / (1 - self.prod1)
        return self.rate * top / (np.sqrt(self.sq[key] / (1 - self.prod2)) + self.eps)

    def step(self, grads):
        self.tick()
        for key, grad in enumerate(grads):
            if grad is not None:
                wide = self.weights[key].astype(np.float64) - self.move(
                    key, grad.astype(np.float64)
                )
                self.weights[key] = wide.astype(grad.dtype)
        return [self.weights[key] for key in sorted(self.weights)]


def folded_adam(params, learning_rate, beta1, beta2, epsilon):
    """Algorithm 1 as a closure over flat lists, with the corrections folded into two scalars."""
    state = [[p, np.zeros_like(p), np.zeros_like(p)] for p in params]
    count = 0

    def step(grads):
        nonlocal count
        count += 1
        root = math.sqrt(1 - beta2**count)
        size = learning_rate * root / (1 - beta1**count)
        for cell, g in zip(state, grads, strict=True):
            cell[1] = g * (1 - beta1) + cell[1] * beta1
            cell[2] = g * g * (1 - beta2) + cell[2] * beta2
            cell[0] = cell[0] - size * cell[1] / (np.sqrt(cell[2]) + epsilon * root)
        return [cell[0] for cell in state]

    return step


RIGHT = (Running, folded_adam)


class TicksInTheLoop(Running):
    """t-per-parameter"""

    def step(self, grads):
        for key, grad in enumerate(grads):
            self.tick()
            if grad is not None:
                wide = self.weights[key].astype(np.float64) - self.move(
                    key, grad.astype(np.float64)
                )
                self.weights[key] = wide.astype(grad.dtype)
        return list(self.weights.values())


class ForgetsPower(Running):
    """bias-no-power"""

    def tick(self):
        self.prod1 = self.b1
        self.prod2 = self.b2


class Climbs(Running):
    """update-sign"""

    def move(self, key, grad):
        return -super().move(key, grad)


class StoresCorrected(Running):
    """bias-inplace"""

    def move(self, key, grad):
        change = super().move(key, grad)
        self.avg[key] = self.avg[key] / (1 - self.prod1)
        self.sq[key] = self.sq[key] / (1 - self.prod2)
        return change


class NoneIsZero(Running):
    """none-as-zero"""

    def step(self, grads):
        zeros = [np.zeros_like(weights) for weights in self.weights.values()]
        pairs = zip(zeros, grads, strict=True)
        return super().step([self.without_none(zero, grad) for zero, grad in pairs])

    def without_none(self, zero, grad):
        return zero if grad is None else grad


class EpsilonUnderRoot(Running):
    """epsilon = inside"""

    def move(self, key, grad):
        super().move(key, grad)
        return (
            self.rate
            * self.avg[key]
            / (1 - self.prod1)
            / np.sqrt(self.sq[key] / (1 - self.prod2) + self.eps)
        )


class Absolute(Running):
    """v-uses-abs"""

    def move(self, key, grad):
        before = self.sq[key].copy()
        super().move(key, grad)
        self.sq[key] = self.b2 * before + (1 - self.b2) * np.abs(grad)
        return (
            self.rate
            * self.avg[key]
            / (1 - self.prod1)
            / (np.sqrt(self.sq[key] / (1 - self.prod2)) + self.eps)
        )


class OneAhead(Running):
    """t-plus-one"""

    def __init__(self, *given):
        super().__init__(*given)
        self.tick()


class Amnesia(Running):
    """moments-never-stored"""

    def move(self, key, grad):
        change = super().move(key, grad)
        self.avg[key] = 0 * self.avg[key]
        self.sq[key] = 0 * self.sq[key]
        return change


WRONG = (
    TicksInTheLoop,
    ForgetsPower,
    Climbs,
    StoresCorrected,
    NoneIsZero,
    EpsilonUnderRoot,
    Absolute,
    OneAhead,
    Amnesia,
)
