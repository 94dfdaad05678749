"""The Adam that experiments and pictures run: the only door from teaching to adamref."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import numpy as np

from adamref import (
    CONVENTIONS,
    Adam,
    AdamConfig,
    Convention,
    IndexedSlices,
    initial,
    step,
)
from adamref.gradients.indexed_slices import Grad
from adamref.state import AdamState, Array

__all__ = [
    "CONVENTIONS",
    "PAPER",
    "UNCORRECTED",
    "Adam",
    "AdamConfig",
    "AdamState",
    "Array",
    "Convention",
    "Grad",
    "IndexedSlices",
    "first_step",
    "initial",
    "iterates",
    "path",
    "step",
]

PAPER = CONVENTIONS["paper"].convention
# Equations E3 and E4 left out, in AMSGrad too.
UNCORRECTED = replace(PAPER, bias_correction="none", amsgrad_bias_correction="none")

# The gradient at a parameter, at a step that is counted from 1.
Gradient = Callable[[Array, int], Grad]
Limits = tuple[float, float]


def iterates(
    config: AdamConfig,
    start: Array,
    gradient: Gradient,
    convention: Convention = PAPER,
    limits: Limits | None = None,
    decay: bool = False,
) -> Iterator[Array]:
    """Yield the parameter after each step, without end.

    Args:
        config: the numbers of Adam.
        start: the parameter before the first step.
        gradient: called with the parameter before a step and the number of the step.
        convention: where Adams differ.
        limits: of the interval to which the parameter is projected after each step.
        decay: whether the learning rate of step t is divided by the root of t.
    """
    param = start
    state = initial(param, config.amsgrad)
    own = config
    # Not the t of the state, which may be an array of one count a row.
    for t in count(1):
        if decay:
            own = replace(config, learning_rate=config.learning_rate / t**0.5)
        param, state = step(own, state, param, gradient(param, t), convention)
        if limits is not None:
            param = np.clip(param, *limits)
        yield param


def path(
    steps: int,
    config: AdamConfig,
    start: Array,
    gradient: Gradient,
    convention: Convention = PAPER,
    limits: Limits | None = None,
    decay: bool = False,
) -> Array:
    """Return the parameter before the first step and after each, stacked; see `iterates`."""
    found = iterates(config, start, gradient, convention, limits, decay)
    # The endless iterator comes second, so that no step is taken for nothing.
    taken = [param for _, param in zip(range(steps), found, strict=False)]
    return np.stack([start, *taken])


def first_step(config: AdamConfig, grad: Array, convention: Convention = PAPER) -> Array:
    """Return how far the first step from 0 moves each element, against its gradient."""
    zero = np.zeros_like(grad)
    param, _ = step(config, initial(zero), zero, grad, convention)
    return -param
