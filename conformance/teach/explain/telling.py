"""A question told as a page: what is asked, what its convention does otherwise, every number."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import isnan
from typing import Any

from ...report.text import count_of, short
from ...vectors.slices import IndexedSlices
from ...vectors.switches import GROUPS
from ..pages.page import Block, Heading, Lines, Page, Sentence, ShownLine
from .exactly import Exactness, ExactNumbers
from .opening import omissions, opening
from .question import StepQuestion
from .rules import KEPT, SHARED, STORED
from .story import Choice, ElementWorking, ToldStep, steps_of
from .term import TermKind, in_numbers

# Digits of an exact number: more than binary64 has.
_DIGITS = 25
# How many rows of a gradient are listed; only those of long ones are cut.
_LISTED = 40
# An error of so many units in the last place is the decimals' own.
_NOTHING = 1e-20


def page_of(question: StepQuestion, choice: Choice) -> Page:
    """Return the page of a question."""
    page: Page = list(opening(question))
    page += omissions(question.vector, choice)
    exact = ExactNumbers(question) if choice.exact else None
    if exact is not None and exact.remark:
        page.append(Sentence(exact.remark))
    teller = _StepTeller(question, exact)
    for step in steps_of(question, choice):
        page += teller.of_step(step)
    return page


class _StepTeller:
    """Tells steps, and remembers what it has said."""

    def __init__(self, question: StepQuestion, exact: ExactNumbers | None) -> None:
        self._question = question
        self._exact = exact
        # Name -> result of the numbers that all elements share.
        self._shared: dict[str, str] = {}
        self._notes: set[str] = set()

    def of_step(self, step: ToldStep) -> Iterator[Block]:
        """Yield the blocks of one step."""
        yield Heading(f"step {step.taken.number}")
        yield from sentences_of(step)
        for working in step.workings:
            yield from self._of_working(working, step.taken.number)

    def _of_working(self, working: ElementWorking, call: int) -> Iterator[Block]:
        if working.sentence:
            yield Heading(working.title, 3)
            yield Sentence(working.sentence, stands_out=True)
            return
        exactness = None if self._exact is None else self._exact.of(working, call)
        rows = list(rows_of(working, exactness))
        # Most of them stay from step to step, and are not told again.
        new = [row for row in rows if row.tag == SHARED and self._is_new(row)]
        if new:
            title = _title_of_shared(self._question, working, again=bool(self._shared))
            yield Heading(title, 3)
            yield self._lines([row._replace(tag="") for row in new])
            self._shared.update({row.name: row.result for row in new})
        yield Heading(f"{working.title}, t = {working.t}", 3)
        yield self._lines([row for row in rows if row.tag != SHARED])
        if exactness is not None:
            for sentence in exactness.sentences:
                yield Sentence(sentence)

    def _is_new(self, row: ShownLine) -> bool:
        return self._shared.get(row.name) != row.result

    def _lines(self, rows: Sequence[ShownLine]) -> Lines:
        """Return rows with each note once; its mark stays wherever it applies."""
        told = []
        for row in rows:
            note = "" if row.note in self._notes else row.note
            self._notes.add(row.note)
            told.append(row._replace(note=note))
        return Lines(tuple(told))


def sentences_of(step: ToldStep) -> Iterator[Sentence]:
    """Yield what is special about a call."""
    taken = step.taken
    if taken.call.learning_rate is not None:
        yield Sentence(f"from here on the learning rate is {taken.call.learning_rate!r}")
    if taken.call.scale is not None:
        yield Sentence(f"the gradients were multiplied by the loss scale {taken.call.scale:g}")
    for number, grad in enumerate(taken.call.grads):
        if isinstance(grad, IndexedSlices):
            yield Sentence(f"gradient of params[{number}]: {_slices(grad)}")
    if step.sentence:
        yield Sentence(step.sentence, stands_out=True)


def _slices(grad: Any) -> str:
    count = len(grad.indices)
    rows = ", ".join(map(str, grad.indices[:_LISTED].tolist()))
    more = f", and {count - _LISTED} more" if count > _LISTED else ""
    return f"sparse, {count_of(count, 'slice')} of rows [{rows}{more}]"


def _title_of_shared(
    question: StepQuestion,
    working: ElementWorking,
    again: bool,
) -> str:
    title = f"numbers that all elements share, t = {working.t}"
    assert working.rules is not None
    if GROUPS in question.vector.switches:
        title = f"numbers of the group of params[{working.place.param}], t = {working.t}"
    return f"{title}; the others have not changed" if again else title


def rows_of(working: ElementWorking, exactness: Exactness | None = None) -> Iterator[ShownLine]:
    """Yield the lines of a working as they are shown."""
    assert working.tape is not None
    results = zip(working.statements, working.tape.results, strict=True)
    # A name may stand in several lines, of which the last has what is kept.
    last = {statement.key: number for number, statement in enumerate(working.statements)}
    # The gradient as it is given follows the numbers that do not depend on it.
    others = (SHARED, STORED)
    first = next(place for place, one in enumerate(working.statements) if one.tag not in others)
    for number, (statement, value) in enumerate(results):
        if number == first:
            yield from _start_rows(working)
        result = text_of(value)
        numbers = _numbers(working, number)
        exact = ""
        # What rounding lost is no number of exact arithmetic, where nothing is lost.
        if exactness is not None and statement.key != KEPT.key:
            ratio = None
            if last[statement.key] == number:
                ratio = exactness.ratios.get(statement.key)
            exact = _exact_text(
                exactness,
                working,
                number,
                ratio,
            )
        yield ShownLine(
            tag=statement.tag,
            name=statement.letters,
            letters="" if statement.is_named_so else statement.formula,
            numbers="" if numbers == result else numbers,
            result=result,
            exact=exact,
            note=statement.note.text,
            stands_out=statement.note.is_otherwise,
            form=_form(working, number),
        )


def _numbers(working: ElementWorking, number: int) -> str:
    """Return the formula of a statement with its numbers, and what it is before a rounding."""
    assert working.tape is not None
    term = working.statements[number].term
    inputs = working.tape.inputs[number]
    shown = {key: text_of(inputs[key]) for key in term.names() if key != "1"}
    numbers = in_numbers(term, {**shown, "1": "1"})
    if term.kind is not TermKind.ROUND or term.parts[0].kind is TermKind.NAME:
        return numbers
    operations = [one for one in working.tape.operations if one.statement == number]
    # The last operation is the rounding, and the one before it has what is rounded.
    before = text_of(operations[-2].value)
    return numbers if before == text_of(operations[-1].value) else f"{numbers} = {before}"


def _form(working: ElementWorking, number: int) -> str:
    """Return the format of the result of a statement, where it goes without saying no longer."""
    assert working.tape is not None
    assert working.rules is not None
    form: str = working.tape.results[number].dtype.name
    is_usual = working.statements[number].tag != SHARED and form == working.rules.wide
    return "" if is_usual else form


def _start_rows(working: ElementWorking) -> Iterator[ShownLine]:
    """Yield the gradient as it is given."""
    names: Sequence[str] = [key for key in working.given if key[:1] == "g" and key[1:].isdigit()]
    for key in ["g", *names]:
        # A slice that is alone in its row is shown as the gradient of the row.
        is_alone = names == [key] and key not in {one.key for one in working.statements}
        if key in working.given and not is_alone:
            yield ShownLine(
                "g",
                key,
                "",
                "",
                text_of(working.given[key].value),
            )


def text_of(value: Any) -> str:
    """Return the shortest decimal that gives a number back in its format."""
    return str(value)


def _exact_text(
    exactness: Exactness,
    working: ElementWorking,
    number: int,
    ratio: float | None,
) -> str:
    assert working.tape is not None
    exact: Decimal = exactness.results[number]
    digits = f"{exact:.{_DIGITS}g}" if exact.is_finite() and exact else str(float(exact))
    if "." in digits and "e" not in digits:
        digits = digits.rstrip("0").rstrip(".")
    error = exactness.error_of(working, number)
    # What is not finite, in floats or exactly, is no number of units away.
    if not exact.is_finite() or isnan(error):
        return digits
    # The decimals are rounded, too.
    error = 0.0 if abs(error) < _NOTHING else error
    form = working.tape.results[number].dtype.name
    text = f"{digits}, {error:+.2g} ulp of {form}" if error else f"{digits}, no error"
    return f"{text}, {short(ratio)} of the bound" if ratio is not None and error else text
