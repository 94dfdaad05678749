"""Tables and lists of Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

# More names than this are counted.
_MOST_NAMES = 8


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, and an empty one after it."""
    yield _line(heads)
    rule = ["---" for _ in heads]
    yield _line(rule)
    for row in rows:
        yield _line(row)
    yield ""


def _line(cells: Sequence[str]) -> str:
    # A bar would end the cell.
    escaped = [cell.replace("|", r"\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def code(text: str) -> str:
    """Return a text as code; empty of an empty one."""
    if not text:
        return ""
    return f"`{text}`"


def formulas(text: str) -> str:
    """Return formulas with `;` between them, each as code."""
    parts = text.split("; ")
    return ", ".join(map(code, parts))


def anchor(heading: str) -> str:
    """Return where a link to a heading goes."""
    # Letters of other kinds are left out, and blanks become hyphens.
    plain = re.sub(r"[^a-z0-9 _-]", "", heading.lower())
    return plain.replace(" ", "-")


def link(heading: str) -> str:
    """Return a link to a heading of the page."""
    return f"[`{heading}`](#{anchor(heading)})"


def some(names: Sequence[str]) -> str:
    """Return names, or some of them and the number of the others."""
    shown = ", ".join(map(code, names[:_MOST_NAMES]))
    more = len(names) - _MOST_NAMES
    if more <= 0:
        return shown
    return f"{shown} and {more} more"
