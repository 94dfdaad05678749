"""Two Adams beside each other, for people."""

from collections.abc import Iterator
from math import isinf, isnan

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...diagnosis.at_defaults import Use
from ...diagnosis.contrast import Contrast, Difference
from ..text import printable

# What of the way that a parameter goes nobody sees.
_UNSEEN = 1e-4


def show(console: Console, one: str, other: str, found: Contrast) -> None:
    """Print where two Adams agree, on which input they differ most, and what of it shows at defaults."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("axis", printable(one), printable(other)):
        table.add_column(column, no_wrap=True)
    for axis, pair in {**found.differ, **found.alone}.items():
        table.add_row(axis, *pair)
    if found.differ or found.alone:
        console.print(table)
    else:
        console.print("no axis differs", markup=False)
    for title, line in _lines(found):
        console.print(Text.assemble((f"{title}  ", "bold"), line), soft_wrap=True)


def _lines(found: Contrast) -> Iterator[tuple[str, str]]:
    if found.agree:
        yield "agree", ", ".join(f"{axis} {value}" for axis, value in found.agree.items())
    if found.bits is not None:
        yield "bits", f"the same in {found.bits[0]} of {found.bits[1]} vectors that both could do"
    if found.most is None:
        yield "most", "no vector tells them apart"
    else:
        yield from (("most", line) for line in _most(found.most))
    yield from (("defaults", line) for line in _uses(found.uses))


def _most(d: Difference) -> Iterator[str]:
    if isnan(d.one) and isinf(d.bounds):
        yield f"{d.vector.id}, call {d.step}: one raises and the other does not"
        return
    kind = np.dtype(d.vector.dtype).type
    where = f"{d.vector.id}, step {d.step}, params[{d.param}] element {d.element}"
    yield f"{where}: {kind(d.one)!s} and {kind(d.other)!s}, {d.bounds:.3g} bounds apart"
    numbers = {
        **d.vector.numbers,
        **{k: v for k, v in d.vector.switches.items() if isinstance(v, bool)},
    }
    yield "config " + ", ".join(f"{name}={value!r}" for name, value in numbers.items())
    grads = (call.grads[d.param] for call in d.vector.calls[: d.step])
    yield "gradients " + ", ".join("None" if g is None else _grad(g) for g in grads)


def _grad(grad: object) -> str:
    """A gradient in a few words."""
    if isinstance(grad, np.ndarray):
        return str(grad.ravel()[:4].tolist()) + (" ..." if grad.size > 4 else "")
    return f"rows {grad.indices.tolist()} of {grad.values.tolist()}"  # type: ignore[attr-defined]


def _uses(uses: list[Use]) -> Iterator[str]:
    """A line for each size of gradients; sizes at which there is nothing to see share one."""
    for switch in dict.fromkeys(use.switch for use in uses):
        own = [use for use in uses if use.switch == switch]
        on = f" with {switch}" if switch else ""
        unseen = [use for use in own if use.way < _UNSEEN and use.first < 1 + _UNSEEN]
        if unseen:
            sizes = dict.fromkeys(f"{use.size:g}" for use in (unseen[0], unseen[-1]))
            yield f"gradients near {' to '.join(sizes)}{on}: you will not see it"
        yield from (
            f"gradients near {use.size:g}{on}: {_by(use)}" for use in own if use not in unseen
        )


def _by(use: Use) -> str:
    first = f"{use.first:.3g}-fold" if use.first >= 1.1 else f"by {use.first - 1:.1%}"
    return (
        f"the first step differs {first}, parameters by {use.way:.2g} of their way after 20 steps"
    )
