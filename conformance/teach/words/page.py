"""Pages of words."""

from collections.abc import Iterator
from difflib import get_close_matches

from ...judge.selection import UsageError
from ...vectors.suite import Suite
from ..lessons import lessons
from ..pages.page import Block, Example, Heading, Page, Sentence, WordList
from .entries import Entries
from .entry import WordEntry

# How many words that are like an unknown one are named.
_MOST = 5
_CLOSE = 0.6
# To somebody who knows none: the state of Adam, its settings, and then those of the judge.
START_HERE = (
    "t",
    "m",
    "v",
    "bias_correction",
    "epsilon",
    "convention",
    "arithmetic",
    "vector",
    "bound",
    "verdict",
)
_EXAMPLES = (
    "adamref explain epsilon.f32.as-small               a vector, every number",
    "adamref explain epsilon.f32.as-small --beside tf1  two conventions",
    "adamref explain learn.bias-correction              a lesson of vectors/learn.json",
    "adamref explain basic.f32.defaults --exact         where its errors arise",
    'adamref explain --config beta1=0.5 --grads "3; 1"  numbers of your own',
    "adamref explain bias_correction                    an axis",
    "adamref explain epsilon=hat                        a value of an axis",
    "adamref explain sdssT                              an arithmetic",
    "adamref explain B15                                a defect by number",
    "adamref explain bound                              a measure",
)


def page_of_word(entries: Entries, word: str) -> Page:
    """Return what is said of a word.

    Raises:
        UsageError: no entry has this word; the message names similar ones.
    """
    found = entries.of(word)
    if not found:
        raise UsageError(_unknown(entries, word))
    page: Page = []
    for entry in found:
        page += _blocks(entry, entries.suite)
    return page


def page_of_all(entries: Entries) -> Page:
    """Return what can be asked, with examples."""
    page: Page = [
        Heading("What `adamref explain` explains", 1),
        Sentence("Start with these words:"),
        WordList(START_HERE),
        Example(_EXAMPLES),
    ]
    by_kind: dict[str, list[str]] = {}
    for entry in entries.all:
        by_kind.setdefault(_kind_of(entry), []).append(entry.word)
    for kind, words in by_kind.items():
        page.append(Heading(kind, 3))
        page.append(WordList(tuple(dict.fromkeys(words))))
    page.append(Heading("vectors", 3))
    page.append(Sentence("`adamref list vectors` shows their ids, and what each is for."))
    page.append(Heading("lessons", 3))
    page.append(WordList(tuple(lessons())))
    return page


def _kind_of(entry: WordEntry) -> str:
    """Return the kind of an entry without what is special about it."""
    if entry.kind.startswith("a value of the axis"):
        return "a value of an axis"
    return entry.kind


def _blocks(entry: WordEntry, suite: Suite) -> Iterator[Block]:
    # What it is, what it does, who does it, and where it can be seen.
    meaning = entry.write()
    yield Heading(f"{entry.word}: {entry.kind}", 2)
    yield Sentence(meaning.says)
    if meaning.formula:
        yield Example(tuple(meaning.formula.split("; ")))
    if meaning.who:
        yield Sentence(f"who: {meaning.who}")
    if meaning.vector:
        why = {vector.id: vector.why for vector in suite.vectors}.get(meaning.vector, "")
        yield Sentence(f"vector: {meaning.vector}: {why}")
        yield Example((f"adamref explain {meaning.vector}",))
    if meaning.see:
        yield Sentence(f"see also: {', '.join(meaning.see)}")


def _unknown(entries: Entries, word: str) -> str:
    """Return the error for an unknown word, with words that are like it."""
    ids = [*(vector.id for vector in entries.suite.vectors), *lessons()]
    known = [*entries.words, *ids]
    lowered = word.strip().lower()
    # First what is misspelt, then what is only a part of a name.
    close = get_close_matches(
        lowered,
        known,
        _MOST,
        _CLOSE,
    )
    close += [one for one in known if lowered and lowered in one.split(".")]
    close += [one for one in known if len(lowered) > 2 and lowered in one]
    named = ", ".join(list(dict.fromkeys(close))[:_MOST])
    hint = f"did you mean {named}?" if named else "`adamref explain` lists what can be asked"
    return f"VECTOR_ID or WORD must be a vector or a word of a report, got {word!r}; {hint}"
