"""Declarations of roundings: how they are read, written, and found from errors."""

import re

import pytest

from conformance.subject.roundings import (
    MOST_ROUNDINGS,
    Roundings,
    least_roundings,
    read_roundings,
)
from conformance.subject.subject import SubjectError, from_make


def test_a_declaration_is_written_as_it_is_read():
    declared = read_roundings({"E5": 40, "E1": 8.0})
    assert str(declared) == "E1=8,E5=40"
    assert declared.words() == "E1 within 8 and E5 within 40 roundings"
    assert not declared.is_ordinary
    assert read_roundings({"E1": 1}).is_ordinary
    assert str(read_roundings({})) == ""


def test_the_parameters_are_permitted_what_the_moments_are():
    assert Roundings(of_m=8, of_v=2).by_quantity == {"m": 8, "v": 2, "v_max": 2, "params": 8}
    assert Roundings(of_param=40).by_quantity == {"params": 40}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"E3": 2}, "roundings must declare some of E1, E2, E5, got 'E3'; E3 and E4 count as E5"),
        ({"E5": 0}, "E5 must be a whole number of roundings from 1 to 1000, got 0"),
        ({"E5": 1001}, "E5 must be a whole number of roundings from 1 to 1000, got 1001"),
        ({"E5": 2.5}, "E5 must be a whole number of roundings from 1 to 1000, got 2.5"),
        ({"E5": float("nan")}, "E5 must be a whole number of roundings from 1 to 1000, got nan"),
        ({"E5": float("inf")}, "E5 must be a whole number of roundings from 1 to 1000, got inf"),
        ({"E5": "8"}, "E5 must be a whole number, got str"),
        ({"E5": True}, "E5 must be a whole number, got bool"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(declared, message):
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}$"):
        read_roundings(declared)


def test_a_wrong_attribute_is_the_subjects_mistake():
    def make(*_):
        """Return nothing: it is never called."""

    make.roundings = 8
    with pytest.raises(SubjectError, match=r"roundings of make must be a dict, such as {'E5': 40}"):
        from_make(make)
    make.roundings = {"E5": 2000}
    with pytest.raises(SubjectError, match="roundings of make: E5 must be a whole number of round"):
        from_make(make)


def test_the_least_declaration_covers_each_error_and_no_more():
    assert least_roundings({"m": 0.5, "v": 7.2, "v_max": 9.0, "params": 30.1}) == Roundings(
        1, 9, 31
    )
    # What the moments need, the parameters have already.
    assert least_roundings({"m": 20.0, "params": 12.0}) == Roundings(20, 1, 1)
    assert least_roundings({"params": 1.0}) == Roundings()
    assert least_roundings({"params": MOST_ROUNDINGS + 0.5}) is None
    assert least_roundings({"v": float("inf")}) is None


@pytest.mark.parametrize(
    ("declared", "least", "far"),
    [
        (Roundings(of_param=40), Roundings(of_param=21), False),
        (Roundings(of_param=40), Roundings(of_param=20), True),
        (Roundings(8, 8, 40), Roundings(8, 2, 40), True),
        # The parameters have what the moments have, and no number of their own.
        (Roundings(of_m=20), Roundings(of_m=20), False),
    ],
)
def test_twice_what_is_needed_is_far(declared, least, far):
    assert declared.is_far_above(least) is far
