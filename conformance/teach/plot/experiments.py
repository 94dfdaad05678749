"""Pictures of the experiments: what is measured there is drawn here."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..experiments import bias_correction, counterexample, epsilon, sparse_rows
from ..experiments.adam import Array
from ..experiments.bias_correction import Setting
from ..experiments.counterexample import PERIOD, Paths
from ..experiments.digits import digits
from ..experiments.sparse_rows import Course
from .sheet import Sheet
from .themes import Theme

EPOCHS = 10
# Of the runs so many are drawn, one point out of so many.
_SHOWN = 6
_THINNED = 100
# The axis of the losses of the autoencoder ends here, in nats an image.
_HIGHEST = 90.0
# Bars differ in these too.
_HATCHES = ("", "//")
# Epsilon -> how it is written.
_SHORT = {1e-8: "1e-8", 0.1: "0.1", 1.0: "1"}


class BothPaths(NamedTuple):
    """The paths on the online problem, over whole periods, and on the stochastic one."""

    online: Paths
    stochastic: Paths


def both_paths(periods: int = 400, steps: int = 20000, runs: int = 32) -> BothPaths:
    """Return the paths of the counterexample."""
    return BothPaths(
        counterexample.online(periods * PERIOD),
        counterexample.stochastic(steps, runs),
    )


def bias_losses() -> dict[Setting, float]:
    """Return the losses of the autoencoder."""
    return bias_correction.losses(digits(), EPOCHS)


def row_courses() -> dict[str, Course]:
    """Return the courses of the bag of words, with the most seldom rows: one image a step."""
    return sparse_rows.courses(digits(), epochs=5, batch=1)


def epsilon_losses() -> dict[float, Array]:
    """Return the losses of the softmax regression."""
    return epsilon.losses(digits(), EPOCHS)


def draw_counterexample(theme: Theme, found: BothPaths) -> Sheet:
    """Draw the paths of Adam and AMSGrad on the online and on the stochastic problem."""
    sheet = Sheet(
        theme,
        "Adam goes to the worst point, AMSGrad to the best one",
        "Slope seldom large and positive, else small and negative; x in [-1, 1], best at -1",
        panels=2,
    )
    for series, path in enumerate(found.online):
        # Within a period x goes up and down.
        means = path[1:].reshape(-1, PERIOD).mean(axis=1)
        ends = np.arange(1, len(means) + 1) * PERIOD
        sheet.line(0, ends, means, series)
    for series, paths in enumerate(found.stochastic):
        # A picture has no room for all of them.
        some = paths[::_THINNED]
        steps = np.arange(len(some)) * _THINNED
        thin = {"linewidth": 0.5, "alpha": 0.6, "linestyle": "-"}
        sheet.line(1, steps, some[:, :_SHOWN], series, **thin)
        sheet.line(1, steps, some.mean(axis=1), series)
    for panel in (0, 1):
        sheet.panels[panel].set_ylim(-1.15, 1.15)
        sheet.level(panel, counterexample.BEST)
        sheet.level(panel, counterexample.WORST)
    sheet.name_axes(
        0,
        "step t",
        "x [unit of x]",
        "1010x if t mod 101 = 1, else -10x: period means",
    )
    sheet.name_axes(
        1,
        "step t",
        "",
        "100x with p = 2/101, else -x: mean of 32 runs",
    )
    sheet.panels[0].set_xticks([0, 10000, 20000, 30000, 40000])
    sheet.panels[1].set_xticks([0, 5000, 10000, 15000, 20000])
    sheet.label(0, "Adam", (20000, 0.74), 0)
    sheet.label(0, "AMSGrad", (23000, -0.5), 1)
    sheet.label(1, "Adam", (9000, 0.5), 0)
    sheet.label(1, "AMSGrad", (10500, -0.8), 1)
    return sheet


def draw_bias_correction(theme: Theme, losses: Mapping[Setting, float]) -> Sheet:
    """Draw the loss over the learning rate, with and without the correction."""
    sheet = Sheet(
        theme,
        "Without bias correction a beta2 near 1 needs small learning rates",
        f"Variational autoencoder of 8 x 8 digits: loss after {EPOCHS} epochs",
        panels=2,
    )
    rates = bias_correction.RATES
    for panel, beta1 in enumerate(bias_correction.BETAS1):
        for series, beta2 in enumerate(bias_correction.BETAS2, 1):
            # With correction the three lines are nearly one, and look as one.
            with_it = [losses[Setting(beta1, beta2, rate, True)] for rate in rates]
            sheet.line(panel, rates, with_it, 0, label="with correction, each beta2")
            without = [losses[Setting(beta1, beta2, rate, False)] for rate in rates]
            capped = np.minimum(without, _HIGHEST)
            sheet.line(panel, rates, capped, series, label=f"without, beta2 = {beta2}")
        sheet.panels[panel].set_xscale("log")
        sheet.panels[panel].minorticks_off()
        sheet.panels[panel].set_ylim(20, _HIGHEST)
    sheet.label(
        0,
        "diverges",
        (0.035, 84),
        3,
        ha="right",
    )
    highest = losses[Setting(0.9, 0.9999, rates[-1], False)]
    sheet.label(
        1,
        f"loss {highest:.0f}",
        (0.1, highest),
        3,
        by=(-8, 0),
        ha="right",
    )
    sheet.legend(0, (0.16, 0.62))
    unit = "learning rate [unit of the weights]"
    sheet.name_axes(0, unit, "loss [nats an image]", "beta1 = 0")
    sheet.name_axes(1, unit, "", "beta1 = 0.9")
    return sheet


def draw_sparse_rows(theme: Theme, courses: Mapping[str, Course]) -> Sheet:
    """Draw the loss over the epochs, and how many rows a step writes."""
    dense, lazy = courses.values()
    times = dense.rows / lazy.rows
    sheet = Sheet(
        theme,
        f"Lazy rows: {times:.0f} times fewer writes, about as many mistakes",
        "Bag of words of 8 x 8 digits; one image a step has a gradient for 64 of 1088 rows",
        panels=2,
    )
    epochs = len(dense.losses) - 1
    steps = epochs * sparse_rows.LEARNED
    for series, (name, course) in enumerate(courses.items()):
        sheet.line(0, np.arange(epochs + 1), course.losses, series)
        writes = course.rows / steps
        sheet.panels[1].barh(
            -series,
            writes,
            height=0.4,
            color=theme.series[series],
            edgecolor=theme.ground,
            hatch=_HATCHES[series],
        )
        mistakes = course.mistakes[-1]
        text = f"{name}: {writes:.0f} a step\n{mistakes:.1%} mistakes at the end"
        sheet.label(
            1,
            text,
            (0, -series),
            series,
            by=(2, 58),
        )
    sheet.panels[0].set_yscale("log")
    sheet.name_axes(
        0,
        "epoch",
        "loss [nats an image]",
        "Loss on the images learned from",
    )
    sheet.name_axes(
        1,
        "rows of the parameter",
        "",
        "Rows that change at each step",
    )
    sheet.panels[1].set_yticks([])
    sheet.panels[1].set_ylim(-1.4, 0.7)
    sheet.label(
        0,
        "all rows move",
        (epochs, dense.losses[-1]),
        0,
        by=(0, -14),
        ha="right",
    )
    end = lazy.losses[-1]
    sheet.label(
        0,
        "only rows with a gradient",
        (epochs, end),
        1,
        by=(0, 44),
        ha="right",
    )
    sheet.panels[0].set_ylim(3e-4, 5)
    sheet.place(wspace=0.12)
    return sheet


def draw_epsilon(theme: Theme, losses: Mapping[float, Array]) -> Sheet:
    """Draw the loss over the learning rate for each epsilon."""
    sheet = Sheet(
        theme,
        "Epsilon 0.1 or 1 asks for 10 or 100 times the learning rate",
        f"Softmax regression of 8 x 8 digits: loss after {EPOCHS} epochs; convention tf1",
    )
    rates = epsilon.RATES
    for series, (size, of_rates) in enumerate(losses.items()):
        best = int(np.argmin(of_rates))
        sheet.line(0, rates, of_rates, series)
        rate = rates[best]
        least = of_rates[best]
        sheet.dots(0, [rate], [least], series, markersize=12)
        text = f"ε = {_SHORT[size]}\nbest at {rate:g}"
        sheet.label(
            0,
            text,
            (rate, least),
            series,
            by=(0, -32),
            ha="center",
        )
    axes = sheet.panels[0]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(0.01, 50)
    sheet.name_axes(
        0,
        "learning rate [unit of the weights]",
        "loss [nats an image]",
    )
    sheet.place(top=0.82)
    return sheet
