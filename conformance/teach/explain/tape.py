"""Tapes: the statements of one step of one element, computed in floats and in exact arithmetic.

A statement gives a term a name. Computed in floats, each operation is rounded once, as NumPy does
it. Computed exactly, it is not; an exact computation may be nudged at one operation, which tells
how far a rounding there moves the result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from ...truth.problem import DIGITS
from .term import Term, TermKind, in_letters

# Bits of a float32 below those of a bfloat16.
_LOWER = np.uint32(0xFFFF)

Numbers = dict[str, Any]
Exacts = dict[str, Decimal]


class Note(NamedTuple):
    """What is to be said of a line.

    Fields:
        text: a phrase; empty if there is nothing to say.
        is_otherwise: whether the convention does something here that the paper does not.
    """

    text: str = ""
    is_otherwise: bool = False


NO_NOTE = Note()


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A line of a step: a term, and the name that its result gets.

    Attributes:
        tag: the equation, E1 to E5, or what the line is about.
        key: the name that later terms use.
        letters: the name as the paper writes it.
        term: the formula, as it is computed.
        dtype: of its operations.
        letters_of_term: the formula as it is shown; None is the term in letters.
        paper: the formula in the paper, where another one is computed.
        note: what is to be said of it.
    """

    tag: str
    key: str
    letters: str
    term: Term
    dtype: str
    letters_of_term: str | None = None
    paper: str = ""
    note: Note = NO_NOTE

    @property
    def formula(self) -> str:
        """The formula in letters."""
        shown = self.letters_of_term
        return in_letters(self.term) if shown is None else shown

    @property
    def is_named_so(self) -> bool:
        """Whether its name is the formula already, as that of 1 - beta1."""
        return self.formula.replace(" ", "") == self.letters.replace(" ", "")


class FloatOperation(NamedTuple):
    """One operation on floats, with the error of its rounding.

    Fields:
        statement: the number of its statement.
        term: what it computes.
        value: the float that came out.
        error: the float minus the exact result of the same floats; NaN if there is none.
    """

    statement: int
    term: Term
    value: Any
    error: Decimal


class FloatTape(NamedTuple):
    """What a computation in floats leaves.

    Fields:
        numbers: key -> its last number.
        results: the number of each statement.
        inputs: for each statement the numbers before it.
        operations: all of them, in their order.
    """

    numbers: Numbers
    results: list[Any]
    inputs: list[Numbers]
    operations: list[FloatOperation]


@np.errstate(all="ignore")
def compute(statements: Sequence[Statement], given: Mapping[str, Any]) -> FloatTape:
    """Return the computation of statements in floats, from numbers by key."""
    numbers = dict(given)
    tape = FloatTape(numbers, [], [], [])
    with localcontext(without_traps()):
        for place, statement in enumerate(statements):
            tape.inputs.append(dict(numbers))
            value = _in_floats(
                statement.term,
                numbers,
                statement.dtype,
                place,
                tape.operations,
            )
            numbers[statement.key] = value
            tape.results.append(value)
    return tape


def compute_exactly(
    statements: Sequence[Statement],
    given: Mapping[str, Decimal],
    nudges: Mapping[int, Decimal] | None = None,
) -> list[Decimal]:
    """Return the exact result of each statement.

    Args:
        statements: as for `compute`.
        given: numbers by key.
        nudges: number of an operation -> what is added to its result.
    """
    numbers = dict(given)
    results = []
    nudging = _Nudges(nudges or {})
    with localcontext(without_traps()):
        for statement in statements:
            numbers[statement.key] = _exactly(statement.term, numbers, nudging)
            results.append(numbers[statement.key])
    return results


def decimal_of(value: Any) -> Decimal:
    """Return a number of Python or NumPy as a decimal, with the same value."""
    return Decimal(value) if isinstance(value, int) else Decimal(float(value))


def without_traps() -> Context:
    """Return the context of exact numbers, in which overflows and NaNs are numbers like others."""
    return Context(prec=DIGITS, traps=[])


class _Nudges:
    """Counts operations, and adds to the result of those that are named."""

    def __init__(self, by_number: Mapping[int, Decimal]) -> None:
        self._by_number = by_number
        self._number = 0

    def apply(self, value: Decimal) -> Decimal:
        nudge = self._by_number.get(self._number)
        self._number += 1
        return value if nudge is None else value + nudge


def _in_floats(
    term: Term, numbers: Mapping[str, Any], dtype: str, place: int, done: list[FloatOperation]
) -> Any:
    if term.kind is TermKind.NAME:
        return np.dtype(dtype).type(1) if term.key == "1" else numbers[term.key]
    parts = [
        _in_floats(
            part,
            numbers,
            dtype,
            place,
            done,
        )
        for part in term.parts
    ]
    value = _FLOATS[term.kind](dtype, term, *parts)
    exact = _EXACTS[term.kind](*map(decimal_of, parts))
    done.append(
        FloatOperation(
            place,
            term,
            value,
            decimal_of(value) - exact,
        )
    )
    return value


def _exactly(
    term: Term,
    numbers: Mapping[str, Decimal],
    nudging: _Nudges,
) -> Decimal:
    if term.kind is TermKind.NAME:
        return Decimal(1) if term.key == "1" else numbers[term.key]
    parts = [_exactly(part, numbers, nudging) for part in term.parts]
    return nudging.apply(_EXACTS[term.kind](*parts))


# Operations on floats. All parts have the dtype of the statement, or are exponents.


def _power(
    dtype: str,
    _term: Term,
    base: Any,
    exponent: Any,
) -> Any:
    # As `scalars` takes it: by Python, whose power NumPy need not share.
    return np.dtype(dtype).type(float(base) ** int(exponent))


def _root(
    dtype: str,
    _term: Term,
    x: Any,
) -> Any:
    if dtype == "float64" and x >= 0:
        return np.float64(sqrt(x))
    return np.sqrt(x)


def _sum(dtype: str, _term: Term, *parts: Any) -> Any:
    sum_so_far = np.dtype(dtype).type(0)
    for part in parts:
        sum_so_far = sum_so_far + part
    return sum_so_far


def _round(
    _dtype: str,
    term: Term,
    x: Any,
) -> Any:
    return np.asarray(x).astype(term.dtype)[()]


def _cut(
    _dtype: str,
    term: Term,
    x: Any,
) -> Any:
    bits = np.asarray(x, np.float32).view(np.uint32)
    if np.isnan(x):
        return _round(_dtype, term, x)
    return np.asarray(bits & ~_LOWER).view(np.float32).astype(term.dtype)[()]


_FLOATS: dict[TermKind, Callable[..., Any]] = {
    TermKind.ADD: lambda _dtype, _term, x, y: x + y,
    TermKind.SUBTRACT: lambda _dtype, _term, x, y: x - y,
    TermKind.TIMES: lambda _dtype, _term, x, y: x * y,
    TermKind.OVER: lambda _dtype, _term, x, y: x / y,
    TermKind.POWER: _power,
    TermKind.SQUARE: lambda _dtype, _term, x: x * x,
    TermKind.ROOT: _root,
    TermKind.LARGEST: lambda _dtype, _term, x, y: np.maximum(x, y),
    TermKind.LEAST: lambda _dtype, _term, x, y: np.minimum(x, y),
    TermKind.NEGATIVE: lambda _dtype, _term, x: -x,
    TermKind.SUM: _sum,
    TermKind.ROUND: _round,
    TermKind.CUT: _cut,
}


def _exact_sum(*parts: Decimal) -> Decimal:
    return sum(parts, Decimal(0))


_EXACTS: dict[TermKind, Callable[..., Decimal]] = {
    TermKind.ADD: lambda x, y: x + y,
    TermKind.SUBTRACT: lambda x, y: x - y,
    TermKind.TIMES: lambda x, y: x * y,
    TermKind.OVER: lambda x, y: x / y,
    TermKind.POWER: lambda x, y: x**y if y else Decimal(1),
    TermKind.SQUARE: lambda x: x * x,
    TermKind.ROOT: lambda x: x.sqrt(),
    TermKind.LARGEST: max,
    TermKind.LEAST: min,
    TermKind.NEGATIVE: lambda x: -x,
    TermKind.SUM: _exact_sum,
    TermKind.ROUND: lambda x: x,
    TermKind.CUT: lambda x: x,
}
