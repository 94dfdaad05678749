"""Pages: what is said, in blocks that a terminal and a file of Markdown show alike."""

from typing import NamedTuple


class Heading(NamedTuple):
    """A title; level 1 is the page's own."""

    text: str
    level: int = 2


class Sentence(NamedTuple):
    """A line of prose; ``stands_out`` where a reader must not miss it."""

    text: str
    stands_out: bool = False


class ShownLine(NamedTuple):
    """One line of a working.

    Fields:
        tag: the equation. name: of the result.
        letters, numbers: the formula, and the formula with its numbers; empty if not shown.
        result: the number. exact: the exact number with the error; empty if not asked for.
        note: what is to be said of it; empty if nothing, or if it was said above.
        stands_out: whether the convention does something otherwise here.
        form: the format of the result, as float64; empty where it is that of all lines around.
    """

    tag: str
    name: str
    letters: str
    numbers: str
    result: str
    exact: str = ""
    note: str = ""
    stands_out: bool = False
    form: str = ""

    @property
    def formatted(self) -> str:
        """The result, with its format."""
        return f"{self.result} in {self.form}" if self.form else self.result


class Lines(NamedTuple):
    """The lines of one working."""

    rows: tuple[ShownLine, ...]


class Grid(NamedTuple):
    """A table: heads, and rows of cells; ``marked`` are the rows that stand out."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: tuple[int, ...] = ()


class WordList(NamedTuple):
    """Words, none of which may be broken."""

    words: tuple[str, ...]


class Example(NamedTuple):
    """Lines as they are typed or written, which keep their shape."""

    lines: tuple[str, ...]


Block = Heading | Sentence | Lines | Grid | WordList | Example
Page = list[Block]
