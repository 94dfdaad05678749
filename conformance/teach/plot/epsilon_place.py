"""Where epsilon stands: how long a step is for gradients of every size."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..experiments.adam import PAPER, AdamConfig, Array, first_step, path
from .sheet import Sheet
from .themes import Theme

# A learning rate of 1 makes the length of a step a part of the learning rate.
_CONFIG = AdamConfig(learning_rate=1.0)
PLACES = {
    "outside": PAPER,
    "hat": replace(PAPER, epsilon="hat"),
    "inside": replace(PAPER, epsilon="inside"),
}
STEPS = 5000


class StepLengths(NamedTuple):
    """How long steps are.

    Fields:
        sizes: of the gradients, which are the same at each step.
        first, last: place of epsilon -> the first and the last step, in learning rates.
    """

    sizes: Array
    first: Mapping[str, Array]
    last: Mapping[str, Array]


def lengths(steps: int = STEPS) -> StepLengths:
    """Return the length of the first step and of a late one; epsilon is 1e-8."""
    sizes = np.logspace(-10, -2, 121)
    first = {}
    last = {}
    for place, convention in PLACES.items():
        first[place] = first_step(_CONFIG, sizes, convention)
        params = path(steps, _CONFIG, np.zeros_like(sizes), lambda *_: sizes, convention)
        last[place] = params[-2] - params[-1]
    return StepLengths(sizes, first, last)


def draw(theme: Theme, found: StepLengths) -> Sheet:
    """Draw the lengths over the size of the gradient."""
    sheet = Sheet(
        theme,
        "Where epsilon stands decides which gradients count as small",
        "Length of a step for a constant gradient; beta1 = 0.9, beta2 = 0.999, ε = 1e-8",
        panels=2,
    )
    for panel, of_places in enumerate((found.first, found.last)):
        for series, place in enumerate(PLACES):
            sheet.line(panel, found.sizes, of_places[place], series)
        sheet.panels[panel].set_xscale("log")
        sheet.panels[panel].set_xticks([1e-10, 1e-8, 1e-6, 1e-4, 1e-2])
        sheet.panels[panel].minorticks_off()
    unit = "size of the gradient [unit of the gradient]"
    sheet.name_axes(0, unit, "length of the step [learning rates]", "Step 1")
    sheet.name_axes(1, unit, "", f"Step {STEPS}: hat has become outside")
    sheet.label(0, "outside\n√v̂ + ε\n(paper)", (1e-10, 0.86), 0)
    sheet.label(0, "hat\n√v + ε\n(Keras)", (2.5e-7, 0.24), 1)
    sheet.label(0, "inside\n√(v̂ + ε)", (2.5e-4, 0.6), 2)
    sheet.label(1, "outside\nand hat", (1e-10, 0.86), 0)
    sheet.label(1, "inside", (2.5e-4, 0.6), 2)
    return sheet
