"""Declarations in pytest: by an attribute of the subject, or as an option."""

import pytest

from conformance.gate.cases import SubjectUnderTest
from tests.judge.judge.rough_adams import FastMath

ID = "long.f32.hundreds"
# Of a single vector many mistakes would be an explanation.
ONLY = "[bl]*.f32.*"


class Declares(FastMath):
    roundings = {"E5": 3}  # noqa: RUF012
    arithmetic = "sssss"


def item(make, **options):
    items = SubjectUnderTest(make, only=ONLY, **options).items
    return next(one for one in items if one.id == ID)


def test_an_attribute_and_an_option_are_honoured(suite):
    item(Declares, suite=suite).check()
    item(FastMath, roundings={"E5": 3}, arithmetic="sssss", suite=suite).check()


def test_less_than_it_needs_fails(suite):
    with pytest.raises(pytest.fail.Exception, match="E5: .*`--roundings E5=3` declares it"):
        item(Declares, roundings={"E5": 2}, suite=suite).check()


def test_a_shipped_subject_without_options_is_not_loaded_for_its_items(suite):
    found = SubjectUnderTest("torch", only=ONLY, suite=suite)
    # Its convention stands in the table, so that no library is imported.
    assert "subject" not in vars(found)
    assert found.named.arithmetics == ["ddddd"]
