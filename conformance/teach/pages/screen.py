"""Pages on a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...report.text import printable
from .page import Block, Example, Grid, Heading, Lines, Page, Sentence, ShownLine, WordList

# Columns of the margin, of the tag, and of the name of a result.
_MARGIN = 2
_TAG = 5
_NAME = 16
_INDENT = _MARGIN + _TAG + _NAME
_STAND_OUT = "yellow"
_SMALL = 3


def show(console: Console, page: Page) -> None:
    """Print a page."""
    before: Block | None = None
    for block in page:
        # The line before a title sets it off, but not from the title above it.
        if isinstance(block, Heading) and not isinstance(before, Heading | None):
            console.print()
        _show(console, block)
        before = block


def _show(console: Console, block: Block) -> None:
    match block:
        case Heading(text, level):
            console.print(Text(printable(text), "bold" if level < _SMALL else "bold dim"))
        case Sentence(text, stands_out):
            console.print(Text(printable(text), _STAND_OUT if stands_out else ""))
        case Lines(rows):
            for row in rows:
                _show_row(console, row)
        case Grid():
            console.print(_table(block))
        case WordList(words):
            for line in _lines_of_words(words, console.width):
                console.print(Text(printable(line)), soft_wrap=True)
        case Example(lines):
            for line in lines:
                console.print(Text(f"  {line}"), soft_wrap=True)


def _lines_of_words(words: Sequence[str], width: int) -> Iterator[str]:
    """Yield lines of whole words; a word that is too long has a line of its own."""
    line = ""
    for number, word in enumerate(words, 1):
        item = word if number == len(words) else f"{word},"
        if line and len(f"{line} {item}") > width:
            yield line
            line = ""
        line = f"{line} {item}" if line else item
    yield line


def _show_row(console: Console, row: ShownLine) -> None:
    """Print a name, and beside it its formula, what it comes to, and what is said of it."""
    head = Text.assemble(
        f"{'':{_MARGIN}}", (f"{row.tag:<{_TAG}}", "cyan"), (f"{row.name:<{_NAME}}", "bold")
    )
    width = console.width - _INDENT
    for body in _bodies(row, width):
        lines = [body] if len(body) <= width else body.wrap(console, width)
        for line in lines:
            line.rstrip()
            console.print(Text.assemble(head, line), soft_wrap=True)
            head = Text(" " * _INDENT)


def _bodies(row: ShownLine, width: int) -> Iterator[Text]:
    """Yield the lines beside a name."""
    mark = ("  !", _STAND_OUT) if row.stands_out else ""
    in_one = f"= {row.numbers} = {row.formatted}"
    result = Text.assemble((row.result, "bold"), row.formatted.removeprefix(row.result))
    if row.letters:
        yield Text.assemble(f"= {row.letters}", mark)
        mark = ""
    if row.numbers and len(in_one) <= width:
        yield Text.assemble(f"= {row.numbers} = ", result, mark)
    else:
        if row.numbers:
            yield Text(f"= {row.numbers}")
        yield Text.assemble("= ", result, mark)
    if row.exact:
        yield Text(f"exact {row.exact}", "dim")
    if row.note and row.stands_out:
        yield Text(f"! {printable(row.note)}", _STAND_OUT)
    elif row.note:
        yield Text(f"({printable(row.note)})")


def _table(grid: Grid) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in grid.heads:
        table.add_column(column, overflow="fold")
    for number, cells in enumerate(grid.rows):
        style = f"bold {_STAND_OUT}" if number in grid.marked else ""
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table
