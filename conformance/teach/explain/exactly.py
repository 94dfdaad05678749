"""Exact numbers beside the floats of a step, and the operations that their errors come from.

The exact numbers before a step are the oracle's; so is the bound after it. The lines between are
computed exactly from there. A float differs from its exact number by what it inherits, the errors
of the numbers that the step starts from, and by the roundings of the step itself. Each is added
alone to an exact step, which tells its part in the error of the parameter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from math import frexp, isfinite, ldexp
from typing import Any

from ...truth.exact_state import ExactState
from ...truth.formats import FORMATS
from ...truth.point import Point
from ...truth.problem import Problem
from ...vectors.spec import VectorSpec
from .question import StepQuestion
from .rules import SHARED, STORED
from .start import ElementPlace
from .story import ElementWorking
from .tape import FloatOperation, Statement, compute_exactly, decimal_of, without_traps
from .term import TermKind, in_letters

_SLOTS = ("param", "m", "v", "v_max")
# A part of an error that is worth a word.
_LEAST_PART = Decimal("0.005")
_PERCENT = 100
# Tags of lines that belong to no equation -> where a reader finds them.
_PLACES = {SHARED: "the shared numbers", STORED: "what is kept", "g": "the gradient"}


@dataclass(frozen=True, eq=False)
class Exactness:
    """The exact numbers of one working.

    Attributes:
        results: of each statement, from exact numbers at the start.
        ratios: slot -> the error of the float as a multiple of the bound, where there is one.
        sentences: where the error of the parameter comes from.
    """

    results: Sequence[Decimal]
    ratios: Mapping[str, float]
    sentences: Sequence[str]

    def error_of(self, working: ElementWorking, number: int) -> float:
        """Return the error of the float of a statement, in units in its last place."""
        assert working.tape is not None
        value = working.tape.results[number]
        return ulps(value, self.results[number])


class ExactNumbers:
    """The exact states of a question, found once."""

    def __init__(self, question: StepQuestion) -> None:
        self._sizes = question.vector.spec.sizes
        self.remark = ""
        self._states: Sequence[Sequence[ExactState]] = ()
        try:
            self._states = _solve(question)
        except ValueError as error:
            self.remark = f"exact numbers start anew from the floats of each step: {error}"

    def of(self, working: ElementWorking, call: int) -> Exactness:
        """Return the exact numbers of one working in a call."""
        with localcontext(without_traps()):
            start = self._start(working, call)
            results = compute_exactly(working.statements, start)
            return Exactness(
                results=results,
                ratios=self._ratios(working, call),
                sentences=_origins(working, start, results),
            )

    def _start(self, working: ElementWorking, call: int) -> dict[str, Decimal]:
        start = {key: leaf.exact for key, leaf in working.given.items()}
        state = self._state(working.place, call - 1)
        if state is not None:
            for slot in _SLOTS:
                numbers = getattr(state.memory, slot)
                if numbers:
                    start[slot] = numbers[self._index(working.place)]
        return start

    def _ratios(self, working: ElementWorking, call: int) -> dict[str, float]:
        state = self._state(working.place, call)
        assert working.tape is not None
        ratios: dict[str, float] = {}
        if state is None:
            return ratios
        index = self._index(working.place)
        for slot in _SLOTS:
            numbers = getattr(state.memory, slot)
            if not numbers:
                continue
            error = abs(decimal_of(working.tape.numbers[slot]) - numbers[index])
            radius = float(getattr(state.radii, slot)[index])
            if radius and isfinite(radius) and error.is_finite():
                ratios[slot] = float(error) / radius
        return ratios

    def _state(self, place: ElementPlace, call: int) -> ExactState | None:
        """Return the exact state of a parameter after a call; None before the first."""
        return self._states[call - 1][place.param] if call and self._states else None

    def _index(self, place: ElementPlace) -> int:
        # A large array repeats the elements that are written down.
        return place.element % self._sizes[place.param]


def _solve(question: StepQuestion) -> Sequence[Sequence[ExactState]]:
    """Return the exact states after each call, by call and parameter."""
    if any(question.storage_of(param) is not None for param in question.vector.params):
        raise ValueError("what is stored in half precision is rounded on purpose")
    # A vector may have answers for some calls only; here each is asked for.
    spec: VectorSpec = question.vector.spec
    every = replace(spec, after=tuple(range(1, spec.call_count + 1)))
    point = Point(question.convention, question.arithmetic)
    return Problem(every).solve(point).states


def ulps(value: Any, exact: Decimal) -> float:
    """Return how far a float is from an exact number, in units in the last place of the float."""
    if not exact.is_finite() or not isfinite(float(value)):
        return 0.0 if str(decimal_of(value)) == str(exact) else float("nan")
    with localcontext(without_traps()):
        return float((decimal_of(value) - exact) / Decimal(_unit(value)))


def _unit(value: Any) -> float:
    """Return the distance from a float to the next larger one of its format."""
    form = FORMATS[value.dtype.name if hasattr(value, "dtype") else "float64"]
    # The fraction is from 1/2, so that the first bit of the number is worth 2^(exponent - 1).
    _, exponent = frexp(abs(float(value)))
    least = form.tiny * 2 * form.roundoff
    return max(ldexp(form.roundoff, exponent), least) if value else least


def _origins(
    working: ElementWorking,
    start: Mapping[str, Decimal],
    exact: Sequence[Decimal],
) -> list[str]:
    """Return which operation rounds first, and what the error of the parameter is made of."""
    assert working.tape is not None
    operations = working.tape.operations
    # An operation is exact more often than not: with zeros, powers of two, and sums of few digits.
    rounding = [one for one in operations if one.error.is_finite() and one.error]
    inherited = _errors_of_start(working, start)
    if not rounding and not inherited:
        return ["No operation of this step rounds: every float is the exact number."]
    sentences = []
    if rounding:
        first = _words(working.statements, rounding[0])
        sentences.append(f"The first operation that rounds is {first}.")
    else:
        sentences.append("No operation of this step rounds; the error is that of its start.")
    target = _target(working.statements)
    error = decimal_of(working.tape.results[target]) - exact[target]
    if not error.is_finite():
        return [*sentences, "The new parameter is not finite, and its error has no parts."]
    if not error:
        return [*sentences, "The new parameter is exact all the same."]
    parts = _parts(
        working,
        start,
        exact,
        target,
        inherited,
    )
    return [*sentences, *_largest_parts(parts)]


def _errors_of_start(working: ElementWorking, start: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the errors of the numbers that a step starts from, where there are any."""
    used = {key for statement in working.statements for key in statement.term.names()}
    errors = {}
    for key, leaf in working.given.items():
        error = decimal_of(leaf.value) - start[key]
        if error.is_finite() and error and key in used:
            errors[key] = error
    return errors


def _target(statements: Sequence[Statement]) -> int:
    """Return the number of the statement that makes the new parameter."""
    keys = [statement.key for statement in statements]
    return len(keys) - 1 - keys[::-1].index("stored" if "stored" in keys else "param")


def _parts(
    working: ElementWorking,
    start: Mapping[str, Decimal],
    exact: Sequence[Decimal],
    target: int,
    inherited: Mapping[str, Decimal],
) -> dict[str, Decimal]:
    """Return what each rounding, and each number of the start, adds to the error, in words."""
    assert working.tape is not None
    # What comes after the parameter has no part in its error.
    statements = working.statements[: target + 1]
    parts: dict[str, Decimal] = {}

    def add(words: str, results: Sequence[Decimal]) -> None:
        part = results[target] - exact[target]
        if part.is_finite():
            parts[words] = parts.get(words, Decimal(0)) + part

    for key, error in inherited.items():
        changed = {**start, key: start[key] + error}
        add(
            f"what {_WORDS_OF_START.get(key, key)} brings along",
            compute_exactly(statements, changed),
        )
    for number, operation in enumerate(working.tape.operations):
        if operation.error.is_finite() and operation.error and operation.statement <= target:
            results = compute_exactly(statements, start, {number: operation.error})
            add(_words(working.statements, operation), results)
    return parts


_WORDS_OF_START = {"param": "the old parameter", "m": "the old m", "v": "the old v"}


def _largest_parts(parts: Mapping[str, Decimal]) -> list[str]:
    """Return the largest part in words, and the second if it is not small beside it."""
    first, *others = sorted(parts, key=lambda words: -abs(parts[words]))
    # Parts of both signs cancel, so that each is compared with the sum of their sizes.
    size = sum(map(abs, parts.values()), Decimal(0))
    share = _share(parts[first], size)
    sentences = [f"Most of the error of the new parameter, {share} of all, is from {first}."]
    if others and abs(parts[others[0]]) / size > _LEAST_PART:
        share = _share(parts[others[0]], size)
        sentences.append(f"The next is {others[0]}, with {share}.")
    return sentences


def _share(part: Decimal, size: Decimal) -> str:
    return f"{float(abs(part) / size) * _PERCENT:.0f}%"


def _words(statements: Sequence[Statement], operation: FloatOperation) -> str:
    """Return an operation as a reader finds it: its equation, and what it computes."""
    statement = statements[operation.statement]
    place = _PLACES.get(statement.tag, statement.tag)
    text = in_letters(operation.term)
    if operation.term.kind in (TermKind.ROUND, TermKind.CUT):
        return f"the rounding of {text} to {operation.term.dtype}, in {place}"
    return f"{text}, in {place}"
