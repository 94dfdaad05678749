"""All entries: read from the data that define words, and from the glossary for general words."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ...vectors.suite import Suite
from .conventions import arithmetic, axes, named_conventions
from .entry import Meaning, WordEntry
from .formulas import equations_of_paper
from .mistakes import defects, flags, subjects

_FOLDER = Path(__file__).parent
# Tables of the glossary that are about axes, and no entries.
_FORMULAS = "formulas"
_VALUES = "values"


def formulas_of_glossary() -> tuple[dict[str, str], dict[str, str]]:
    """Return what the glossary has of axes: axis and value -> a formula, and -> words."""
    glossary = _toml("glossary.toml")
    return glossary[_FORMULAS], glossary[_VALUES]


class Entries:
    """The entries of all words, by word; ``suite`` has the vectors and conventions they name.

    Only the meaning of a word that is asked for is written.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._glossary = _toml("glossary.toml")

    def of(self, word: str) -> list[WordEntry]:
        """Return the entries of a word; several, if it means several things."""
        word = word.strip()
        return self._named(word) or [*self._of_code(word), *self._of_pair(word)]

    @property
    def words(self) -> list[str]:
        """All words that have an entry."""
        return list(self._by_word)

    @cached_property
    def all(self) -> list[WordEntry]:
        """Every entry, those of one kind together."""
        suite = self.suite
        return [
            *self._general(),
            *axes(suite, self._glossary[_FORMULAS], self._glossary[_VALUES]),
            *named_conventions(suite),
            *(arithmetic(suite, code) for code in suite.arithmetics),
            *subjects(),
            *flags(suite),
            *defects(suite),
        ]

    @cached_property
    def _by_word(self) -> dict[str, list[WordEntry]]:
        by_word: dict[str, list[WordEntry]] = {}
        for entry in self.all:
            for name in entry.names:
                by_word.setdefault(name, []).append(entry)
        return by_word

    @cached_property
    def _by_lowered(self) -> dict[str, list[WordEntry]]:
        by_lowered: dict[str, list[WordEntry]] = {}
        for word, entries in self._by_word.items():
            by_lowered.setdefault(word.lower(), []).extend(entries)
        return by_lowered

    def _named(self, word: str) -> list[WordEntry]:
        """Return the entries of a name: as it is written, or else in any case."""
        # So that t is the number of a step, and T a format.
        return self._by_word.get(word) or self._by_lowered.get(word.lower(), [])

    def _general(self) -> Iterator[WordEntry]:
        """Yield the entries of the glossary."""
        for word, fields in self._glossary.items():
            if word in (_FORMULAS, _VALUES):
                continue
            yield WordEntry(
                word=word,
                kind=fields["is"],
                write=partial(_meaning, word, fields),
                aliases=tuple(fields.get("aliases", ())),
            )

    def _of_code(self, word: str) -> list[WordEntry]:
        """Return the entry of any five letters of an arithmetic."""
        try:
            return [arithmetic(self.suite, word)]
        except ValueError:
            return []

    def _of_pair(self, word: str) -> list[WordEntry]:
        """Return the entries of a field of a storage and of its value, as in weights=master."""
        name, equals, value = word.partition("=")
        fields = self._named(name.strip())
        values = self._named(value.strip())
        return [*fields, *values] if equals and fields and values else []


def _meaning(word: str, fields: Mapping[str, Any]) -> Meaning:
    formula = fields.get("formula", "") or equations_of_paper().get(word, "")
    return Meaning(
        says=fields["says"],
        formula=formula,
        who=fields.get("who", ""),
        vector=fields.get("vector", ""),
        see=tuple(fields.get("see", ())),
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text("utf-8"))
