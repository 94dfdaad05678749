"""A question told as a page: what is asked, what its convention does otherwise, every number."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from ...diagnosis.axis_words import words_of
from ...report.text import count_of, short
from ...truth.axes import idle_axes
from ...truth.reference import AXES, CONVENTIONS, Format
from ...vectors.slices import IndexedSlices
from ...vectors.switches import GROUPS
from ...vectors.vector import Vector
from ..pages.page import Block, Heading, Lines, Page, Row, Sentence
from .exactly import Exactness, ExactNumbers
from .question import OWN_INPUTS, Question
from .rules import KEPT, SHARED, STORED
from .story import Choice, Step, Working, steps_of
from .term import in_numbers

# Digits of an exact number: more than binary64 has.
_DIGITS = 25
# How many numbers of a gradient, and how many numbers of steps, are listed.
_LISTED = 6
# An error of so many units in the last place is the decimals' own.
_NOTHING = 1e-20
_FORMATS = {Format.BINARY64: "binary64", Format.BINARY32: "binary32"}


def page_of(question: Question, choice: Choice) -> Page:
    """Return the page of a question."""
    page: Page = list(_opening(question))
    page += _left_out(question.vector, choice)
    exact = ExactNumbers(question) if choice.exact else None
    if exact is not None and exact.remark:
        page.append(Sentence(exact.remark))
    teller = _Teller(question, exact)
    for step in steps_of(question, choice):
        page += teller.of_step(step)
    return page


def _opening(question: Question) -> Iterator[Block]:
    """Yield what is asked."""
    vector = question.vector
    yield Heading(f"{question.name}, by {question.convention.name}", 1)
    if vector.id != OWN_INPUTS:
        yield Sentence(vector.why)
    yield Sentence(f"config: {', '.join(settings_of(vector))}")
    kept = f", kept as {question.storage}" if question.storage else ""
    shapes = ", ".join(str(list(shape)) for shape in vector.spec.shapes)
    number = "shape" if len(vector.params) == 1 else "shapes"
    yield Sentence(
        f"{count_of(len(vector.params), 'parameter')} of {vector.dtype}{kept}, "
        f"{number} {shapes}; {count_of(len(vector.calls), 'call')}"
    )
    yield Sentence(arithmetic_words(question))
    yield from _otherwise(question)


def settings_of(vector: Vector) -> list[str]:
    """Return the numbers and switches of a vector, as they are written."""
    flags = {name: on for name, on in vector.switches.items() if not isinstance(on, float)}
    return [f"{name}={value!r}" for name, value in {**vector.numbers, **flags}.items()]


def arithmetic_words(question: Question) -> str:
    """Return in words what the arithmetic of a question rounds, and how elements are computed."""
    arithmetic = question.arithmetic
    dtype = question.wide_of(question.vector.params[0])
    formats = {
        "the learning rate": arithmetic.learning_rate,
        "epsilon": arithmetic.epsilon,
        "beta in E1 and E2": arithmetic.moment_beta,
        "beta in beta^t": arithmetic.power_beta,
        "1 - beta^t": arithmetic.correction,
    }
    by_format: dict[str, list[str]] = {}
    for number, form in formats.items():
        by_format.setdefault(_FORMATS.get(form, dtype), []).append(number)
    parts = [f"{', '.join(numbers)} in {form}" for form, numbers in by_format.items()]
    if len(parts) == 1:
        parts = [f"all shared numbers in {next(iter(by_format))}"]
    return f"arithmetic {arithmetic}: {'; '.join(parts)}; elements in {dtype}"


def _otherwise(question: Question) -> Iterator[Block]:
    """Yield what the convention does otherwise than the paper, where it matters here."""
    own = question.convention
    paper = CONVENTIONS["paper"].convention
    idle = axes_without_effect(question.vector)
    for axis in AXES:
        value = getattr(own, axis)
        usual = getattr(paper, axis)
        words = words_of(axis, value)
        if axis in idle or value == usual or not words:
            continue
        if axis == "epsilon" and value == "both" and "epsilon_root" not in question.vector.switches:
            continue
        other = words_of(axis, usual)
        contrast = f", where the paper {other}" if other else ""
        yield Sentence(f"{own.name} {words}{contrast} ({axis} {value})", stands_out=True)


def axes_without_effect(vector: Vector) -> set[str]:
    """Return the axes that cannot matter to a vector."""
    from ...truth.problem import Problem

    grads = [grad for call in vector.spec.inputs.calls for grad in call.grads]
    try:
        config = Problem(vector.spec).config
    except ValueError:
        # It has no exact answer, but may still be explained.
        return set()
    missing = any(grad is None for grad in grads)
    slices = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    idle = idle_axes(config, missing, bool(slices), vector.inputs.is_complex)
    if all(len(grad.indices) for grad in slices):
        idle.add("empty_sparse")
        # Only then may a sparse gradient count as missing.
        idle |= set() if missing else {"none_gradient", "all_none"}
    return idle


def _left_out(vector: Vector, choice: Choice) -> Iterator[Block]:
    """Yield how many steps and elements are not shown."""
    calls = len(vector.calls)
    elements = sum(param.size for param in vector.params)
    places = len(choice.places)
    if len(choice.steps) < calls:
        shown = ", ".join(map(str, choice.steps[:_LISTED]))
        left = count_of(calls - len(choice.steps), "step")
        more = ", ..." if len(choice.steps) > _LISTED else ""
        hint = "--steps all shows every step"
        steps = "step" if len(choice.steps) == 1 else "steps"
        yield Sentence(f"Shown: {steps} {shown}{more}; {left} of {calls} left out ({hint}).")
    if places < elements:
        yield Sentence(
            f"Shown: {count_of(places, 'element')}; {elements - places} of {elements} left out "
            "(--element all shows every element)."
        )


class _Teller:
    """Tells steps, and remembers what it has said."""

    def __init__(self, question: Question, exact: ExactNumbers | None) -> None:
        self._question = question
        self._exact = exact
        # Name -> result of the numbers that all elements share.
        self._shared: dict[str, str] = {}
        self._notes: set[str] = set()

    def of_step(self, step: Step) -> Iterator[Block]:
        """Yield the blocks of one step."""
        yield Heading(f"step {step.taken.number}")
        yield from sentences_of(step)
        for working in step.workings:
            yield from self._of_working(working, step.taken.number)

    def _of_working(self, working: Working, call: int) -> Iterator[Block]:
        if working.sentence:
            yield Heading(working.title, 3)
            yield Sentence(working.sentence, stands_out=True)
            return
        exactness = None if self._exact is None else self._exact.of(working, call)
        rows = list(rows_of(working, exactness))
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

    def _is_new(self, row: Row) -> bool:
        return self._shared.get(row.name) != row.result

    def _lines(self, rows: Sequence[Row]) -> Lines:
        """Return rows with each note once; its mark stays wherever it applies."""
        told = []
        for row in rows:
            note = "" if row.note in self._notes else row.note
            self._notes.add(row.note)
            told.append(row._replace(note=note, stands_out=bool(row.note)))
        return Lines(tuple(told))


def sentences_of(step: Step) -> Iterator[Sentence]:
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
    rows = ", ".join(map(str, grad.indices[:_LISTED].tolist()))
    more = ", ..." if len(grad.indices) > _LISTED else ""
    return f"sparse, {count_of(len(grad.indices), 'slice')} of rows [{rows}{more}]"


def _title_of_shared(question: Question, working: Working, again: bool) -> str:
    title = f"numbers that all elements share, t = {working.t}"
    assert working.rules is not None
    if GROUPS in question.vector.switches:
        title = f"numbers of the group of params[{working.place.param}], t = {working.t}"
    return f"{title}; the others have not changed" if again else title


def rows_of(working: Working, exactness: Exactness | None = None) -> Iterator[Row]:
    """Yield the lines of a working as they are shown."""
    assert working.tape is not None
    results = zip(working.statements, working.tape.results, working.tape.inputs, strict=True)
    last = {statement.key: number for number, statement in enumerate(working.statements)}
    # The gradient as it is given follows the numbers that do not depend on it.
    others = (SHARED, STORED)
    first = next(place for place, one in enumerate(working.statements) if one.tag not in others)
    for number, (statement, value, inputs) in enumerate(results):
        if number == first:
            yield from _start_rows(working)
        shown = {key: text_of(inputs[key]) for key in statement.term.names() if key != "1"}
        result = text_of(value)
        numbers = in_numbers(statement.term, {**shown, "1": "1"})
        exact = ""
        # What rounding lost is no number of exact arithmetic, where nothing is lost.
        if exactness is not None and statement.key != KEPT.key:
            ratio = None
            if last[statement.key] == number:
                ratio = exactness.ratios.get(statement.key)
            exact = _exact_text(exactness, working, number, ratio)
        yield Row(
            tag=statement.tag,
            name=statement.letters,
            letters="" if statement.is_named_so else statement.formula,
            numbers="" if numbers == result else numbers,
            result=result,
            exact=exact,
            note=statement.note,
        )


def _start_rows(working: Working) -> Iterator[Row]:
    """Yield the gradient as it is given."""
    names: Sequence[str] = [key for key in working.given if key[:1] == "g" and key[1:].isdigit()]
    for key in ["g", *names]:
        # A slice that is alone in its row is shown as the gradient of the row.
        is_alone = names == [key] and key not in {one.key for one in working.statements}
        if key in working.given and not is_alone:
            yield Row("g", key, "", "", text_of(working.given[key].value), note="")


def text_of(value: Any) -> str:
    """Return the shortest decimal that gives a number back in its format."""
    return str(value)


def _exact_text(exactness: Exactness, working: Working, number: int, ratio: float | None) -> str:
    exact: Decimal = exactness.results[number]
    digits = f"{exact:.{_DIGITS}g}" if exact.is_finite() and exact else str(float(exact))
    if "." in digits and "e" not in digits:
        digits = digits.rstrip("0").rstrip(".")
    error = exactness.error_of(working, number)
    # The decimals are rounded, too.
    error = 0.0 if abs(error) < _NOTHING else error
    text = f"{digits}, {error:+.2g} ulp" if error else f"{digits}, no error"
    return f"{text}, {short(ratio)} of the bound" if ratio is not None and error else text
