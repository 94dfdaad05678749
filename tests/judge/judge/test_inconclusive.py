"""Runs in which nothing fails, and few vectors could have failed."""

from dataclasses import replace

import pytest

import conformance.vectors.files
from conformance import check
from conformance.cli import main
from conformance.judge.verdicts import Verdict
from tests.support.subjects import right

# So near to 1 that 1 - beta^t has no correct digit.
NEAR_ONE = {"beta1": 1 - 2.0**-53, "beta2": 1 - 2.0**-53}
# Two vectors that cannot tell with such betas, and one in which nothing may move.
IDS = ("basic.f32.mixed", "basic.f32.from-zero", "extremes.f32.rate-zero")


@pytest.fixture(name="few")
def few_fixture(suite):
    return replace(suite, vectors=[vector for vector in suite.vectors if vector.id in IDS])


def test_less_than_half_of_the_vectors_are_too_few_for_a_verdict(few):
    report = check(right, suite=few, config=NEAR_ONE)
    assert [one.status for one in report.comparisons] == ["passed"]
    assert report.verdict is Verdict.INCONCLUSIVE
    assert not report.conformant
    assert "only 1 of 3 vectors can tell right from wrong" in report.diagnosis


def test_a_failure_is_one_even_among_few_vectors(few):
    moving = check(
        lambda params, *_: lambda grads: [p + 1 for p in params], suite=few, config=NEAR_ONE
    )
    assert moving.verdict is Verdict.NONCONFORMANT


def test_vectors_that_can_tell_are_enough(few):
    assert check(right, suite=few, config={"beta1": 0.99, "beta2": 0.9999}).conformant


def test_a_gate_is_not_passed_by_an_inconclusive_run(few, monkeypatch, capsys):
    monkeypatch.setattr(conformance.vectors.files, "load", lambda folder: few)
    numbers = ",".join(f"{name}={value!r}" for name, value in NEAR_ONE.items())
    assert main(["check", "adamref", "--config", numbers]) == 1
    assert "inconclusive" in capsys.readouterr().out
