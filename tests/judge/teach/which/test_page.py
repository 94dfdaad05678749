"""The page holds what the data say, and its links lead somewhere."""

import re

import pytest

from conformance.survey.row import load
from conformance.teach.which import page as which
from conformance.teach.which.conventions import conventions
from conformance.teach.which.judged import JudgedRow, judged_rows, matters
from conformance.teach.which.table import anchor, some, table
from conformance.teach.which.values import values
from conformance.vectors.files import load as load_suite

SUITE = load_suite()
PAPER = SUITE.conventions["paper"].axes
TEXT = which.page()


def test_the_page_is_up_to_date():
    page = which.FILE.read_text("utf-8")
    assert page == TEXT, "write it with: python -m conformance.teach.which"


def test_every_link_into_the_page_leads_to_a_heading_and_every_other_to_a_file():
    headings = {anchor(line.lstrip("# ")) for line in TEXT.splitlines() if line.startswith("#")}
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT):
        path, _, heading = target.partition("#")
        if path.startswith("https:"):
            continue
        assert (which.FILE.parent / path).exists()
        assert path or heading in headings


def test_every_row_of_the_survey_and_every_value_is_there():
    assert {row.name for row in load().rows} == {one.row.name for one in judged_rows(SUITE)}
    cells = set(re.findall(r"`([^`\n]+)`", TEXT))
    assert {value for own in SUITE.axes.values() for value in own} <= cells


def test_every_value_has_words():
    rows = [row for row in judged_rows(SUITE) if row.axes]
    tables = [line for line in values(SUITE, rows) if line.startswith("| ")]
    assert len(tables) > len(SUITE.axes)
    nameless = [line for line in tables if not re.match(r"\| [A-Za-z-]", line)]
    assert nameless == []


def test_a_run_that_is_not_kept_has_no_verdict():
    row = next(row for row in load().rows if row.name == "tfjs")
    unjudged = JudgedRow(row, SUITE.conventions["paper"], "", {})
    assert "tfjs" not in "".join(conventions(SUITE, [unjudged]))
    conformant = unjudged._replace(verdict="conformant")
    assert any("`tfjs`" in line for line in conventions(SUITE, [conformant]))


@pytest.mark.parametrize(
    ("changes", "axis", "matter"),
    [
        ({}, "epsilon", True),
        ({}, "decay_when", False),
        ({"weight_decay": "l2"}, "decay_when", False),
        ({"weight_decay": "decoupled"}, "decay_when", True),
        ({}, "clip_law", False),
        ({"clip": "first"}, "clip_when", False),
        ({"clip": "first", "weight_decay": "l2"}, "clip_when", True),
        ({"clip": "first"}, "clip_law", True),
        ({"sparse": "unsupported"}, "duplicates", False),
        ({}, "duplicates", True),
    ],
)
def test_an_axis_matters_only_with_what_it_is_about(changes, axis, matter):
    assert matters(axis, {**PAPER, **changes}) == matter


def test_many_names_are_counted_and_a_bar_ends_no_cell():
    assert some([]) == ""
    assert some(list("abcdefghij")).endswith("`h` and 2 more")
    assert list(table(["a"], [["x | y"]])) == ["| a |", "| --- |", r"| x \| y |", ""]


def test_a_mark_without_a_table_is_an_error():
    assert which.with_tables("a\n@b\nc", {"b": ["1", "2"]}) == "a\n1\n2\nc\n"
    with pytest.raises(KeyError, match="b"):
        which.with_tables("@b", {})
