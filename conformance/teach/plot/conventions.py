"""Conventions side by side: the paths of Adams that users take for the same, on one problem."""

from collections.abc import Mapping

import numpy as np

from ..experiments.adam import CONVENTIONS, AdamConfig, Array, path
from .sheet import Sheet
from .themes import Theme

# f(x) = (x - 1)^2 / 2 from x = 0, with the larger epsilon of the seed pages.
STEPS = 150
CONFIG = AdamConfig(learning_rate=0.03, epsilon=0.1)
DECAY = 0.25
# Each stands for all that have the same formula on this problem.
PLAIN = ("paper", "tf1")
DECAYING = ("torch", "torch-adamw", "keras3")

# (convention, weight decay) -> x before the first step and after each.
Paths = Mapping[tuple[str, float], Array]


def paths(steps: int = STEPS) -> Paths:
    """Return the path of x by each convention."""
    found = {}
    for decay, names in ((0.0, PLAIN), (DECAY, DECAYING)):
        config = AdamConfig(
            learning_rate=CONFIG.learning_rate,
            epsilon=CONFIG.epsilon,
            weight_decay=decay,
        )
        for name in names:
            convention = CONVENTIONS[name].convention
            params = path(steps, config, np.zeros(1), lambda x, _: x - 1, convention)
            found[name, decay] = params[:, 0]
    return found


def draw(theme: Theme, found: Paths) -> Sheet:
    """Draw the paths, without and with weight decay."""
    sheet = Sheet(
        theme,
        "One call, one problem: five different Adams",
        "x on f(x) = (x - 1)²/2 from x = 0; learning rate 0.03, epsilon 0.1",
        panels=2,
    )
    for series, (name, decay) in enumerate(found):
        panel = int(decay > 0)
        path_of_x = found[name, decay]
        sheet.line(panel, np.arange(len(path_of_x)), path_of_x, series)
    for panel, heading in enumerate(("No weight decay", f"Weight decay {DECAY}")):
        sheet.level(panel, 1.0)
        sheet.panels[panel].set_ylim(-0.03, 1.15)
        sheet.name_axes(
            panel,
            "step t",
            "x [unit of x]" if panel == 0 else "",
            heading,
        )
    sheet.label(
        0,
        "minimum of f",
        (104, 1.0),
        by=(0, -18),
    )
    sheet.label(0, "ε outside\n(paper,\ntorch,\noptax)", (-5, 0.78), 0)
    sheet.label(0, "ε hat\n(tf1, tfkeras, keras3,\nscikit-learn)", (46, 0.45), 1)
    sheet.label(1, "decoupled, ε outside (AdamW)", (40, 0.945), 3)
    sheet.label(1, "L2 (torch Adam)", (84, 0.73), 2)
    sheet.label(1, "decoupled, ε hat (keras3)", (55, 0.58), 4)
    return sheet
