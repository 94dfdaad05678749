"""Rows of a sparse parameter: what happens to a row in steps that have no gradient for it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..experiments.adam import PAPER, AdamConfig, Array, IndexedSlices, path
from .sheet import Sheet
from .themes import Theme

# A row has a gradient of 1 in one step out of so many.
EVERY = 15
STEPS = 60
CONFIG = AdamConfig(learning_rate=0.1)
CONVENTIONS = {
    "dense_equivalent": PAPER,
    "lazy_global_t": replace(PAPER, sparse="lazy_global_t"),
    "lazy_row_t": replace(PAPER, sparse="lazy_row_t", step_scope="parameter"),
}


def paths(steps: int = STEPS) -> Mapping[str, Array]:
    """Return sparse convention -> the seldom row before the first step and after each."""
    found = {}
    for name, convention in CONVENTIONS.items():
        params = path(steps, CONFIG, np.zeros((2, 1)), _gradient, convention)
        found[name] = params[:, 0, 0]
    return found


def _gradient(_: Array, t: int) -> IndexedSlices:
    """Return a gradient of 1: of row 0 and 1 in one step out of ``EVERY``, else of row 1 alone."""
    rows = np.array([0, 1] if t % EVERY == 1 else [1])
    return IndexedSlices(np.ones((len(rows), 1)), rows)


def draw(theme: Theme, found: Mapping[str, Array]) -> Sheet:
    """Draw the path of the row."""
    dense, lazy, by_row = found.values()
    times = dense[-1] / by_row[-1]
    sheet = Sheet(
        theme,
        f"A dense update moves a seldom row {times:.1f} times as far",
        f"A row with gradient 1 at one step out of {EVERY}, else 0; learning rate 0.1, from 0",
    )
    # The last quarter of the width is for labels.
    steps = len(dense) - 1
    t = np.arange(steps + 1)
    for series, values in enumerate(found.values()):
        sheet.line(0, t, values, series)
    sheet.name_axes(0, "step t", "element of the row [unit of the parameter]")
    axes = sheet.panels[0]
    for at in range(1, steps + 1, EVERY):
        axes.axvline(at, color=theme.faint, linewidth=1)
        sheet.label(
            0,
            "gradient",
            (at, 0.09),
            by=(5, 0),
            fontsize=12,
        )
    axes.set_ylim(-1.7, 0.15)
    axes.set_xlim(0, 1.3 * steps)
    axes.set_xticks(range(0, steps + 1, 10))
    end = steps + 1
    sheet.label(0, "dense_equivalent:\nmoves at every step\n(paper, Keras)", (end, dense[-1]), 0)
    sheet.label(
        0,
        "lazy_global_t\n(LazyAdam)",
        (end, lazy[-1]),
        1,
        by=(0, 24),
    )
    sheet.label(
        0,
        "lazy_row_t: each\nrow counts alone",
        (end, by_row[-1]),
        2,
        by=(0, -26),
    )
    sheet.place(top=0.82)
    return sheet
