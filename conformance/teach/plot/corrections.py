"""Bias correction on and off: how long the steps of a constant gradient are."""

from collections.abc import Mapping

import numpy as np

from ..experiments.adam import PAPER, UNCORRECTED, AdamConfig, Array, path
from .sheet import Sheet
from .themes import Theme

BETAS2 = (0.99, 0.999, 0.9999)
STEPS = 10000
# beta2 -> the length of each step without correction; None -> with it.
Lengths = Mapping[float | None, Array]
# The step over which the names of the lines are centred, before the peaks.
_LABELS_AT = 7


def lengths(steps: int = STEPS) -> Lengths:
    """Return the length of each step, in learning rates, for a gradient of 1: shape (steps,)."""
    start = np.zeros(1)
    one = np.ones(1)
    found: dict[float | None, Array] = {}
    for beta2 in (None, *BETAS2):
        convention = PAPER if beta2 is None else UNCORRECTED
        config = AdamConfig(learning_rate=1.0, beta2=beta2 or BETAS2[0], epsilon=0.0)
        params = path(steps, config, start, lambda *_: one, convention)
        found[beta2] = -np.diff(params[:, 0])
    return found


def draw(theme: Theme, found: Lengths) -> Sheet:
    """Draw the lengths over the steps."""
    highest = max(found[BETAS2[-1]])
    sheet = Sheet(
        theme,
        f"Without bias correction the first steps are up to {highest:.0f} times too long",
        "Length of each step without it, for a constant gradient; beta1 = 0.9, epsilon = 0",
    )
    t = np.arange(1, len(found[None]) + 1)
    for series, beta2 in enumerate((None, *BETAS2)):
        sheet.line(0, t, found[beta2], series)
    axes = sheet.panels[0]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    axes.minorticks_off()
    sheet.name_axes(0, "step t", "length of the step [learning rates]")
    sheet.label(
        0,
        "with bias correction: 1 at every step, for each beta2",
        (1, 1),
        0,
        by=(0, -14),
    )
    for series, beta2 in enumerate(BETAS2, 1):
        peak = float(max(found[beta2]))
        text = f"beta2 = {beta2}: up to {peak:.1f}"
        sheet.label(
            0,
            text,
            (_LABELS_AT, peak),
            series,
            by=(0, 14),
            ha="center",
        )
    axes.set_ylim(0.75, 40)
    sheet.place(top=0.82)
    return sheet
