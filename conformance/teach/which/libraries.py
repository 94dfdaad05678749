"""The first part of the page: from a library to its convention."""

from collections.abc import Iterator, Sequence

from .judged import JudgedRow
from .table import code, link, table

_HEADS = (
    "library, version",
    "class, arguments",
    "convention",
    "verdict",
    "check it",
)


def libraries(rows: Sequence[JudgedRow]) -> Iterator[str]:
    """Yield the table of libraries."""
    yield from table(_HEADS, map(_cells, rows))


def notes(rows: Sequence[JudgedRow]) -> Iterator[str]:
    """Yield what is to be known about libraries."""
    for one in rows:
        row = one.row
        # Most rows need no note.
        if row.notes:
            yield f"- {row.library}, {row.what}: {row.notes}"
    yield ""


def _cells(one: JudgedRow) -> list[str]:
    row = one.row
    library = f"{row.library} {row.version}"
    # Most are of Python, which needs no word.
    if row.language != "Python":
        library += f" ({row.language})"
    convention = link(one.base)
    if one.changes:
        convention += f" with {code(one.changes)}"
    verdict = one.verdict or "no run is kept"
    return [
        library,
        row.what,
        convention,
        verdict,
        code(one.command),
    ]
