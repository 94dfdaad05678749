"""Weights of bfloat16: rounded after each step, or made from a master of float32."""

from collections.abc import Mapping

import ml_dtypes
import numpy as np

from ..experiments.adam import Adam, AdamConfig, Array
from .sheet import Sheet
from .themes import Theme

STEPS = 60
# Above 1 bfloat16 has a number every 1/128, below 1 every 1/256.
START = 1.0
CONFIG = AdamConfig(learning_rate=1e-3)
# The last one keeps what rounding has lost, and moves as the master does.
WEIGHTS = ("rounded", "master", "compensated")


def paths(steps: int = STEPS) -> Mapping[str, Array]:
    """Return how the weight is kept -> the weight before the first step and after each.

    The gradient is 1, so that each step is one learning rate. ``exact`` is in float64.
    """
    found = {}
    for weights in WEIGHTS:
        adam = Adam(
            [np.array([START], ml_dtypes.bfloat16)],
            CONFIG,
            storage=f"weights={weights},moments=float32",
        )
        found[weights] = _path(adam, np.ones(1, ml_dtypes.bfloat16), steps)
    found["exact"] = _path(Adam([np.array([START])], CONFIG), np.ones(1), steps)
    return found


def _path(adam: Adam, grad: Array, steps: int) -> Array:
    values = [START]
    for _ in range(steps):
        (param,) = adam.step([grad])
        values.append(float(param[0]))
    return np.array(values)


def draw(theme: Theme, found: Mapping[str, Array]) -> Sheet:
    """Draw the weights over the steps."""
    sheet = Sheet(
        theme,
        "A rounded bfloat16 weight stands still; with a master it moves",
        "A bfloat16 weight from 1; gradient 1 at each step, learning rate 0.001",
    )
    t = np.arange(len(found["exact"]))
    sheet.line(0, t, found["rounded"], 0, drawstyle="steps-post")
    sheet.line(0, t, found["master"], 1, drawstyle="steps-post")
    sheet.line(0, t, found["exact"], 2)
    sheet.name_axes(0, "step t", "weight [unit of the parameter]")
    axes = sheet.panels[0]
    axes.set_ylim(0.935, 1.006)
    axes.set_yticks([1 - number / 256 for number in range(0, 17, 2)])
    axes.set_yticklabels([_as_fraction(number) for number in range(0, 17, 2)])
    sheet.label(
        0,
        "weights=rounded: the step is lost in rounding",
        (1, 1.0),
        0,
        by=(0, 14),
    )
    sheet.label(
        0,
        "exact (float64)",
        (24, 0.9695),
        2,
        ha="right",
    )
    sheet.label(
        0, "weights=master: the parameter follows\n(compensated: the same)", (35, 0.9725), 1
    )
    sheet.place(left=0.13, top=0.82)
    return sheet


def _as_fraction(number: int) -> str:
    """Return how far a tick is below 1, in numbers of bfloat16, which are 1/256 apart."""
    return f"1 - {number}/256" if number else "1"
