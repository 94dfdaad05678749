"""The third part of the page: from what a program does to the value on an axis, and who does it."""

from collections.abc import Iterator, Mapping, Sequence

from ...defects import DEFECTS
from ...identity.storages import USERS
from ...vectors.suite import Suite
from ..words.conventions import axes
from ..words.entries import formulas_of_glossary
from .judged import JudgedRow, matters
from .table import code, formulas, some, table

_HEADS = (
    "your code",
    "value",
    "formula",
    "conventions",
    "measured in",
)
# How a glossary begins to say what a value means.
_BEGINNING = "An Adam with this value "


def values(suite: Suite, rows: Sequence[JudgedRow]) -> Iterator[str]:
    """Yield a chapter for each axis."""
    # Axes in the order of conventions.json, as they belong together.
    by_axis = _by_axis(suite, rows)
    for axis, lines in by_axis.items():
        yield f"### {axis}\n"
        yield from table(_HEADS, lines)


def arithmetics(suite: Suite) -> Iterator[str]:
    """Yield the table of arithmetics."""
    users = [(code(letters), who) for letters, who in suite.arithmetics.items()]
    yield from table(("arithmetic", "who has it"), users)


def storages() -> Iterator[str]:
    """Yield the table of what is kept of half precision."""
    users = [(code(storage) or "the defaults", who) for storage, who in USERS.items()]
    yield from table(("storage", "who has it"), users)


def mistakes() -> Iterator[str]:
    """Yield the table of mistakes that somebody has made."""
    rows = []
    for defect in DEFECTS:
        # Others were thought of, and nobody is known to have made them.
        if defect.links:
            links = ", ".join(defect.links)
            rows.append((defect.what, code(defect.name), links))
    heads = ("your code", "mistake", "where it was")
    yield from table(heads, rows)


def _by_axis(suite: Suite, rows: Sequence[JudgedRow]) -> Mapping[str, list[list[str]]]:
    """Return axis -> a line for each of its values."""
    lines: dict[str, list[list[str]]] = {axis: [] for axis in suite.axes}
    for entry in axes(suite, *formulas_of_glossary()):
        # An axis has an entry too, and so has a value that turns a feature off.
        if entry.word in suite.axes or entry.word == "unsupported":
            continue
        axis, _, value = entry.aliases[0].partition("=")
        named = list(_conventions_with(suite, axis, value))
        measured = [one.row.name for one in rows if one.axes.get(axis) == value]
        # The first sentence is about the value, the second names the others.
        meaning = entry.write()
        first, _, _ = meaning.says.partition(". ")
        line = [
            first.removeprefix(_BEGINNING),
            code(value),
            formulas(meaning.formula) if meaning.formula else "",
            some(named),
            some(measured),
        ]
        lines[axis].append(line)
    return lines


def _conventions_with(suite: Suite, axis: str, value: str) -> Iterator[str]:
    """Yield the named conventions that have a value, where it means anything."""
    for name, listed in suite.conventions.items():
        if listed.axes[axis] == value and matters(axis, listed.axes):
            yield name
