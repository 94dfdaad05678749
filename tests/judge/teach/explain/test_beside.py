"""Two conventions side by side."""

from conformance.teach.explain.beside import page_beside
from conformance.teach.explain.choosing import choice_of
from conformance.teach.explain.question import own_vector, question_of
from conformance.teach.pages.page import Grid, Sentence
from conformance.vectors.files import load

SUITE = load()
BY_ID = {vector.id: vector for vector in SUITE.vectors}


def beside(vector, one, other, steps="all"):
    questions = [question_of(SUITE, vector, name, None, None) for name in (one, other)]
    page = page_beside(*questions, choice_of(vector, steps, ()))
    sentences = [block.text for block in page if isinstance(block, Sentence)]
    return page, sentences


def marked_rows(page):
    grids = [block for block in page if isinstance(block, Grid)]
    return [grid.rows[number] for grid in grids for number in grid.marked]


def test_the_first_line_where_formulas_part_is_marked_and_said():
    page, sentences = beside(BY_ID["epsilon.f32.as-small"], "paper", "paper,epsilon=inside")
    (row,) = marked_rows(page)
    assert row[:2] == ("> E5", "d")
    assert row[2].startswith("sqrt(v_hat) + eps")
    assert row[3].startswith("sqrt(v_hat + eps)")
    said = next(one for one in sentences if one.startswith("Their formulas part first"))
    assert "step 1, params[0] element [0], at E5, d: paper has sqrt(v_hat) + eps = " in said
    assert "adds epsilon to v under the root" in said


def test_conventions_that_differ_in_nothing_shown_say_so():
    page, sentences = beside(BY_ID["basic.f32.defaults"], "paper", "torch")
    assert "No line that is shown differs." in sentences
    assert marked_rows(page) == []


def test_arithmetics_that_part_are_told_from_formulas():
    vector = BY_ID["basic.f32.defaults"]
    _, sentences = beside(vector, "paper-hat", "tf1")
    said = next(one for one in sentences if one.startswith("Their numbers part first"))
    assert "at 1 - beta1: 0.1 and 0.100000024, by one formula: 1 - 0.9 = 0.0999999999" in said


def test_a_call_that_one_refuses_is_where_they_part():
    vector = own_vector({}, "None; 1", None, "float32")
    _, sentences = beside(vector, "torch", "tf1")
    said = next(one for one in sentences if one.startswith("They part first"))
    assert "step 1" in said
    assert any(one.startswith("tf1: tf1 refuses this call") for one in sentences)


def test_a_counter_that_stays_is_seen_in_the_next_step():
    vector = own_vector({}, "1; None; 1", None, "float32")
    page, sentences = beside(vector, "paper", "torch")
    said = next(one for one in sentences if one.startswith("Their numbers part first"))
    # One counts the call without a gradient, the other does not.
    assert "step 3" in said
    assert "at beta1^t: " in said
    assert "0.9^3 and 0.9^2" in said
    assert len(marked_rows(page)) == 1


def test_the_end_says_how_far_apart_they_are():
    _, sentences = beside(BY_ID["epsilon.f32.as-small"], "paper", "tf1", "1")
    # In the first step sqrt(v) is half of sqrt(v_hat), and epsilon is half of that.
    last = next(one for one in sentences if one.startswith("After step 1"))
    assert "times as long by paper as by tf1" in last
