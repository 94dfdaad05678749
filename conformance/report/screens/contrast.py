"""Two Adams side by side, for people."""

from collections.abc import Iterator
from math import isinf, isnan

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...diagnosis.at_defaults import Use
from ...diagnosis.contrast import Contrast
from ...diagnosis.differences import ConventionDifference
from ...vectors.vector import Vector
from ..text import printable

# A smaller part of the distance that a parameter travels is invisible in training.
_INVISIBLE = 1e-4
# From this ratio of two first steps on, a factor is easier to read than percent.
_FOLD = 1.1
_PERCENT = 100
# How many elements of a gradient are shown.
_ELEMENTS = 4


def show(console: Console, one: str, other: str, found: Contrast) -> None:
    """Print where two Adams agree, where they differ most, and what shows at defaults."""
    axes = found.axes
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("axis", printable(one), printable(other)):
        table.add_column(column, no_wrap=True)
    for axis, values in {**axes.differ, **axes.only_one_has}.items():
        table.add_row(axis, *values)
    if axes.differ or axes.only_one_has:
        console.print(table)
    else:
        console.print("no axis differs", markup=False)
    for title, line in _lines(found):
        console.print(Text.assemble((f"{title}  ", "bold"), line), soft_wrap=True)


def _lines(found: Contrast) -> Iterator[tuple[str, str]]:
    if found.axes.agree:
        yield "agree", ", ".join(f"{axis} {value}" for axis, value in found.axes.agree.items())
    if found.bits is not None:
        same, compared = found.bits
        yield "bits", f"the same in {same} of the {compared} vectors that both support"
    if found.largest is None:
        yield "most", "no vector tells them apart"
    else:
        for line in _largest(found.largest):
            yield "most", line
    for line in _uses(found.uses):
        yield "defaults", line


def _largest(difference: ConventionDifference) -> Iterator[str]:
    vector = difference.vector
    # No number and an infinite distance: nothing was returned to compare.
    if isnan(difference.first) and isinf(difference.bounds):
        yield f"{vector.id}, call {difference.step}: one raises and the other does not"
        return
    kind = np.dtype(vector.dtype).type
    place = f"params[{difference.param}] element {difference.element}"
    numbers = f"{kind(difference.first)!s} and {kind(difference.second)!s}"
    distance = f"{difference.bounds:.3g} times the bound apart"
    yield f"{vector.id}, step {difference.step}, {place}: {numbers}, {distance}"
    settings = (f"{name}={value!r}" for name, value in _settings(vector).items())
    yield f"config {', '.join(settings)}"
    calls = vector.calls[: difference.step]
    grads = (_grad(call.grads[difference.param]) for call in calls)
    yield f"gradients {', '.join(grads)}"


def _settings(vector: Vector) -> dict[str, float | bool]:
    # Numeric switches are among the numbers already.
    switches = {name: on for name, on in vector.switches.items() if not isinstance(on, float)}
    return {**vector.numbers, **switches}


def _grad(grad: object) -> str:
    """Return a gradient in a few words."""
    if grad is None:
        return "None"
    if isinstance(grad, np.ndarray):
        shown = str(grad.ravel()[:_ELEMENTS].tolist())
        return f"{shown} ..." if grad.size > _ELEMENTS else shown
    return f"rows {grad.indices.tolist()} of {grad.values.tolist()}"  # type: ignore[attr-defined]


def _uses(uses: list[Use]) -> Iterator[str]:
    """Yield a line for each size of gradients; sizes with no visible difference share a line."""
    for switch in dict.fromkeys(use.switch for use in uses):
        on = f" with {switch}" if switch else ""
        of_switch = [use for use in uses if use.switch == switch]
        invisible = [use for use in of_switch if _is_invisible(use)]
        if invisible:
            sizes = dict.fromkeys(f"{use.size:g}" for use in (invisible[0], invisible[-1]))
            yield f"gradients near {' to '.join(sizes)}{on}: no visible difference"
        for use in of_switch:
            if use not in invisible:
                yield f"gradients near {use.size:g}{on}: {_size_of(use)}"


def _is_invisible(use: Use) -> bool:
    return use.distance < _INVISIBLE and use.first_step_ratio < 1 + _INVISIBLE


def _size_of(use: Use) -> str:
    return (
        f"the first step differs by {_difference(use.first_step_ratio)}; "
        f"after 20 steps parameters differ by {_part(use.distance)} the distance travelled"
    )


def _difference(ratio: float) -> str:
    if ratio >= _FOLD:
        return f"a factor of {ratio:.3g}"
    return f"{_PERCENT * (ratio - 1):.2g}%"


def _part(way: float) -> str:
    return f"{way:.2g} times" if way >= 1 else f"{_PERCENT * way:.2g}% of"
