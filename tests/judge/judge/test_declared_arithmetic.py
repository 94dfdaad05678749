"""Arithmetics that a subject or a caller declares, in the place of those of the convention."""

import pytest

from conformance import check
from conformance.judge.selection import UsageError
from conformance.judge.verdicts import Verdict
from conformance.report.results import Options, Results
from conformance.subject.subject import SubjectError
from tests.judge.judge.rough_adams import Float32Scalars, RoughAdam

ONLY = "*.f32.*decimal*"


class Declares(Float32Scalars):
    arithmetic = "sssss"


def test_an_arithmetic_that_is_declared_is_accepted_and_named(suite):
    plain = check(Float32Scalars, only=ONLY, suite=suite)
    assert plain.verdict is Verdict.ARITHMETIC
    report = check(Declares, only=ONLY, suite=suite)
    assert report.verdict is Verdict.DECLARED
    assert report.verdict_text == "conformant (arithmetic sssss)"
    assert report.arithmetic == "sssss"
    assert report.to_dict()["declared"] == "arithmetic sssss"
    rows = Results([report], {}, suite.version, Options()).rows
    assert rows[0]["verdict"].startswith("conformant (arithmetic sssss)")


def test_another_arithmetic_is_told_under_a_convention_without_a_name_too(suite):
    convention = "tfkeras,epsilon=outside"
    report = check(RoughAdam, convention, only=ONLY, suite=suite)
    assert report.verdict is Verdict.ARITHMETIC
    assert "ddddd" in report.arithmetics
    # A feature that is required and missing is no arithmetic.
    missing = check(RoughAdam, convention, only="*.f32.*", require=["none"], suite=suite)
    assert missing.verdict is Verdict.NONCONFORMANT


def test_the_way_to_declare_an_arithmetic_is_said(suite):
    report = check(Float32Scalars, only=ONLY, suite=suite)
    assert "`--arithmetic sssss` declares it" in report.diagnosis


def test_no_other_arithmetic_passes(suite):
    report = check(RoughAdam, only=ONLY, arithmetic="sssss", suite=suite)
    assert report.verdict is Verdict.ARITHMETIC
    assert "ddddd" in report.arithmetics


def test_one_that_the_convention_accepts_is_no_declaration(suite):
    report = check(RoughAdam, only=ONLY, arithmetic="ddddd", suite=suite)
    assert (report.verdict, report.subject.arithmetic) == (Verdict.CONFORMANT, "")
    # Of several that are accepted, it is the only one by which the subject is judged.
    optax = check(RoughAdam, "optax", only=ONLY, arithmetic="dddTT", suite=suite)
    assert (optax.verdict, optax.convention.arithmetics) == (Verdict.CONFORMANT, ["dddTT"])


def test_the_option_overrules_the_attribute(suite):
    report = check(Declares, only=ONLY, arithmetic="ddddd", suite=suite)
    assert report.verdict is Verdict.ARITHMETIC


def test_a_convention_that_states_another_arithmetic_contradicts(suite):
    named = "paper,arithmetic=ddddd"
    message = "arithmetic must be that of convention 'paper,arithmetic=ddddd', got 'sssss'; leave"
    with pytest.raises(UsageError, match=message):
        check(RoughAdam, named, arithmetic="sssss", suite=suite)
    with pytest.raises(SubjectError, match=f"Declares declares an arithmetic: {message}"):
        check(Declares, named, suite=suite)
    same = check(Declares, "paper,arithmetic=sssss", only="basic.f32.*", suite=suite)
    assert same.verdict is Verdict.CONFORMANT


def test_an_arithmetic_that_does_not_exist_is_refused(suite):
    with pytest.raises(UsageError, match="arithmetic must be one of ddddd, sssss, .*, got 'dd'"):
        check(RoughAdam, arithmetic="dd", suite=suite)
    with pytest.raises(UsageError, match="arithmetic must be one of ddddd, .*, got ''"):
        check(RoughAdam, arithmetic="", suite=suite)
