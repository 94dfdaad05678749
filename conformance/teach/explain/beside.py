"""Two conventions side by side, line by line, with the first line where they part."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from ...diagnosis.axis_words import words_of
from ...truth.reference import AXES
from ..pages.page import Block, Grid, Heading, Page, Sentence, ShownLine
from .exactly import ulps
from .opening import arithmetic_words, axes_without_effect, settings_of
from .question import StepQuestion
from .rules import SHARED
from .story import Choice, ElementWorking, ToldStep, steps_of
from .tape import decimal_of
from .telling import rows_of, sentences_of

# A smaller part of a step is not worth a word.
_VISIBLE = 1e-3


class _Pair(NamedTuple):
    """A line of one convention beside the line of the other; None where one has none."""

    own: ShownLine | None
    other: ShownLine | None

    @property
    def row(self) -> ShownLine:
        """The line of either."""
        row = self.own or self.other
        assert row is not None
        return row

    @property
    def parts(self) -> bool:
        """Whether the two differ in their formula or in their number."""
        if self.own is None or self.other is None:
            return True
        return self.own.letters != self.other.letters or self.own.result != self.other.result


def page_beside(
    own: StepQuestion,
    other: StepQuestion,
    choice: Choice,
) -> Page:
    """Return the page of one vector under two conventions."""
    names = (own.convention.name, other.convention.name)
    vector = own.vector
    page: Page = [Heading(f"{own.name}, by {names[0]} and by {names[1]}", 1)]
    page.append(Sentence(f"config: {', '.join(settings_of(vector))}"))
    for question in (own, other):
        words = arithmetic_words(question)
        page.append(Sentence(f"{question.convention.name}: {words}"))
    page += _axes(own, other)
    teller = _PairTeller(names)
    body: Page = []
    for steps in zip(steps_of(own, choice), steps_of(other, choice), strict=True):
        body += teller.of_steps(*steps)
    # What is found out below is what a reader wants to know first.
    return [*page, *teller.conclusions(), *body]


def _axes(own: StepQuestion, other: StepQuestion) -> Iterator[Sentence]:
    """Yield the axes that matter here and on which the two differ."""
    idle = axes_without_effect(own.vector)
    for axis in AXES:
        values = [getattr(question.convention, axis) for question in (own, other)]
        words = [words_of(axis, value) for value in values]
        if axis in idle or values[0] == values[1] or not all(words):
            continue
        names = [question.convention.name for question in (own, other)]
        yield Sentence(f"{axis}: {names[0]} {words[0]}; {names[1]} {words[1]}")


class _PairTeller:
    """Tells pairs of steps, and finds the first lines that part."""

    def __init__(self, names: tuple[str, str]) -> None:
        self._names = names
        self._formula = ""
        self._number = ""
        self._last = ""
        # Name -> the results that were shown last.
        self._shared: dict[str, set[str]] = {}

    def conclusions(self) -> Iterator[Sentence]:
        """Yield where the two part, and how far apart they end."""
        if not self._formula and not self._number:
            yield Sentence("No line that is shown differs.", stands_out=True)
        for sentence in (self._number, self._formula):
            if sentence:
                yield Sentence(sentence, stands_out=True)
        if self._last:
            yield Sentence(self._last)

    def of_steps(self, own: ToldStep, other: ToldStep) -> Iterator[Block]:
        """Yield the blocks of one call."""
        number = own.taken.number
        yield Heading(f"step {number}")
        texts = [_texts(own), _texts(other)]
        # What both say is the inputs'.
        both = [text for text in texts[0] if text in texts[1]]
        yield from map(Sentence, both)
        for name, own_texts in zip(self._names, texts, strict=True):
            for text in own_texts:
                if text not in both:
                    yield Sentence(f"{name}: {text}", stands_out=True)
        if bool(own.sentence) != bool(other.sentence):
            said = self._said_by_each([own.sentence, other.sentence])
            self._part_at(f"step {number}: {said}")
        for mine, its in zip_longest(own.workings, other.workings):
            yield from self._of_workings(number, mine, its)

    def _said_by_each(self, texts: Sequence[str]) -> str:
        pairs = zip(self._names, texts, strict=True)
        return "; ".join(f"{name}: {text or 'it takes the step'}" for name, text in pairs)

    def _part_at(self, place: str) -> None:
        self._formula = self._formula or f"They part first in {place}."

    def _of_workings(
        self, step: int, own: ElementWorking | None, other: ElementWorking | None
    ) -> Iterator[Block]:
        title = next(one.title for one in (own, other) if one is not None)
        yield Heading(title, 3)
        texts = [_sentence(own), _sentence(other)]
        if any(texts):
            yield Sentence(self._said_by_each(texts), stands_out=True)
        if bool(texts[0]) != bool(texts[1]):
            self._part_at(f"step {step}, {title}: {self._said_by_each(texts)}")
        # One of the two may take no step, or have refused the whole call.
        rows = _rows(own)
        other_rows = _rows(other)
        alone = not rows or not other_rows
        pairs = list(self._without_known(_pairs(rows, other_rows)))
        marked = []
        for number, pair in enumerate(pairs):
            if pair.parts and not alone and self._judge(pair, f"step {step}, {title}"):
                marked.append(number)
        if pairs:
            cells = []
            for number, pair in enumerate(pairs):
                cells.append(_cells(pair, number in marked, alone))
            yield Grid(("", "", *self._names), tuple(cells), tuple(marked))
        self._conclude(step, title, own, other)

    def _without_known(self, pairs: Iterator[_Pair]) -> Iterator[_Pair]:
        """Yield the pairs without shared numbers that stand above already."""
        for pair in pairs:
            row = pair.row
            results = {one.result for one in pair if one is not None}
            if row.tag == SHARED:
                if results <= self._shared.get(row.name, set()):
                    continue
                self._shared[row.name] = results
            yield pair

    def _judge(self, pair: _Pair, place: str) -> bool:
        """Return whether this is a first line where they part, and remember what is said."""
        # After the formulas have parted, all numbers differ, which says no more.
        own, other = pair
        row = pair.row
        at = (
            f"{place}, at {row.name}" if row.tag == SHARED else f"{place}, at {row.tag}, {row.name}"
        )
        if self._formula:
            return False
        if own is not None and other is not None and own.letters == other.letters:
            if self._number:
                return False
            numbers = [one.numbers or one.result for one in (own, other)]
            self._number = (
                f"Their numbers part first in {at}: {own.result} and {other.result}, by one "
                f"formula: {numbers[0]} and {numbers[1]}."
            )
            return True
        if row.tag == SHARED:
            # A line below, of an equation, tells what this number is for.
            return False
        notes = [one.note for one in pair if one is not None and one.stands_out]
        because = f": {'; '.join(dict.fromkeys(notes))}" if notes else ""
        pairs = zip(self._names, pair, strict=True)
        said = " and ".join(f"{name} {_said(one)}" for name, one in pairs)
        self._formula = f"Their formulas part first in {at}: {said}{because}."
        return True

    def _conclude(
        self,
        step: int,
        title: str,
        own: ElementWorking | None,
        other: ElementWorking | None,
    ) -> None:
        if own is None or other is None or own.tape is None or other.tape is None:
            return
        one = own.tape.numbers["param"]
        two = other.tape.numbers["param"]
        self._last = f"After step {step}, {title} is {one!s} and {two!s}"
        apart = abs(ulps(one, decimal_of(two)))
        if apart:
            self._last += f", {apart:.3g} ulp of {one.dtype} apart"
        ratio = _ratio_of_steps(own, other)
        if abs(ratio - 1) > _VISIBLE:
            first, second = self._names
            self._last += f"; that step is {ratio:.4g} times as long by {first} as by {second}"
        self._last += "."


def _ratio_of_steps(own: ElementWorking, other: ElementWorking) -> float:
    """Return how much longer the step of one is than that of the other; 1 if one is zero."""
    moved = []
    for working in (own, other):
        assert working.tape is not None
        after = float(working.tape.numbers["param"])
        moved.append(abs(after - float(working.given["param"].value)))
    return moved[0] / moved[1] if all(moved) else 1.0


def _texts(step: ToldStep) -> list[str]:
    return [sentence.text for sentence in sentences_of(step)]


def _sentence(working: ElementWorking | None) -> str:
    return working.sentence if working is not None else "as above"


def _rows(working: ElementWorking | None) -> list[ShownLine]:
    if working is None or working.tape is None:
        return []
    return list(rows_of(working))


def _pairs(own: Sequence[ShownLine], other: Sequence[ShownLine]) -> Iterator[_Pair]:
    """Yield the lines of two workings beside each other, by their names."""
    matcher = SequenceMatcher(
        None,
        _keys(own),
        _keys(other),
        autojunk=False,
    )
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            for mine, its in zip(own[start:end], other[first:last], strict=True):
                yield _Pair(mine, its)
            continue
        for mine in own[start:end]:
            yield _Pair(mine, None)
        for its in other[first:last]:
            yield _Pair(None, its)


def _keys(rows: Sequence[ShownLine]) -> list[tuple[str, str, bool]]:
    # A gradient that is given has the name of what is made of it, but no formula.
    return [(row.tag, row.name, row.tag == "g" and bool(row.numbers)) for row in rows]


def _cells(
    pair: _Pair,
    is_marked: bool,
    alone: bool,
) -> tuple[str, ...]:
    """Return tag, name, and both results; a formula stands beside the name if they share it.

    ``alone``: one of the two takes no step.
    """
    own, other = pair
    row = pair.row
    mark = "> " if is_marked else ""
    tag = mark + ("" if row.tag == SHARED else row.tag)
    name = row.name
    is_shared = own is not None and other is not None and own.letters == other.letters
    if not alone and not is_shared:
        return (tag, name, _cell(own), _cell(other))
    if row.letters:
        name = f"{name} = {row.letters}"
    return (tag, name, _result(own), _result(other))


def _result(row: ShownLine | None) -> str:
    return "-" if row is None else row.formatted


def _cell(row: ShownLine | None) -> str:
    if row is None:
        return "-"
    return f"{row.letters or row.name}\n= {row.formatted}"


def _said(row: ShownLine | None) -> str:
    if row is None:
        return "has no such line"
    return f"has {row.letters or row.name} = {row.result}"
