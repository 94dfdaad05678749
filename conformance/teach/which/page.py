"""The whole page, WHICH_ADAM.md: the prose of page.md, with tables where it has a line @name."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from ...vectors.files import load
from .conventions import conventions
from .judged import judged_rows
from .libraries import libraries, notes
from .values import arithmetics, mistakes, storages, values

_HERE = Path(__file__).parent
FILE = _HERE.parent / "WHICH_ADAM.md"
# How a line begins that a table replaces.
_MARK = "@"


def page() -> str:
    """Return the text of the page."""
    suite = load()
    rows = judged_rows(suite)
    tables = {
        "libraries": libraries(rows),
        "notes": notes(rows),
        "conventions": conventions(suite, rows),
        "values": values(suite, rows),
        "arithmetics": arithmetics(suite),
        "storages": storages(),
        "mistakes": mistakes(),
    }
    prose = (_HERE / "page.md").read_text("utf-8")
    return with_tables(prose, tables)


def with_tables(prose: str, tables: Mapping[str, Iterable[str]]) -> str:
    """Return a text with the lines of a table in place of its mark.

    Raises:
        KeyError: there is no table for a mark.
    """
    lines: list[str] = []
    for line in prose.splitlines():
        if line.startswith(_MARK):
            lines += tables[line.removeprefix(_MARK)]
        else:
            lines.append(line)
    return "\n".join(lines).rstrip() + "\n"
