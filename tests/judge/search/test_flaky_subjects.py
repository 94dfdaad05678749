"""Subjects that fail now and then: whatever a search saw above the bound is a finding."""

import random

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from conformance.cli import main
from conformance.search.fuzz import fuzz
from conformance.subject.subject import from_make
from conformance.trial.comparison import Comparison
from conformance.vectors.suite import ListedConvention
from tests.support.outside_adams import Running

# The ways in which a step may go wrong.
FAULTS = {
    "number": lambda params: [param + 1 for param in params],
    "nan": lambda params: [param * np.nan for param in params],
    "shape": lambda params: params[1:],
    "raises": lambda params: params[99],
}


def failing_at(is_wrong, fault="number"):
    """Return an Adam that errs where ``is_wrong`` says so, of the number of the step."""
    steps = 0

    class Sometimes(Running):
        def step(self, grads):
            # A counter that outlives the run, so that no input fails twice for certain.
            nonlocal steps
            steps += 1
            params = super().step(grads)
            return FAULTS[fault](params) if is_wrong(steps) else params

    return Sometimes


@pytest.mark.parametrize("fault", FAULTS)
def test_what_fails_once_is_found_though_it_does_not_fail_again(fault, suite):
    # A step of the object whose results are judged: that of another object may be anything.
    subject = from_make(failing_at(lambda step: step == 12, fault))
    result = fuzz(subject, suite.conventions["paper"], examples=20)
    assert result.found is not None
    assert result.found.comparison.failed
    assert not result.repeats


def test_a_failure_at_every_seventh_step_is_called_one_that_does_not_always_come(suite):
    subject = from_make(failing_at(lambda step: step % 7 == 0))
    result = fuzz(subject, suite.conventions["paper"], examples=20)
    assert result.found is not None
    assert not result.repeats


def test_errors_at_random_are_not_made_the_same_for_every_input(suite):
    random.seed(0)

    # In a run of Hypothesis the generator would begin anew with each input.
    def is_wrong(_step):
        return random.random() < 0.02

    result = fuzz(from_make(failing_at(is_wrong)), suite.conventions["paper"], examples=100)
    assert result.found is not None


def test_the_command_says_that_it_fails_now_and_then_and_shows_the_input_as_seen(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "seventh.py").write_text(
        "from tests.judge.search.test_flaky_subjects import failing_at\n"
        "make = failing_at(lambda step: step % 7 == 0)\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["fuzz", "seventh:make", "--examples", "20", "--save", "found.json"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("seventh:make: fails now and then; ")
    assert "Its results are not always the same. An input that it failed once:" in said
    assert said.rstrip().splitlines()[-1].startswith("assert ")
    assert (
        "seventh:make fails it now and then, judged by paper."
        in (tmp_path / "found.json").read_text()
    )


def test_a_failure_that_comes_again_is_called_one(suite):
    result = fuzz(
        from_make(failing_at(lambda _step: True)), suite.conventions["paper"], examples=20
    )
    assert result.found is not None
    assert result.repeats


def with_arithmetic(code_of):
    """Return a make whose arithmetic depends on the first parameter."""

    def make(params, *numbers):
        names = ("learning_rate", "beta1", "beta2", "epsilon")
        config = AdamConfig(**dict(zip(names, numbers, strict=True)))
        return Adam(params, config, "paper", code_of(params[0]))

    return make


@pytest.mark.parametrize(
    ("code_of", "arithmetic"),
    [
        (lambda _param: "sssss", "sssss"),
        (lambda _param: "ddddd", "ddddd"),
        (lambda param: "sssss" if param.size == 1 else "ddddd", None),
    ],
    ids=["the second", "the first", "now one, now the other"],
)
def test_one_arithmetic_must_explain_all_inputs(code_of, arithmetic, suite, monkeypatch):
    # How small the input becomes does not matter here.
    monkeypatch.setattr("conformance.search.fuzz._MOST_TRIES", 20)
    convention = ListedConvention("both", suite.conventions["paper"].axes, ["ddddd", "sssss"], "")
    result = fuzz(from_make(with_arithmetic(code_of)), convention, examples=10)
    if arithmetic:
        assert (result.found, result.arithmetic) == (None, arithmetic)
        assert result.worst <= 1
    else:
        assert result.found is not None


def test_nothing_above_the_bound_is_called_no_failure(suite, monkeypatch):
    seen = []
    judged = Comparison.__init__

    def record(self, *arguments, **fields):
        judged(self, *arguments, **fields)
        seen.append(self)

    monkeypatch.setattr(Comparison, "__init__", record)
    for wrong_step in (1, 60, 500):
        subject = from_make(failing_at(lambda step, wrong=wrong_step: step == wrong))
        seen.clear()
        result = fuzz(subject, suite.conventions["paper"], examples=10)
        assert (result.found is None) == (not any(one.failed for one in seen))
        assert result.found or max(one.worst_ratio for one in seen) <= 1
