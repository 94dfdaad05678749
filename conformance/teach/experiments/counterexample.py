"""The problems on which Adam goes to the worst point and AMSGrad does not.

Source: Reddi, Kale, Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv:1904.09237.
A linear function of one number x in [-1, 1] changes at each step. Seldom its slope is large and
positive, else it is small and negative. On average it is positive, so that x = -1 is best.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .adam import PAPER, UNCORRECTED, AdamConfig, Array, path

LIMITS = (-1.0, 1.0)
BEST = -1.0
WORST = 1.0

# Section 5: f(x) = 1010 x if t mod 101 = 1, else -10 x.
PERIOD = 101
STEEP = 1010.0
FLAT = -10.0
SECTION_5 = AdamConfig(beta1=0.9, beta2=0.99, learning_rate=0.05)

# Theorem 3: f(x) = C x with probability (1 + delta) / (C + 1), else -x. The mean slope is delta.
# The delta of section 5, 0.02, takes millions of steps; this one takes thousands.
SLOPE = 100.0
DELTA = 1.0
THEOREM_3 = AdamConfig(beta1=0.9, beta2=0.9, learning_rate=0.01)


class Paths(NamedTuple):
    """The parameter of two Adams before the first step and after each: arrays of steps + 1."""

    adam: Array
    amsgrad: Array


def theorem_1(slope: float, steps: int) -> Paths:
    """Return the paths on f(x) = C x if t mod 3 = 1, else -x, from x = 1.

    It is the generic Adam of the paper: no bias correction, no epsilon, beta1 = 0, beta2 =
    1 / (1 + C^2), and alpha / sqrt(t) as learning rate, with alpha = sqrt(1 - beta2) / 2.

    Args:
        slope: C, more than 2.
        steps: how many.

    Source: Theorem 1 and its proof. Adam is at x = 1 after every third step.
    """
    beta2 = 1 / (1 + slope**2)
    config = AdamConfig(
        learning_rate=0.5 * (1 - beta2) ** 0.5,
        beta1=0.0,
        beta2=beta2,
        epsilon=0.0,
    )
    slopes = periodic(slope, -1.0, 3, steps)
    return _paths(config, slopes, start=WORST, generic=True)


def online(steps: int, config: AdamConfig = SECTION_5) -> Paths:
    """Return the paths on the synthetic online problem, from x = 0.

    Source: section 5, figure 1, left and middle.
    """
    slopes = periodic(STEEP, FLAT, PERIOD, steps)
    return _paths(config, slopes)


def stochastic(steps: int, runs: int, config: AdamConfig = THEOREM_3, seed: int = 3) -> Paths:
    """Return the paths of some independent runs on the stochastic problem, from x = 0.

    Returns:
        Arrays of shape (steps + 1, runs).

    Source: Theorem 3, which holds for beta1 < sqrt(beta2); section 5, figure 1, right.
    """
    probability = (1 + DELTA) / (SLOPE + 1)
    draws = np.random.default_rng(seed).random((steps, runs))
    slopes = np.where(draws < probability, SLOPE, -1.0)
    return _paths(config, slopes)


def average_regret(params: Array, slopes: Array) -> Array:
    """Return the mean of f_t(x_t) - f_t(best) over the steps so far, after each step."""
    # A step pays with the parameter before it.
    losses = slopes * (params[:-1] - BEST)
    counts = np.arange(1, len(slopes) + 1)
    return np.asarray(np.cumsum(losses) / counts)


def periodic(steep: float, flat: float, period: int, steps: int) -> Array:
    """Return the slope at each step: ``steep`` at steps 1, 1 + period, ..., else ``flat``."""
    t = np.arange(1, steps + 1)
    return np.where(t % period == 1, steep, flat)


def _paths(
    config: AdamConfig,
    slopes: Array,
    start: float = 0.0,
    generic: bool = False,
) -> Paths:
    """Return the paths of Adam and AMSGrad on linear functions with these slopes."""
    begin = np.full(slopes.shape[1:], start)
    convention = UNCORRECTED if generic else PAPER

    def gradient(_: Array, t: int) -> Array:
        return np.asarray(slopes[t - 1])

    found = []
    for amsgrad in (False, True):
        own = replace(config, amsgrad=amsgrad)
        params = path(len(slopes), own, begin, gradient, convention, LIMITS, decay=generic)
        found.append(params)
    return Paths(*found)
