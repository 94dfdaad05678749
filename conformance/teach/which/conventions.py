"""The second part of the page: the named conventions, their formulas, and who has them."""

from collections.abc import Iterator, Sequence

from ...diagnosis.axis_words import words_of
from ...truth.reference import CONVENTIONS
from ...vectors.suite import ListedConvention, Suite
from ..words.entries import formulas_of_glossary
from ..words.formulas import equations_of, formula_of
from .judged import JudgedRow, matters
from .table import code, formulas, some, table

_HEADS = (
    "axis",
    "value",
    "in place of",
    "an Adam with it",
    "formula",
)
# What an Adam does that does not support a feature.
_UNSUPPORTED = "has nothing of the kind"


def conventions(suite: Suite, rows: Sequence[JudgedRow]) -> Iterator[str]:
    """Yield a chapter for each convention."""
    for name, listed in suite.conventions.items():
        # A row with changes has another convention.
        own = [one for one in rows if one.row.convention == name]
        yield from _convention(listed, own)


def _convention(listed: ListedConvention, rows: Sequence[JudgedRow]) -> Iterator[str]:
    # Lines of Markdown: an empty one ends each block.
    yield f"### {listed.name}\n"
    yield f"Source: {listed.source}.\n"
    yield "```text"
    equations = equations_of(CONVENTIONS[listed.name].convention)
    for tag, lines in equations.items():
        for line in lines.split("; "):
            yield f"{tag}  {line}"
    yield "```\n"
    # First where it departs from the paper; then who has it, and how to check it.
    departures = list(_departures(listed))
    if departures:
        yield from table(_HEADS, departures)
    accepted = " or ".join(map(code, listed.arithmetics))
    yield f"- It accepts the [arithmetic](#arithmetics) {accepted}."
    conformant = [one.row.name for one in rows if one.conforms]
    if conformant:
        yield f"- Conformant in the survey: {some(conformant)}."
    yield f"- Check yours: `adamref check SUBJECT --convention {listed.name}`\n"


def _departures(listed: ListedConvention) -> Iterator[list[str]]:
    """Yield a row for each axis on which a convention is not as the paper."""
    paper = CONVENTIONS["paper"].convention
    _, other_words = formulas_of_glossary()
    for axis, value in listed.axes.items():
        usual = getattr(paper, axis)
        if value == usual or not matters(axis, listed.axes):
            continue
        other = other_words.get(f"{axis} {value}", _UNSUPPORTED)
        formula = formula_of(axis, value)
        yield [
            axis,
            code(value),
            code(usual),
            words_of(axis, value) or other,
            formulas(formula) if formula else "",
        ]
