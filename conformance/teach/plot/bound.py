"""The bound: how far a float32 Adam is from the exact result, step by step, and how far it may be.

Bound and exact result come from the oracle, as for the golden vectors: see conformance/truth.
"""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from ...on_demand.judging import distance, problem_of
from ...truth.point import Point
from ...vectors.inputs import Call, Inputs
from ..experiments.adam import PAPER, AdamConfig, Array, Convention, path
from .sheet import Sheet
from .themes import Theme

STEPS = 200
ELEMENTS = 32
SEED = 7
CONFIG = AdamConfig()
# The wrong Adam has epsilon under the root, which small gradients show.
WRONG = replace(PAPER, epsilon="inside")
SCALE = 1e-3


class ErrorsByStep(NamedTuple):
    """By step, over all elements, in units of the parameter.

    Fields:
        right: the largest error of a float32 Adam. wrong: of one with a wrong formula.
        bound: the least bound.
        ratio: the largest error over bound of the right one.
    """

    right: Array
    wrong: Array
    bound: Array
    ratio: Array


def errors(steps: int = STEPS) -> ErrorsByStep:
    """Return errors and bound after each step, for gradients drawn with a deviation of 0.001."""
    generator = np.random.default_rng(SEED)
    start = generator.uniform(1, 2, ELEMENTS).astype(np.float32)
    grads = (SCALE * generator.normal(size=(steps, ELEMENTS))).astype(np.float32)
    numbers = {
        "learning_rate": CONFIG.learning_rate,
        "beta1": CONFIG.beta1,
        "beta2": CONFIG.beta2,
        "epsilon": CONFIG.epsilon,
    }
    calls = [Call(grads=[grad], learning_rate=None) for grad in grads]
    problem = problem_of(Inputs(numbers, {}, [start], calls))
    states = [row[0] for row in problem.solve(Point.of({}, "ddddd")).states]
    exact = [state.memory.param for state in states]
    bounds = np.array([state.radii.param for state in states])

    def errors_of(convention: Convention) -> Array:
        params = path(steps, CONFIG, start, lambda _, t: grads[t - 1], convention)[1:]
        # A decimal holds a float exactly.
        decimals = [tuple(map(Decimal, row.tolist())) for row in params]
        return np.array([distance(*pair) for pair in zip(decimals, exact, strict=True)])

    right = errors_of(PAPER)
    return ErrorsByStep(
        right=right.max(axis=1),
        wrong=errors_of(WRONG).max(axis=1),
        bound=bounds.min(axis=1),
        ratio=(right / bounds).max(axis=1),
    )


def draw(theme: Theme, found: ErrorsByStep) -> Sheet:
    """Draw errors and bound over the steps."""
    sheet = Sheet(
        theme,
        "Rounding stays under the bound; a wrong formula is far above it",
        f"Largest error of {ELEMENTS} float32 elements from the exact result; "
        "gradients near 0.001, ε = 1e-8",
    )
    steps = len(found.right)
    t = np.arange(1, steps + 1)
    for series, values in enumerate((found.right, found.bound, found.wrong)):
        sheet.line(0, t, values, series)
    sheet.panels[0].set_yscale("log")
    sheet.panels[0].set_ylim(2e-8, 5e-3)
    sheet.name_axes(
        0,
        "step t",
        "error of the parameter [unit of the parameter]",
    )
    middle = steps // 2
    sheet.label(0, "a right Adam: rounding alone", (middle, 3.2e-7), 0)
    sheet.label(0, "the bound: no right Adam is above it", (middle, 2.2e-5), 1)
    sheet.label(0, "a wrong Adam: ε under the root", (middle, 1.5e-3), 2)
    sheet.place(top=0.82)
    return sheet
