"""When a run ends early, and what may have happened in it."""

from dataclasses import replace

import pytest

from conformance import check
from conformance.process import floating_point
from conformance.subject.subject import SubjectError
from tests.support.subjects import right


def still(params, *numbers):
    """It never moves."""
    return lambda grads: params


def test_fail_fast_stops_at_what_is_wrong_with_numbers_of_the_user(suite):
    # The oracle answers each vector anew, so that a few are enough.
    few = [vector for vector in suite.vectors if vector.id.startswith("basic.f32.")][:2]
    report = check(still, fail_fast=True, config={"beta2": 0.95}, suite=replace(suite, vectors=few))
    assert [one.status for one in report.comparisons] == ["failed"]


def test_fail_fast_stops_at_a_required_feature_that_is_missing(suite):
    report = check(right, suite=suite, fail_fast=True, require=["none"], only="none-gradient.*")
    assert [one.failure for one in report.comparisons] == ["required"]


def test_a_process_that_flushes_subnormals_for_good_cannot_judge(suite, monkeypatch):
    # As on a platform where the judge cannot set the environment of its thread.
    monkeypatch.setattr(floating_point, "_LIBRARY", None)

    def make(params, *numbers):
        # As if the processor took the smallest number for 0 from now on.
        monkeypatch.setattr(floating_point, "_SMALLEST", 0.0)
        return right(params, *numbers)

    with pytest.raises(SubjectError, match="must not flush subnormal numbers to zero"):
        check(make, suite=suite, only="basic.f32.mixed")
