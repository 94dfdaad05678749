"""Two conventions side by side, line by line, with the first line where they part."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from ...diagnosis.axis_words import words_of
from ...truth.reference import AXES
from ..pages.page import Block, Grid, Heading, Page, Row, Sentence
from .question import Question
from .rules import SHARED
from .story import Choice, Step, Working, steps_of
from .telling import (
    arithmetic_words,
    axes_without_effect,
    rows_of,
    sentences_of,
    settings_of,
)


class _Pair(NamedTuple):
    """A line of one convention beside the line of the other; None where one has none."""

    own: Row | None
    other: Row | None

    @property
    def parts(self) -> bool:
        """Whether the two differ in their formula or in their number."""
        if self.own is None or self.other is None:
            return True
        return self.own.letters != self.other.letters or self.own.result != self.other.result


def page_beside(own: Question, other: Question, choice: Choice) -> Page:
    """Return the page of one vector under two conventions."""
    names = (own.convention.name, other.convention.name)
    vector = own.vector
    page: Page = [Heading(f"{own.name}, by {names[0]} and by {names[1]}", 1)]
    page.append(Sentence(f"config: {', '.join(settings_of(vector))}"))
    for question in (own, other):
        words = arithmetic_words(question)
        page.append(Sentence(f"{question.convention.name}: {words}"))
    page += _axes(own, other)
    teller = _Teller(names)
    body: Page = []
    for steps in zip(steps_of(own, choice), steps_of(other, choice), strict=True):
        body += teller.of_steps(*steps)
    # What is found out below is what a reader wants to know first.
    return [*page, *teller.conclusions(), *body]


def _axes(own: Question, other: Question) -> Iterator[Sentence]:
    """Yield the axes that matter here and on which the two differ."""
    idle = axes_without_effect(own.vector)
    for axis in AXES:
        values = [getattr(question.convention, axis) for question in (own, other)]
        words = [words_of(axis, value) for value in values]
        if axis in idle or values[0] == values[1] or not all(words):
            continue
        names = [question.convention.name for question in (own, other)]
        yield Sentence(f"{axis}: {names[0]} {words[0]}; {names[1]} {words[1]}")


class _Teller:
    """Tells pairs of steps, and finds the first lines that part."""

    def __init__(self, names: tuple[str, str]) -> None:
        self._names = names
        self._by_rounding = ""
        self._first = ""
        self._last = ""
        # Name -> the pair that was shown last.
        self._shared: dict[str, _Pair] = {}

    def conclusions(self) -> Iterator[Sentence]:
        """Yield where the two part, and how far apart they end."""
        if not self._first and not self._by_rounding:
            yield Sentence("No line that is shown differs.", stands_out=True)
        for sentence in (self._first, self._by_rounding):
            if sentence:
                yield Sentence(sentence, stands_out=True)
        if self._last:
            yield Sentence(self._last)

    def of_steps(self, own: Step, other: Step) -> Iterator[Block]:
        """Yield the blocks of one call."""
        number = own.taken.number
        yield Heading(f"step {number}")
        for name, step in zip(self._names, (own, other), strict=True):
            for sentence in sentences_of(step):
                yield sentence._replace(text=f"{name}: {sentence.text}")
        if bool(own.sentence) != bool(other.sentence):
            self._found(f"They part first in step {number}: {self._calls(own, other)}.")
        for mine, its in zip_longest(own.workings, other.workings):
            yield from self._of_workings(number, mine, its)

    def _calls(self, own: Step, other: Step) -> str:
        texts = []
        for name, step in zip(self._names, (own, other), strict=True):
            texts.append(f"{name}: {step.sentence or 'it takes the step'}")
        return "; ".join(texts)

    def _of_workings(
        self, step: int, own: Working | None, other: Working | None
    ) -> Iterator[Block]:
        title = next(one.title for one in (own, other) if one is not None)
        yield Heading(title, 3)
        if _sentence(own) or _sentence(other):
            texts = [_sentence(own) or "it takes a step", _sentence(other) or "it takes a step"]
            for name, text in zip(self._names, texts, strict=True):
                yield Sentence(f"{name}: {text}", stands_out=True)
            if texts[0] != texts[1]:
                self._found(f"They part first in step {step}, {title}: see there.")
        pairs = list(self._without_known(_pairs(_rows(own), _rows(other))))
        if not pairs:
            return
        marked = -1
        for number, pair in enumerate(pairs):
            if pair.parts and self._judge(pair, step, title):
                marked = number
        heads = ("", "", *self._names)
        rows = tuple(_cells(pair, number == marked) for number, pair in enumerate(pairs))
        yield Grid(heads, rows, marked)
        self._conclude(step, title, own, other)

    def _without_known(self, pairs: Iterator[_Pair]) -> Iterator[_Pair]:
        """Yield the pairs without shared numbers that stand above already."""
        for pair in pairs:
            row = pair.own or pair.other
            assert row is not None
            if row.tag == SHARED:
                if self._shared.get(row.name) == pair:
                    continue
                self._shared[row.name] = pair
            yield pair

    def _judge(self, pair: _Pair, step: int, title: str) -> bool:
        """Return whether this is the first line where they part, and remember what is said."""
        own, other = pair
        row = own or other
        assert row is not None
        if row.tag == SHARED:
            # Shared numbers differ by name where formulas do; there a line below says it better.
            if own and other and own.letters == other.letters and not self._by_rounding:
                self._by_rounding = (
                    f"Their arithmetics part at {row.name}: {own.result} and {other.result}, "
                    "one formula, rounded otherwise."
                )
            return False
        if self._first:
            return False
        notes = [one.note for one in (own, other) if one is not None and one.note]
        because = f": {'; '.join(dict.fromkeys(notes))}" if notes else ""
        texts = []
        for name, one in zip(self._names, pair, strict=True):
            texts.append(f"{name} {_said(one)}")
        place = f"step {step}, {title}, at {row.tag}, {row.name}"
        self._first = f"They part first in {place}: {' and '.join(texts)}{because}."
        return True

    def _found(self, sentence: str) -> None:
        self._first = self._first or sentence

    def _conclude(self, step: int, title: str, own: Working | None, other: Working | None) -> None:
        if own is None or other is None or own.tape is None or other.tape is None:
            return
        one = own.tape.numbers["param"]
        two = other.tape.numbers["param"]
        start = own.given["param"].value
        self._last = f"After step {step}, {title} is {one!s} and {two!s}"
        if start != one and one != two:
            moved = abs(float(two) - float(other.given["param"].value))
            moved_own = abs(float(one) - float(start))
            if moved and moved_own:
                first, second = self._names
                ratio = f"{moved_own / moved:.4g} times as long by {first} as by {second}"
                self._last += f"; that step is {ratio}"
        self._last += "."


def _sentence(working: Working | None) -> str:
    return working.sentence if working is not None else "no step"


def _rows(working: Working | None) -> list[Row]:
    if working is None or working.tape is None:
        return []
    return list(rows_of(working))


def _pairs(own: Sequence[Row], other: Sequence[Row]) -> Iterator[_Pair]:
    """Yield the lines of two workings beside each other, by their names."""
    matcher = SequenceMatcher(None, _keys(own), _keys(other), autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            for mine, its in zip(own[start:end], other[first:last], strict=True):
                yield _Pair(mine, its)
            continue
        for mine in own[start:end]:
            yield _Pair(mine, None)
        for its in other[first:last]:
            yield _Pair(None, its)


def _keys(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(row.tag, row.name) for row in rows]


def _cells(pair: _Pair, is_marked: bool) -> tuple[str, ...]:
    """Return tag, name, and both results; a formula stands beside the name if they share it."""
    own, other = pair
    row = own or other
    assert row is not None
    mark = "> " if is_marked else ""
    tag = mark + ("" if row.tag == SHARED else row.tag)
    name = row.name
    if own is None or other is None or own.letters != other.letters:
        return (tag, name, _cell(own), _cell(other))
    if row.letters:
        name = f"{name} = {row.letters}"
    return (tag, name, own.result, other.result)


def _cell(row: Row | None) -> str:
    if row is None:
        return "-"
    return f"{row.letters or row.name}\n= {row.result}"


def _said(row: Row | None) -> str:
    if row is None:
        return "has no such line"
    return f"has {row.letters or row.name} = {row.result}"
