"""Whose Adam it is, for people and as JSON."""

from collections.abc import Iterator
from math import isinf
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...identity.identity import Evidence, Identity
from ...truth.reference import ARITHMETICS
from ...vectors.words import finite
from ..text import printable, short


def show(console: Console, name: str, one: Identity) -> None:
    """Print what was found: the sentence, each axis with what decided it, and what could not be decided."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("axis", "value", "what decided it"):
        table.add_column(column, no_wrap=column != "what decided it")
    for axis, value in one.convention.items():
        table.add_row(axis, value, Text(_why(one, axis)))
    if one.convention:
        console.print(table)
    for title, lines in (("arithmetic", _arithmetic(one)), ("undecided", _undecided(one))):
        for line in lines:
            console.print(Text.assemble((f"{title}  ", "bold"), line), soft_wrap=True)
    console.print(
        Text.assemble((printable(name), "bold"), f": {printable(one.sentence)}"), soft_wrap=True
    )


def _why(one: Identity, axis: str) -> str:
    if axis in one.lacks:
        return printable(one.lacks[axis])
    if axis not in one.evidence:
        return "the only value there is"
    e = one.evidence[axis]
    return f"{e.vector}: {_bounds(e.ratio)} off; {e.other}, the next best, {_bounds(e.its_ratio)}"


def _bounds(ratio: float) -> str:
    return "in kind" if isinf(ratio) else f"{short(ratio)} bounds"


def _arithmetic(one: Identity) -> Iterator[str]:
    if not one.arithmetics:
        yield "no known one, or nothing that could tell"
        return
    first, *others = one.arithmetics
    known = f" ({ARITHMETICS[first]})" if first in ARITHMETICS else ""
    cost = " and ".join(f"{ulps:.3g} in {dtype}" for dtype, ulps in one.costs.items())
    also = f"; the numbers fit {', '.join(others)} too" if others else ""
    yield f"{first}{known}: its rounding moves parameters by up to {cost} units in the last place{also}"


def _undecided(one: Identity) -> Iterator[str]:
    for why in dict.fromkeys(one.undecided.values()):
        axes = ", ".join(axis for axis, reason in one.undecided.items() if reason == why)
        yield f"{axes}: {printable(why)}"


def as_dict(name: str, one: Identity) -> dict[str, Any]:
    """What was found, as JSON has it."""
    return {
        "subject": name,
        "sentence": one.sentence,
        "explained": one.explained,
        "convention": dict(one.convention),
        "evidence": {axis: _evidence(e) for axis, e in one.evidence.items()},
        "lacks": dict(one.lacks),
        "undecided": dict(one.undecided),
        "arithmetics": list(one.arithmetics),
        "costs": {dtype: finite(ulps) for dtype, ulps in one.costs.items()},
        "nearest": one.nearest,
        "differs": dict(one.differs),
        "unexplained": [comparison.vector.id for comparison in one.unexplained],
        "mistakes": [
            {"name": m.name, "entry": m.entry, "what": m.what, "links": list(m.links)}
            for m in one.mistakes
        ],
    }


def _evidence(e: Evidence) -> dict[str, Any]:
    return {
        name: finite(value) if isinstance(value, float) else value
        for name, value in e._asdict().items()
    }
