"""What becomes of a waiver, decided from comparisons alone."""

import pytest

from conformance.subject.subject import SubjectRecord
from conformance.trial.comparison import Comparison
from conformance.trial.outcomes import Failure, Status
from conformance.waivers.decision import ChangeWaiver, Keep, Narrow, Outcomes, Remove, decide
from conformance.waivers.waiver import Waiver


@pytest.fixture
def compared(suite):
    """A function that makes the comparison of a vector: a kind of failure, or None if it passed."""
    by_id = {vector.id: vector for vector in suite.vectors}

    def make(name, failure=None, ratio=0.5):
        status = Status.PASSED if failure is None else Status.FAILED
        return Comparison(by_id[name], status, failure=failure, worst={"params": ratio})

    return make


def waiver(pattern="basic.*.mixed", **fields):
    return Waiver(id=pattern, failure=Failure.E5, reason="it is known", **fields)


def outcomes(*comparisons, name="torch"):
    return [Outcomes(SubjectRecord(name), comparisons, never, never)]


def never(*_):
    return False


def test_a_waiver_of_subjects_that_were_not_run_is_kept(compared):
    ran = outcomes(compared("basic.f32.mixed"))
    assert decide(waiver(subject="other"), ran, []) == Keep()


def test_a_waiver_that_says_what_happened_is_kept(compared):
    ran = outcomes(compared("basic.f32.mixed", Failure.E5, 3.0))
    assert decide(waiver(), ran, []) == Keep()


def test_a_waiver_is_removed_once_its_vectors_pass_or_do_not_exist(compared):
    passing = outcomes(compared("basic.f32.mixed"))
    assert decide(waiver(), passing, []) == Remove("it passes now")
    assert decide(waiver("basic.*.other"), passing, []) == Remove(
        "it matches no vector that has an answer for the convention"
    )


def test_a_failure_and_a_ratio_are_corrected(compared):
    ran = outcomes(compared("basic.f32.mixed", Failure.E1, 3.14))
    values = {"failure": "E1", "worst_ratio": 3.2}
    assert decide(waiver(worst_ratio=2.0), ran, []) == ChangeWaiver(values)


def test_a_waiver_is_narrowed_to_what_fails(compared):
    ran = outcomes(compared("basic.f32.mixed", Failure.E5, 3.0), compared("basic.f64.mixed"))
    assert decide(waiver(), ran, []) == Narrow((ChangeWaiver({"id": "basic.f32.mixed"}),))


def test_a_waiver_is_removed_if_others_cover_what_fails(compared):
    ran = outcomes(compared("basic.f32.mixed", Failure.E5, 3.0), compared("basic.f64.mixed"))
    decision = decide(waiver(), ran, [waiver("basic.f32.mixed")])
    assert decision == Remove("others cover what still fails")


def test_the_name_of_a_subject_with_brackets_is_escaped(compared):
    failing = compared("basic.f32.mixed", Failure.E5, 3.0)
    passing = compared("basic.f64.mixed")
    ran = outcomes(failing, passing, name="a[1]") + outcomes(passing)
    expected = ChangeWaiver({"id": "basic.f32.mixed", "subject": "a[[]1]"})
    assert decide(waiver(), ran, []) == Narrow((expected,))
