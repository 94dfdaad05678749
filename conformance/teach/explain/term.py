"""Terms: formulas that can be shown in letters, shown with numbers, and computed.

An example: `beta1 * m + rest1 * g`, made of three names, is shown as `beta1 m + (1 - beta1) g`, and
with its numbers as `0.5 * 0.0 + 0.5 * 3.0`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class TermKind(StrEnum):
    """What a term is: a name, or an operation."""

    NAME = "name"
    ADD = "+"
    SUBTRACT = "-"
    TIMES = "*"
    OVER = "/"
    POWER = "^"
    SQUARE = "^2"
    ROOT = "sqrt"
    LARGEST = "max"
    LEAST = "min"
    NEGATIVE = "negative"
    # The sum of the slices of a row, one after the other.
    SUM = "sum"
    # A rounding to the dtype that the term names; CUT is one towards zero.
    ROUND = "round"
    CUT = "cut"


# How tightly an operation binds its parts; what is not here stands like a function.
_STRENGTH = {
    TermKind.ADD: 1,
    TermKind.SUBTRACT: 1,
    TermKind.SUM: 1,
    TermKind.TIMES: 2,
    TermKind.OVER: 2,
    TermKind.NEGATIVE: 3,
    TermKind.POWER: 4,
    TermKind.SQUARE: 4,
}
_STRONGEST = 5
_FUNCTIONS = (TermKind.ROOT, TermKind.LARGEST, TermKind.LEAST)
# A rounding is no operation of the formula, and does not show.
_SILENT = (TermKind.ROUND, TermKind.CUT)


class Term(NamedTuple):
    """A formula.

    Fields:
        kind: a name, or an operation on parts.
        parts: what is operated on.
        key: of a name, under which its number is found.
        letters: of a name, as the paper writes it.
        dtype: of a rounding, what it rounds to.
    """

    kind: TermKind
    parts: tuple["Term", ...] = ()
    key: str = ""
    letters: str = ""
    dtype: str = ""

    def __add__(self, other: Any) -> "Term":
        return Term(TermKind.ADD, (self, other))

    def __sub__(self, other: Any) -> "Term":
        return Term(TermKind.SUBTRACT, (self, other))

    def __mul__(self, other: Any) -> "Term":
        return Term(TermKind.TIMES, (self, other))

    def __truediv__(self, other: Any) -> "Term":
        return Term(TermKind.OVER, (self, other))

    def __pow__(self, other: Any) -> "Term":
        return Term(TermKind.POWER, (self, other))

    def __neg__(self) -> "Term":
        return Term(TermKind.NEGATIVE, (self,))

    def names(self) -> set[str]:
        """Return the keys of all names in it."""
        if self.kind is TermKind.NAME:
            return {self.key}
        return {key for part in self.parts for key in part.names()}


def name(key: str, letters: str = "") -> Term:
    """Return the term of one number; without letters it is shown by its key."""
    return Term(TermKind.NAME, key=key, letters=letters or key)


def square(term: Term) -> Term:
    return Term(TermKind.SQUARE, (term,))


def root(term: Term) -> Term:
    return Term(TermKind.ROOT, (term,))


def largest(*terms: Term) -> Term:
    return Term(TermKind.LARGEST, terms)


def least(*terms: Term) -> Term:
    return Term(TermKind.LEAST, terms)


def total(*terms: Term) -> Term:
    return Term(TermKind.SUM, terms)


def rounded_to(term: Term, dtype: str) -> Term:
    return Term(TermKind.ROUND, (term,), dtype=dtype)


def cut_to(term: Term, dtype: str) -> Term:
    return Term(TermKind.CUT, (term,), dtype=dtype)


# The number 1, which no arithmetic rounds.
UNIT = name("1")


def in_letters(term: Term) -> str:
    """Return the formula as the paper writes it: a product has no sign."""
    return _text(term, None)


def in_numbers(term: Term, shown: Mapping[str, str]) -> str:
    """Return the formula with numbers in the place of its names; ``shown`` has them by key."""
    return _text(term, shown)


def _text(term: Term, shown: Mapping[str, str] | None) -> str:
    if term.kind is TermKind.NAME:
        return term.letters if shown is None else shown[term.key]
    if term.kind in _SILENT:
        return _text(term.parts[0], shown)
    # First without any parentheses, as a function shows its parts.
    texts = [_text(part, shown) for part in term.parts]
    if term.kind in _FUNCTIONS:
        return f"{term.kind}({', '.join(map(_without_parentheses, texts))})"
    strength = _STRENGTH[term.kind]
    inside = [_inside(part, strength, shown) for part in term.parts]
    # Of a difference or quotient the second part needs parentheses even where it binds equally.
    if term.kind in (TermKind.SUBTRACT, TermKind.OVER, TermKind.POWER):
        inside[1] = _inside(term.parts[1], strength + 1, shown)
    if term.kind is TermKind.NEGATIVE:
        return f"-{inside[0]}"
    if term.kind is TermKind.SQUARE:
        return f"{inside[0]}^2"
    if term.kind is TermKind.POWER:
        return f"{inside[0]}^{inside[1]}"
    if term.kind is TermKind.SUM:
        return " + ".join(inside)
    if term.kind is TermKind.TIMES and shown is None:
        return " ".join(inside)
    return f" {term.kind} ".join(inside)


def _without_parentheses(text: str) -> str:
    """Return a text without parentheses around all of it; they hold no others in a name."""
    is_whole = text.startswith("(") and text.find(")") == len(text) - 1
    return text[1:-1] if is_whole else text


def _inside(
    part: Term,
    strength: int,
    shown: Mapping[str, str] | None,
) -> str:
    """Return a part with parentheses where it binds less than the operation on it."""
    text = _text(part, shown)
    own = _own_strength(part, text)
    return f"({text})" if own < strength else text


def _own_strength(part: Term, text: str) -> int:
    if part.kind in _SILENT:
        return _own_strength(part.parts[0], text)
    if part.kind is TermKind.NAME:
        # A number below zero reads like a difference.
        return 1 if text.startswith("-") else _STRONGEST
    return _STRENGTH.get(part.kind, _STRONGEST)
