"""Pages on terminals and as Markdown."""

import io

import pytest
from rich.console import Console

from conformance.teach.explain.beside import page_beside
from conformance.teach.explain.choosing import choice_of
from conformance.teach.explain.question import question_of
from conformance.teach.explain.telling import page_of
from conformance.teach.pages import markdown, screen
from conformance.teach.pages.page import (
    Example,
    Grid,
    Heading,
    Lines,
    Sentence,
    ShownLine,
    WordList,
)
from conformance.vectors.files import load

SUITE = load()
BY_ID = {vector.id: vector for vector in SUITE.vectors}
NAMES = ("weight-decay.f64.decimal", "sparse-duplicates.f32.clipnorm", "storage.bf16.clip")


def printed(page, width):
    out = io.StringIO()
    screen.show(Console(file=out, width=width, highlight=False), page)
    return out.getvalue()


def page_for(name, exact=False):
    question = question_of(SUITE, BY_ID[name], None, None, None)
    return page_of(question, choice_of(question.vector, None, (), exact))


@pytest.mark.parametrize("width", [80, 150])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal(name, width):
    for exact in (False, True):
        lines = printed(page_for(name, exact), width).splitlines()
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [80, 150])
def test_two_columns_fit_the_terminal(width):
    vector = BY_ID["weight-decay.f32.decimal"]
    names = ("torch", "torch-adamw")
    questions = [question_of(SUITE, vector, name, None, None) for name in names]
    page = page_beside(*questions, choice_of(vector, None, ()))
    assert max(map(len, printed(page, width).splitlines())) <= width


def test_a_row_has_its_formula_its_numbers_and_its_result():
    row = ShownLine("E1", "m", "beta1 m + (1 - beta1) g", "0.5 * 0.0 + 0.5 * 3.0", "1.5")
    assert printed([Lines((row,))], 80).splitlines() == [
        "  E1   m               = beta1 m + (1 - beta1) g",
        "                       = 0.5 * 0.0 + 0.5 * 3.0 = 1.5",
    ]


def test_a_row_names_the_format_of_its_result():
    row = ShownLine("", "lr", "", "0.1", "0.1", form="float32", note="as set")
    assert printed([Lines((row,))], 80).splitlines() == [
        "       lr              = 0.1 = 0.1 in float32",
        "                       (as set)",
    ]


def test_words_of_a_list_are_never_broken():
    words = ("stale waivers", "x" * 20, "not asked", "ran")
    assert printed([WordList(words)], 18).splitlines() == [
        "stale waivers,",
        "x" * 20 + ",",
        "not asked, ran",
    ]


def test_a_note_is_told_once_and_marked_again():
    question = question_of(SUITE, BY_ID["epsilon.f32.as-small"], "tf1", None, None)
    lines = printed(page_of(question, choice_of(question.vector, None, ())), 150).splitlines()
    assert sum("! the correction is in lr_t" in line for line in lines) == 1
    assert sum(line.rstrip().endswith("= m  !") for line in lines) > 1


def test_markdown_is_a_table_and_obeys_nothing_in_a_text():
    page = [
        Heading("a_b", 1),
        Sentence("x * y", stands_out=True),
        Lines((ShownLine("E1", "m", "a | b", "1 * 2", "2", note="other", stands_out=True),)),
        WordList(("a_b", "c d")),
        Grid(("", "one"), (("E1", "a\nb"),), 0),
        Example(("adamref explain a_b",)),
    ]
    assert markdown.text(page) == (
        "# a\\_b\n\n"
        "**x \\* y**\n\n"
        "|  |  | in letters | in numbers | result | remark |\n"
        "|---|---|---|---|---|---|\n"
        "| E1 | m | a \\| b | 1 \\* 2 | 2 | ! other |\n\n"
        "a\\_b, c d\n\n"
        "|  | one |\n"
        "|---|---|\n"
        "| E1 | a <br> b |\n\n"
        "```console\nadamref explain a_b\n```\n"
    )


def test_markdown_has_every_number_of_the_terminal():
    page = page_for("weight-decay.f64.decimal")
    results = [row.result for block in page if isinstance(block, Lines) for row in block.rows]
    text = markdown.text(page).replace("\\", "")
    assert results
    assert all(result in text for result in results)
