"""What is said of Adams as they are found in libraries: one cause, two causes, or what is known."""

import re

import numpy as np
import pytest

from conformance import check, identify
from conformance.diagnosis.formula.equations import find_formulas
from conformance.diagnosis.formula.formulas import FIRST, PAPER, PARTS, SECOND
from conformance.subject.subject import from_make
from conformance.trial.run import run
from tests.judge.diagnosis.real_adams import (
    SAID,
    Four,
    HalfAlone,
    HatWithL2,
    OneCount,
    Reciprocal,
    RefusesZeroRate,
)


@pytest.mark.parametrize("make", SAID, ids=lambda make: make.__name__)
@np.errstate(all="ignore")
def test_the_sentence_is_right(make, suite):
    report = check(make, suite=suite)
    assert re.match(SAID[make], report.diagnosis), report.diagnosis


def test_a_refusal_is_a_verdict_of_its_own(suite):
    report = check(RefusesZeroRate, suite=suite, only="extremes.*")
    assert report.verdict == "nonconformant (refusals)"
    assert not report.conformant


def test_a_pass_says_what_it_is_about(suite):
    report = check(HalfAlone, suite=suite)
    assert (report.verdict, str(report.scope)) == ("conformant", "in float16 alone")
    assert {"float32", "float64"} <= set(report.scope.missing)
    assert report.scope.told < report.scope.asked / 10
    whole = check(Four, suite=suite)
    assert (whole.conformant, str(whole.scope)) == (True, "")


def test_switches_that_the_convention_has_not_are_said_to_be_unasked(suite):
    assert check(HatWithL2, "paper", only="basic.*", suite=suite).unasked == ("weight_decay",)
    assert check(HatWithL2, "torch", only="basic.*", suite=suite).unasked == ()


@pytest.mark.parametrize(
    ("make", "convention"),
    [
        (HatWithL2, "torch,epsilon=hat"),
        (OneCount, "torch-adamw,step_scope=optimizer,all_none=count"),
    ],
)
def test_a_convention_with_other_values_can_be_asked_for(make, convention, suite):
    report = check(make, convention, suite=suite)
    assert report.conformant, report.diagnosis
    assert report.scope.told > 200
    # The subject may declare it, too.
    declared = type("Declared", (make,), {"convention": convention})
    assert check(declared, only="basic.*", suite=suite).convention.name == convention


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (HatWithL2, "this is torch, except that epsilon is hat and not outside"),
        (
            OneCount,
            "this is torch-adamw, except that step_scope is optimizer and not parameter and "
            "all_none is count and not no_op",
        ),
        (Reciprocal, "nearest is paper: in E5 the step is "),
    ],
)
@np.errstate(all="ignore")
def test_identify_says_the_same(make, sentence, suite):
    assert identify(make, suite=suite).sentence.startswith(sentence)


def test_a_formula_that_fits_is_not_searched(suite):
    subject = from_make(Four)
    vectors = [vector for vector in suite.vectors if vector.topic in ("basic", "bias", "epsilon")]
    runs = [run(subject, vector) for vector in vectors]
    assert find_formulas(runs, suite.conventions["paper"].axes) == []


def test_the_first_part_of_each_table_is_that_of_the_paper():
    assert PAPER.step == "learning_rate * m_hat / (sqrt(v_hat) + epsilon)"
    assert (PARTS[0], PARTS[1]) == (FIRST, SECOND)
    assert len(PARTS) == len(PAPER)
