"""A report is plain data: it can be pickled and written without its subject."""

import json
import pickle

import pytest

from conformance import check
from conformance.diagnosis.explanation import Explanation, Kind, KnownMistake
from conformance.judge.verdict import explain, shrink
from conformance.judge.verdicts import Verdict
from tests.support.outside_adams import OneAhead


@pytest.fixture
def counted():
    """A wrong Adam, as a function that nobody can import, and the list of its runs."""
    runs = []

    def make(params, *numbers):
        runs.append(numbers)
        return OneAhead(params, *numbers)

    return make, runs


def report_on(make):
    return check(make, only="basic.f32.*")


def test_a_report_on_a_local_function_can_be_pickled(counted):
    make, _ = counted
    report = report_on(make)
    copy = pickle.loads(pickle.dumps(report))
    assert copy.to_dict() == report.to_dict()
    assert (repr(copy), copy.verdict) == (repr(report), Verdict.NONCONFORMANT)


def test_writing_a_report_runs_no_subject(counted):
    make, runs = counted
    report = report_on(make)
    runs.clear()
    content = report.to_dict()
    assert content["diagnosis"]
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert (content["smallest"], runs) == (None, [])


def test_explaining_a_report_runs_no_subject(counted):
    make, runs = counted
    report = report_on(make)
    runs.clear()
    assert explain(report).sentence() == report.diagnosis
    assert runs == []


def test_the_smallest_input_is_in_the_report_once_it_was_asked_for(counted):
    make, _ = counted
    report = report_on(make)
    script = report.smallest.script
    assert report.to_dict()["smallest"]["script"] == script
    copy = pickle.loads(pickle.dumps(report))
    assert (copy.smallest.script, copy.to_dict()) == (script, report.to_dict())


def test_a_pickled_report_is_shrunk_with_the_subject(counted):
    make, _ = counted
    report = report_on(make)
    copy = pickle.loads(pickle.dumps(report))
    assert copy.smallest is None
    assert shrink(copy, report.live_subject).script == report.smallest.script


MISTAKE = (KnownMistake("bias-none", "bias-none: no bias correction (B01)"),)


@pytest.mark.parametrize(
    ("explanation", "sentence"),
    [
        (
            Explanation(
                kind=Kind.POINT,
                points=("convention tf1", "convention jax"),
                compared=30,
                compared_at_least=28,
                failed=12,
                left_over=2,
            ),
            "these are the numbers of convention tf1 or convention jax: all 28 to 30 vectors with "
            "an answer for it pass; this explains 10 of the 12 failures, the other 2 cannot tell",
        ),
        (
            Explanation(kind=Kind.MISTAKE, mistakes=MISTAKE),
            "its mistake is bias-none: no bias correction (B01)",
        ),
        (
            Explanation(
                kind=Kind.MISTAKE_ELSEWHERE, points=("paper with x = y",), mistakes=MISTAKE
            ),
            "it is paper with x = y, and its mistake is bias-none: no bias correction (B01)",
        ),
        (
            Explanation(
                kind=Kind.NEARLY,
                points=("convention tf1",),
                passed=27,
                compared=28,
                failed=12,
                left_over=2,
            ),
            "nearly convention tf1: 27 of the 28 vectors with an answer for it pass; this explains "
            "10 of the 12 failures, the other 2 cannot tell or fail there too",
        ),
        (
            Explanation(kind=Kind.NAN, mistakes=MISTAKE, remark="all are NaN"),
            "all are NaN; its mistake is bias-none: no bias correction (B01)",
        ),
        (
            Explanation(kind=Kind.UNKNOWN, remark="basic.f32.mixed: no"),
            "no known convention or mistake fits; the first failure: basic.f32.mixed: no",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Explanation) else "",
)
def test_an_explanation_is_a_sentence(explanation, sentence):
    assert explanation.sentence() == sentence
