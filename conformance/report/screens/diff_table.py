"""The difference between two runs, for people."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..diff import KINDS, Change, Difference
from ..text import printable, short

# How many changes of one kind in the vectors of one subject are shown; the JSON has all.
_SHOWN = 8
_STYLES = {"regression": "red", "improvement": "green", "drift": "yellow"}


def show(console: Console, difference: Difference) -> None:
    """Print the changes, the worst kind first, and a line that counts them."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("kind", "subject", "vector", "what", "old", "new"):
        table.add_column(column, overflow="fold", no_wrap=column in ("kind", "what"))
    for kind, *cells in _rows(difference):
        table.add_row(Text(kind, _STYLES.get(kind, "")), *map(Text, cells))
    if difference.changes:
        console.print(table)
    if any(change.what == "vectors" for change in difference.changes):
        console.print(
            "The vectors are of different versions: those that only one of them has are no regressions."
        )
    counts = ", ".join(_counted(len(difference.of_kind(kind)), kind) for kind in KINDS)
    compared = f"{_counted(difference.vectors, 'vector')} of {_counted(difference.subjects, 'subject')} compared"
    console.print(f"{compared}: {counts}", soft_wrap=True)


def _rows(difference: Difference) -> Iterator[tuple[str, ...]]:
    groups: dict[tuple[str, str, bool], list[Change]] = defaultdict(list)
    for change in difference.changes:
        groups[change.kind, change.subject, bool(change.vector)].append(change)
    for (kind, subject, of_vectors), changes in groups.items():
        shown = _SHOWN if of_vectors else len(changes)
        for change in sorted(changes, key=lambda change: -float(change.new_worst or 0))[:shown]:
            old, new = _cell(change.old, change.old_worst), _cell(change.new, change.new_worst)
            yield kind, printable(subject), printable(change.vector), change.what, old, new
        if len(changes) > shown:
            yield kind, printable(subject), f"and {len(changes) - shown} more", "", "", ""


def _cell(value: Any, worst: float | str | None) -> str:
    if isinstance(value, dict):  # the options
        value = ", ".join(
            f"{name} {one}" for name, one in value.items() if one not in (None, [], False)
        )
    ratio = "" if worst is None else f" ({short(float(worst))})"
    return printable("absent" if value is None else str(value)) + ratio


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 or what == "drift" else "s")
