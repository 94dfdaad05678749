"""Entries: what can be said of one word."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What is said of one word.

    Attributes:
        says: two sentences or so.
        formula: an equation, or a few with `;` between; empty if there is none.
        who: who does it, or where it is; empty if that is nobody in particular.
        vector: the id of one that shows it; empty if none does.
        see: related words.
    """

    says: str
    formula: str = ""
    who: str = ""
    vector: str = ""
    see: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WordEntry:
    """One word, whose meaning is written when it is asked for.

    Attributes:
        word: as reports write it.
        kind: what it is, as `an axis`.
        write: returns the meaning. If it fails, other words do not.
        aliases: other words for it.
    """

    word: str
    kind: str
    write: Callable[[], Meaning]
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The words by which it is found."""
        return (self.word, *self.aliases)


def sentence(text: str) -> str:
    """Return a text with a full stop. Its first letter may be a name, as t, and stays."""
    return text if text.endswith(".") else f"{text}."
