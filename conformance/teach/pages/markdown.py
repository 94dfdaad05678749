"""Pages as Markdown."""

import re
from collections.abc import Iterator, Sequence

from ...report.text import printable
from .page import Block, Example, Grid, Heading, Lines, Page, Sentence, ShownLine, WordList

# What Markdown or HTML would obey in prose.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#$])")


def text(page: Page) -> str:
    """Return the text of the file."""
    return "\n\n".join("\n".join(_lines(block)) for block in page) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(title, level):
            yield f"{'#' * level} {_escape(title)}"
        case Sentence(sentence, stands_out):
            yield f"**{_escape(sentence)}**" if stands_out else _escape(sentence)
        case Lines(rows):
            yield from _working(rows)
        case Grid(heads, rows):
            yield from _table(heads, rows)
        case WordList(words):
            yield _escape(", ".join(words))
        case Example(lines):
            yield "```console"
            yield from lines
            yield "```"


def _working(rows: Sequence[ShownLine]) -> Iterator[str]:
    heads = ["", "", "in letters", "in numbers", "result"]
    # Few pages have either.
    if any(row.exact for row in rows):
        heads.append("exact")
    if any(row.note or row.stands_out for row in rows):
        heads.append("remark")
    table = []
    for row in rows:
        cells = [row.tag, row.name, row.letters, row.numbers, row.formatted]
        if "exact" in heads:
            cells.append(row.exact)
        if "remark" in heads:
            cells.append(_remark(row))
        table.append(tuple(cells))
    yield from _table(heads, table)


def _remark(row: ShownLine) -> str:
    # What is otherwise is marked as on a terminal.
    if row.stands_out:
        return f"! {row.note or 'as above'}"
    return row.note


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(map(_escape, heads))} |"
    yield f"|{'|'.join('---' for _ in heads)}|"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(content: str) -> str:
    return " <br> ".join(map(_escape, content.split("\n")))


def _escape(content: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(content))
