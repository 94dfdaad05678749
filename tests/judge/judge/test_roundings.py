"""Rough kernels: the least declaration that each is told, and its verdict with it."""

import json
import re

import numpy as np
import pytest

from conformance import check
from conformance.diagnosis.case import Case
from conformance.diagnosis.rough import rough_operations
from conformance.judge.selection import UsageError
from conformance.judge.verdicts import Verdict
from conformance.report.outputs import badge, jsonl, junit, markdown
from conformance.report.recorded import SCHEMA
from conformance.report.results import Options, Results
from conformance.subject.roundings import Roundings
from conformance.trial.judged_runs import JudgedRuns
from conformance.trial.outcomes import Permitted
from tests.judge.judge import rough_adams
from tests.judge.judge.rough_adams import FastMath, RoughAdam, Truncation
from tests.support.paths import ROOT

ALL = {"E1": 1000, "E2": 1000, "E5": 1000}


def rows():
    """Return the kernels of the table in truth/README.md, each with its options."""
    text = (ROOT / "conformance/truth/README.md").read_text()
    table = text.partition("| kernel |")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        name, _, arithmetic, least, _ = (cell.strip(" `") for cell in line.split("|")[1:-1])
        yield name, arithmetic.replace("-", ""), least.replace("-", "")


def less(least):
    """Return the declarations with one rounding less in one equation."""
    numbers = dict(part.split("=") for part in least.split(","))
    for equation, number in numbers.items():
        yield {key: int(value) for key, value in numbers.items()} | {equation: int(number) - 1}


def declared(kernel, **attributes):
    """Return a kernel that declares something."""
    return type(kernel.__name__, (kernel,), attributes)


def test_the_table_has_every_kernel():
    assert {name for name, _, _ in rows()} == {one.__name__ for one in rough_adams.KERNELS}


@pytest.mark.parametrize(("name", "arithmetic", "least"), list(rows()))
def test_a_kernel_conforms_within_its_least_declaration_and_not_within_less(
    name, arithmetic, least, suite
):
    kernel = getattr(rough_adams, name)
    options = {"suite": suite, "arithmetic": arithmetic or None}
    numbers = {part[:2]: int(part[3:]) for part in least.split(",") if part}
    report = check(kernel, **options, roundings=numbers)
    assert report.verdict is Verdict.DECLARED
    assert str(report.least_roundings) == least
    if least:
        plain = check(kernel, **options)
        assert plain.verdict.fails
        # An arithmetic that explains everything is the better answer.
        if plain.verdict is not Verdict.ARITHMETIC:
            assert f"`--roundings {least}` declares it" in plain.diagnosis
            assert str(plain.least_roundings) == least
        for smaller in less(least):
            assert not check(kernel, **options, roundings=smaller).conformant


def test_an_arithmetic_that_needs_far_fewer_roundings_is_declared_with_them(suite):
    report = check(FastMath, suite=suite)
    assert "right within E5=3 with arithmetic sssss" in report.diagnosis
    assert "`--arithmetic sssss --roundings E5=3` declares it" in report.diagnosis
    assert "the largest error is in E5 of long.f32.hundreds, 2.00" in report.diagnosis


def test_every_output_names_what_is_declared(suite):
    kernel = declared(FastMath, roundings={"E5": 40}, arithmetic="sssss")
    report = check(kernel, suite=suite)
    verdict = "conformant (E5 within 40 roundings, arithmetic sssss)"
    assert (report.verdict, report.verdict_text) == (Verdict.DECLARED, verdict)
    results = Results([report], {}, suite.version, Options())
    assert results.rows[0]["verdict"] == f"{verdict} in float32 alone"
    assert markdown.text(results).startswith(
        "# Adam: conformant (E5 within 40 roundings, arithmetic sssss)\n"
    )
    assert json.loads(badge.text(results))["message"].startswith(f"{verdict} in float32 alone: ")
    line = json.loads(jsonl.text(results).splitlines()[-1])
    assert line["verdict"] == "conformant (declared)"
    assert line["declared"] == "E5 within 40 roundings, arithmetic sssss"
    assert (line["roundings"], line["least_roundings"]) == ("E5=40", "E5=3")
    assert 'name="declared" value="E5 within 40 roundings, arithmetic sssss"' in junit.text(results)
    notes = " ".join(sentence for _, sentence in results.notes)
    assert "judged within E5=40: " in notes
    assert "; E5=3 is enough" in notes
    assert "the declared arithmetic is sssss; compared with binary64 scalars" in notes
    assert "conformant (declared)" in SCHEMA.read_text()


def test_a_partial_run_says_so_and_what_is_declared(suite):
    options = Options(only="basic.*", roundings={"E5": 8})
    report = check(RoughAdam, only="basic.*", roundings={"E5": 8}, suite=suite)
    results = Results([report], {}, suite.version, options)
    assert results.verdict == "partial"
    assert results.verdict_text == "partial, conformant (E5 within 8 roundings)"
    assert any("it conforms without, too" in sentence for _, sentence in results.notes)


def test_an_accuracy_class_and_roundings_are_declared_together(suite):
    report = check(
        Truncation,
        only="*.f32.from-zero*",
        accuracy={"division": 2.5, "root": 4.5},
        roundings={"E1": 2},
        suite=suite,
    )
    assert report.verdict_text == (
        "conformant (E1 within 2 roundings, accuracy class division=2.5,root=4.5)"
    )


def test_hyperparameters_of_a_kernel_are_judged_within_its_roundings(suite):
    kernel = declared(FastMath, arithmetic="sssss")
    options = {"config": {"beta2": 0.9995}, "only": "long.f32.hundreds", "suite": suite}
    assert not check(kernel, **options).conformant
    assert check(kernel, **options, roundings={"E5": 4}).verdict is Verdict.DECLARED


class WrongEpsilon(RoughAdam):
    """Epsilon under the root, as small as an error can be that nobody rounds away."""

    def update(self, m, v):
        v_hat = v / np.float32(self.correction(self.beta2))
        m_hat = m / np.float32(self.correction(self.beta1))
        rate = np.float32(self.learning_rate)
        return rate * m_hat / np.sqrt(v_hat + np.float32(self.epsilon))


class WrongEpsilonAndFastMath(WrongEpsilon, FastMath):
    """The same, and rough besides."""


class RoundedDown(RoughAdam):
    """Parameters that are rounded toward minus infinity: signs are not treated alike."""

    def step(self, grads, learning_rate=None):
        super().step(grads, learning_rate)
        self.params = [np.nextafter(param, np.float32(-np.inf)) for param in self.params]
        return [param.copy() for param in self.params]


def offered(report):
    """Return the declaration that is offered for the failures of a report, or None."""
    case = Case(
        judged=JudgedRuns(report.runs),
        convention=report.convention,
        suite=report.suite,
        comparisons=report.comparisons,
        arithmetics=(),
        unrepeatable="",
    )
    return rough_operations(case)


@pytest.mark.parametrize("wrong", [WrongEpsilon, WrongEpsilonAndFastMath])
def test_a_wrong_epsilon_passes_within_no_declaration_and_is_offered_none(wrong, suite):
    report = check(wrong, roundings=ALL, arithmetic="sssss", suite=suite)
    assert report.verdict is Verdict.NONCONFORMANT
    assert offered(report) is None
    assert offered(check(wrong, suite=suite)) is None


def test_bits_that_must_agree_are_no_matter_of_roundings(suite):
    only = "relations.f32.negate"
    report = check(RoundedDown, only=only, suite=suite)
    assert report.failures
    assert offered(report) is None
    wide = check(RoundedDown, only=only, roundings=ALL, suite=suite)
    assert {Permitted.BITS} in [failure.permitted for failure in wide.failures]


def test_numbers_in_the_place_of_infinities_are_no_matter_of_roundings(suite):
    report = check(rough_adams.FiniteMathOnly, suite=suite)
    assert report.diagnosis.startswith("its finite numbers are right, but in 3 of ")
    assert "(-ffinite-math-only): extremes.f32.infinite step 2 E5: got 3.4" in report.diagnosis
    assert report.diagnosis.endswith("no declaration of roundings permits that")
    assert report.least_roundings is None
    wide = check(rough_adams.FiniteMathOnly, roundings=ALL, suite=suite)
    assert len(wide.failures) == len(report.failures)


class RoughAndFiniteMathOnly(rough_adams.FiniteMathOnly, Truncation):
    """Both."""


def test_what_is_lost_is_said_besides_what_is_rough(suite):
    report = check(RoughAndFiniteMathOnly, suite=suite)
    assert re.match(r"in 3 of \d+ vectors NaN and infinities are lost", report.diagnosis)
    assert "; besides, its formulas are right, and its operations are rough" in report.diagnosis
    # No declaration makes it conform.
    assert report.least_roundings is None


def test_the_smallest_failing_input_fails_within_the_declaration(suite):
    report = check(FastMath, roundings={"E5": 2}, arithmetic="sssss", suite=suite)
    smallest = report.smallest
    assert smallest is not None
    assert smallest.comparison.worst["params"] > 1
    assert smallest.comparison.vector.roundings == {"params": 2}
    least, greatest = re.search(r"assert (\S+) <= got <= (\S+),", smallest.script).groups()
    assert float(least) == smallest.comparison.discrepancy.lo
    assert float(greatest) == smallest.comparison.discrepancy.hi


def test_a_declaration_that_cannot_be_is_refused(suite):
    with pytest.raises(UsageError, match="E5 must be a whole number of roundings from 1 to 1000"):
        check(RoughAdam, roundings={"E5": 1e6}, suite=suite)
    assert check(RoughAdam, only="basic.f32.*", roundings={}, suite=suite).verdict == "conformant"


def test_the_option_overrules_the_attribute(suite):
    kernel = declared(Truncation, roundings={"E1": 500})
    report = check(kernel, only="b*.f32.*", roundings={"E1": 2}, suite=suite)
    assert report.subject.roundings == Roundings(of_m=2)
