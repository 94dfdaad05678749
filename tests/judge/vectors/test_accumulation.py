"""Gradient accumulation: what is asked of whom, and which inputs have one mean in every order."""

import re
from dataclasses import replace

import numpy as np
import pytest

from conformance import check
from conformance.defects.kit.by_convention import build_named
from conformance.truth.answers import answer_table
from conformance.truth.problem import Problem
from conformance.vectors.inputs import Call, updates_of
from conformance.vectors.spec import VectorSpec
from conformance.vectors.switches import ACCUMULATION
from tests.support.subjects import right

BINARY32 = 2.0**-24


def calls(*numbers, rates=None):
    rates = rates or [None for _ in numbers]
    return [
        Call([np.array([number], np.float32)], rate)
        for number, rate in zip(numbers, rates, strict=True)
    ]


def test_an_update_has_the_mean_of_its_calls_and_the_last_rate_that_was_passed():
    given = calls(12.0, 24.0, -12.0, -36.0, rates=[0.5, None, 0.25, 0.125])
    first, second = updates_of(given, 2, BINARY32)
    assert (first.grads[0].tolist(), first.learning_rate) == ([18.0], 0.5)
    assert (second.grads[0].tolist(), second.learning_rate) == ([-24.0], 0.125)


def test_calls_after_the_last_update_make_none():
    assert len(updates_of(calls(1.0, 2.0, 3.0), 2, BINARY32)) == 1


@pytest.mark.parametrize(
    ("numbers", "steps"),
    [
        # The sum needs 25 digits.
        ((2.0**24, 1.0), 2),
        # A third is no number of any format.
        ((1.0, 1.0, 1.0), 3),
        # A running mean divides by 3 on its way to 4.
        ((1.0, 1.0, 2.0, 0.0), 4),
        ((np.inf, 1.0), 2),
    ],
)
def test_gradients_whose_mean_some_order_rounds_are_refused(numbers, steps):
    with pytest.raises(ValueError, match="must have exact means, got"):
        updates_of(calls(*numbers), steps, BINARY32)


def test_a_missing_gradient_cannot_be_accumulated():
    given = [Call([None], None), *calls(1.0)]
    with pytest.raises(ValueError, match="must be dense, got NoneType"):
        updates_of(given, 2, BINARY32)


@pytest.fixture(name="two")
def find_two(suite):
    return next(vector for vector in suite.vectors if vector.id == "accumulation.f32.two")


def test_answers_between_updates_are_those_of_the_last_update(two):
    params = next(one for one in two.answers if one.quantity == "params").intervals
    # An update ends at each even call; nothing has moved before the first.
    start, *rows = params
    for element, given in zip(start, two.params, strict=True):
        assert np.array_equal(element.lo, given)
        assert np.array_equal(element.hi, given)
    for update, waits in zip(rows[0::2], rows[1::2], strict=False):
        assert [one.lo.tolist() for one in update] == [one.lo.tolist() for one in waits]


def test_an_update_has_the_answer_of_a_call_with_the_mean(two):
    given = two.spec.inputs
    means = updates_of(given.calls, 2, BINARY32)
    dense = [
        Call([grad.astype(np.float32) for grad in call.grads], call.learning_rate) for call in means
    ]
    spec = VectorSpec(
        id="mine", inputs=given._replace(calls=dense, switches={}), axes=two.spec.axes
    )
    plain = {one.quantity: one for one in answer_table(Problem(spec))}
    for answer in answer_table(Problem(replace(two.spec, after=(2, 4, 6)))):
        if answer.when == plain[answer.quantity].when:
            assert answer.to_entry() == plain[answer.quantity].to_entry()


def test_a_subject_that_passes_any_argument_on_is_not_asked(suite):
    report = check(right, only="accumulation.f32.two", suite=suite)
    assert re.search(f"{ACCUMULATION}: its signature has no such", report.unsupported[0].reason)


def test_a_subject_that_names_the_argument_is_asked(suite):
    report = check(build_named("Right", "paper"), only="accumulation.*", suite=suite)
    assert report.of_status("passed")
    assert not report.unsupported
