"""Changes between two runs, for people."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..diff import Change, ChangeKind, ReportChange
from ..text import count_of, printable, short

# How many changes of one kind in the vectors of one subject are shown; the JSON has all.
_SHOWN = 8
_STYLES = {
    ChangeKind.REGRESSION: "red",
    ChangeKind.IMPROVEMENT: "green",
    ChangeKind.DRIFT: "yellow",
}
# Values of options that are as good as absent.
_UNSET: tuple[Any, ...] = (None, [], False)


def show(console: Console, found: ReportChange) -> None:
    """Print the changes, the worst kind first, and a line that counts them."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("kind", "subject", "vector", "what", "old", "new"):
        table.add_column(column, overflow="fold", no_wrap=column in ("kind", "what"))
    for kind, *cells in _rows(found):
        table.add_row(Text(kind, _STYLES.get(ChangeKind(kind), "")), *map(Text, cells))
    if found.changes:
        console.print(table)
    if any(change.what == "vectors" for change in found.changes):
        console.print(
            "The vectors have different versions. "
            "A vector that only one version has is not a regression."
        )
    counts = ", ".join(_count(found, kind) for kind in ChangeKind)
    subjects = count_of(found.subjects, "subject")
    compared = f"{count_of(found.vectors, 'vector')} of {subjects} compared"
    console.print(f"{compared}: {counts}", soft_wrap=True)


def _rows(found: ReportChange) -> Iterator[tuple[str, ...]]:
    groups: dict[tuple[str, str, bool], list[Change]] = defaultdict(list)
    for change in found.changes:
        groups[change.kind, change.subject, bool(change.vector)].append(change)
    for (kind, subject, of_vectors), changes in groups.items():
        # Changes of the run and of a subject are few, and all of them count.
        most = _SHOWN if of_vectors else len(changes)
        changes.sort(key=lambda change: -float(change.new_worst or 0))
        for change in changes[:most]:
            yield (
                kind,
                printable(subject),
                printable(change.vector),
                change.what,
                _cell(change.old, change.old_worst),
                _cell(change.new, change.new_worst),
            )
        if len(changes) > most:
            yield kind, printable(subject), f"and {len(changes) - most} more", "", "", ""


def _cell(value: Any, worst: float | str | None) -> str:
    text = printable(_text_of(value))
    return text if worst is None else f"{text} ({short(float(worst))})"


def _text_of(value: Any) -> str:
    if value is None:
        return "absent"
    if isinstance(value, dict):
        # Only the options of a run are a mapping.
        options = (f"{name} {option}" for name, option in value.items() if option not in _UNSET)
        return ", ".join(options)
    return str(value)


def _count(found: ReportChange, kind: ChangeKind) -> str:
    count = len(found.of_kind(kind))
    # Drift has no plural.
    return f"{count} drift" if kind == ChangeKind.DRIFT else count_of(count, kind)
