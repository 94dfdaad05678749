"""The steps and elements that a user names."""

import pytest

from conformance.judge.selection import UsageError
from conformance.teach.explain.choosing import choice_of
from conformance.vectors.files import load

BY_ID = {vector.id: vector for vector in load().vectors}
# Parameters of shapes [4, 2] and [3], and three calls.
VECTOR = BY_ID["sparse.f32.weight-decay"]


def test_the_first_steps_and_elements_and_the_last_are_shown_unasked():
    choice = choice_of(BY_ID["long.f32.thousands"], None, ())
    assert choice.steps == [1, 2, 2100]
    assert choice_of(VECTOR, None, ()).places == [(0, 0), (0, 1), (1, 2)]


def test_steps_in_which_something_changes_and_the_elements_that_see_it_are_shown_unasked():
    # The third call has no gradient at all, and the fourth has them again.
    choice = choice_of(BY_ID["none-gradient.f32.all"], None, ())
    assert choice.steps == [1, 2, 3, 4, 5]
    # The second parameter misses its gradient.
    assert (1, 0) in choice.places
    # The first element of a row that is named twice is shown.
    vector = BY_ID["sparse-duplicates.f32.pair"]
    rows = vector.calls[0].grads[0].indices.tolist()
    (twice,) = {row for row in rows if rows.count(row) > 1}
    width = vector.params[0].shape[1]
    assert (0, twice * width) in choice_of(vector, None, ()).places
    assert choice_of(BY_ID["loss-scale.f32.skip-middle"], None, ()).steps == [1, 2, 3, 4]
    # The first update is made in the fourth call.
    assert 4 in choice_of(BY_ID["accumulation.f32.global-norm"], None, ()).steps


def test_steps_are_numbers_and_ranges():
    assert choice_of(VECTOR, "3,1-2", ()).steps == [1, 2, 3]
    assert choice_of(VECTOR, "all", ()).steps == [1, 2, 3]


@pytest.mark.parametrize("text", ["0:3,1", "0[3,1]", "params[0] element [3, 1]", "0:3, 1"])
def test_elements_are_written_as_reports_write_them_or_short(text):
    assert choice_of(VECTOR, None, [text]).places == [(0, 7)]


def test_all_elements_and_repeated_ones():
    assert len(choice_of(VECTOR, None, ["all", "1:0"]).places) == 11


@pytest.mark.parametrize(
    ("steps", "elements", "message"),
    [
        ("4", (), "--steps must be from 1 to 3, got '4'"),
        ("0", (), "--steps must be from 1 to 3, got '0'"),
        ("one", (), "--steps must be numbers and ranges.* got 'one'"),
        (None, ("2:0",), "must name a parameter below 2, got '2:0'"),
        (None, ("0:4,0",), r"an index into shape \[4, 2\] of params\[0\], as 0:3,1, got '0:4,0'"),
        (None, ("1:0,0",), r"an index into shape \[3\]"),
        (None, ("first",), "must be a parameter and an index.* got 'first'"),
    ],
)
def test_what_is_not_there_is_refused(steps, elements, message):
    with pytest.raises(UsageError, match=message):
        choice_of(VECTOR, steps, elements)


@pytest.mark.parametrize(("steps", "elements"), [(None, ("all",)), ("all", ())])
def test_pages_without_an_end_are_refused(steps, elements):
    name = "sizes.f32.million" if elements else "long.f32.thousands"
    with pytest.raises(UsageError, match="must .* at most 1000"):
        choice_of(BY_ID[name], steps, elements)
