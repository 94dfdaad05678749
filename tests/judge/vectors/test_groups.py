"""Parameter groups: what is asked of whom, what may stand in a file, and the answers."""

import copy

import numpy as np
import pytest

from conformance import check
from conformance.defects.kit.by_convention import build_named
from conformance.truth.answers import answer_table
from conformance.truth.problem import Problem
from conformance.vectors.inputs import Call
from conformance.vectors.reading import read_checked
from conformance.vectors.spec import VectorSpec
from conformance.vectors.switches import own_numbers
from tests.support.subjects import right


@pytest.fixture(name="two")
def find_two(suite):
    return next(vector for vector in suite.vectors if vector.id == "groups.f32.two")


def test_each_parameter_has_the_answers_of_a_vector_with_its_own_numbers(two):
    axes = {"epsilon": ["outside"]}
    given = two.spec.inputs
    own = own_numbers(two.switches["groups"], len(given.params))
    problem = Problem(VectorSpec(id="all", inputs=given, axes=axes, shapes=two.spec.shapes))
    together = {answer.quantity: answer.intervals for answer in answer_table(problem)}
    for place, param in enumerate(given.params):
        inputs = given._replace(
            numbers=given.numbers | own[place],
            switches={},
            params=[param],
            calls=[Call([call.grads[place]], None) for call in given.calls],
        )
        shapes = [two.spec.shapes[place]]
        spec = VectorSpec(id="alone", inputs=inputs, axes=axes, shapes=shapes)
        for answer in answer_table(Problem(spec)):
            for row, rows in zip(answer.intervals, together[answer.quantity], strict=True):
                assert np.array_equal(row[0].lo, rows[place].lo)
                assert np.array_equal(row[0].bound, rows[place].bound)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ([4], "params of groups must be from 0 to 3, each in one group, got 4"),
        ([1, 2], "each in one group, got 2"),
    ],
)
def test_a_file_with_groups_that_do_not_fit_is_refused(two, params, message):
    entry = copy.deepcopy(two.to_entry())
    entry["config"]["groups"][0]["params"] = params
    with pytest.raises(ValueError, match=message):
        read_checked(entry)


def test_a_file_with_a_number_that_no_group_can_have_is_refused(two):
    entry = copy.deepcopy(two.to_entry())
    entry["config"]["groups"][0]["beta2"] = {"word": "3ff0000000000000", "about": "1.0"}
    with pytest.raises(ValueError, match=r"beta2 must be in \[0, 1\), got 1.0"):
        read_checked(entry)


def test_a_subject_may_change_the_groups_that_it_is_given(suite):
    def make(params, *numbers, groups=()):
        adam = build_named("Right", "paper")(params, *numbers, groups=copy.deepcopy(groups))
        for group in groups:
            group.clear()
        return adam

    report = check(make, only="groups.f32.two", suite=suite)
    assert [one.vector.id for one in report.of_status("passed")] == ["groups.f32.two"]
    assert check(make, only="groups.f32.two", suite=suite).of_status("passed")


def test_a_subject_that_passes_any_argument_on_is_not_asked(suite):
    report = check(right, only="groups.f32.two", suite=suite)
    assert "groups: its signature has no such parameter" in report.unsupported[0].reason


def test_numbers_of_the_user_do_not_replace_those_of_groups(suite):
    report = check(
        build_named("Right", "paper"), only="groups.f32.two", suite=suite, config={"beta1": 0.25}
    )
    assert not report.of_status("passed")
