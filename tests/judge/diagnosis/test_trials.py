"""What people met who tried the judge with nothing but its README: each is said rightly now."""

import re

import numpy as np
import pytest

from conformance import check, identify
from conformance.cli import main
from conformance.defects import DEFECTS
from conformance.gate.cases import SubjectUnderTest
from conformance.subject.subject import from_make
from conformance.trial.compare import compare
from conformance.trial.run import run
from conformance.vectors.switches import FEATURES
from tests.judge.diagnosis.real_adams import Four, Plain

FIXED = {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-5}


class AnotherInterface:
    def __init__(self, parameters, lr, betas, eps, decay):
        self.beta1, self.beta2 = betas


class OwnDecay(Four):
    """It decays by 0.01 and has no argument for it."""

    def decay(self, place, grad):
        self.params[place] = self.params[place] * (1 - self.rate * 0.01)
        return grad


class Kernel(Four):
    """Its constants are compiled in, and all its scalars are binary32."""

    dtypes = frozenset({"float32"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        numbers = (np.float32(number) for number in FIXED.values())
        super().__init__(params, np.float32(learning_rate), *numbers)

    def correction1(self, place):
        return np.float32(1) - np.power(self.beta1, np.float32(self.t[place]))

    def correction2(self, place):
        return np.float32(1) - np.power(self.beta2, np.float32(self.t[place]))


class TwoMistakes(Plain):
    """v is corrected one step ahead, and the decay is not scaled."""

    convention = "torch-adamw"

    def correction2(self, place):
        return 1 - self.beta2 ** (self.t[place] + 1)

    def take(self, place, step):
        super().take(place, step + self.weight_decay * self.params[place])


class LargeOnly(Four):
    """It is wrong from 64 elements on."""

    def move(self, place, grad):
        super().move(place, grad)
        if grad.size >= 64:
            self.v[place] = self.v[place] * 1.5


class OneT(Four):
    """Its state has one t for all parameters."""

    convention = "torch,step_scope=optimizer,all_none=count"
    supports = frozenset({"one_t"})

    def load(self, params, slots, t):
        assert np.ndim(t) == 0
        self.params = [param.copy() for param in params]
        self.m = [m.copy() for m in slots["m"]]
        self.v = [v.copy() for v in slots["v"]]
        # It may be an array that others hold too.
        self.t = [int(t) for _ in params]


SENTENCES = {
    OwnDecay: r".*a gradient of 0 multiplies a parameter by 1 - learning_rate \* 0\.01: it has a "
    "weight decay of its own",
    Kernel: r"what it returns does not depend on beta1 and beta2 and epsilon; it fits "
    r"beta1=0\.9,beta2=0\.95,epsilon=1e-05, so judge it with --config beta1",
    TwoMistakes: r"in E5 the step is .*beta2\^\(t \+ 1\).*; \d+ of the \d+ failures are of vectors "
    "with more, where a second mistake may hide: mend this one and check again",
    LargeOnly: r".*only parameters of \d+ or more elements are wrong",
}


@pytest.mark.parametrize("make", SENTENCES, ids=lambda make: make.__name__)
def test_the_sentence_is_right(make, suite):
    report = check(make, suite=suite)
    assert re.match(SENTENCES[make], report.diagnosis), report.diagnosis


def test_a_class_with_another_interface_has_no_mistake_but_that(suite):
    report = check(AnotherInterface, suite=suite)
    assert "needs a wrapper, as `adamref init python` writes" in report.diagnosis
    assert "its mistake" not in report.diagnosis


def test_constants_that_are_compiled_in_are_judged_by_the_same_arithmetics(suite):
    report = check(Kernel, "paper", suite=suite, config=FIXED, only="bias.*")
    assert report.arithmetics[0] == "sssss"
    found = identify(Kernel, suite=suite, config=FIXED)
    assert (found.sentence, found.convention_option) == (
        "this is paper, with arithmetic sssss",
        "paper,arithmetic=sssss",
    )
    tested = SubjectUnderTest(Kernel, found.convention_option, config=FIXED, suite=suite)
    assert len(tested.items) > 100
    (first,) = [item for item in tested.items if item.id == "basic.f32.mixed"]
    first.check()


def test_a_hyperparameter_without_an_argument_may_be_fixed_inside(suite):
    report = check(OwnDecay, "torch-adamw", suite=suite, config={"weight_decay": 0.01})
    assert report.conformant, report.diagnosis


def test_what_the_convention_has_not_is_missing_from_the_verdict(suite, capsys):
    report = check(Plain, suite=suite, only="basic.*")
    assert (report.conformant, report.confined) == (True, "without weight_decay")
    name = f"{__name__}:Plain"
    assert main(["check", name, "--only", "basic.*"]) == 0
    assert "conformant without weight_decay" in " ".join(capsys.readouterr().out.split())


def test_a_state_may_have_one_t(suite):
    report = check(OneT, suite=suite)
    assert report.conformant, report.diagnosis
    assert any(
        "load" in one.vector.features for one in report.comparisons if one.status == "passed"
    )
    reasons = {one.reason for one in report.unsupported}
    assert "parameters that start with different t: it has one t for all" not in reasons


def test_a_dtype_that_is_not_declared_is_not_asked(suite):
    report = check(Kernel, suite=suite, only="basic.*")
    undeclared = [
        one for one in report.unsupported if one.reason == "float64: make.dtypes lacks it"
    ]
    assert {one.vector.dtype for one in undeclared} == {"float64"}
    assert all(one.vector.dtype != "float64" for one in report.of_status("passed"))


def test_identify_ends_in_the_command_that_judges_by_what_it_found(capsys):
    assert main(["identify", "adamref-torch", "--level", "quick"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line == "judge it by  adamref check adamref-torch --convention torch"


@pytest.mark.parametrize(
    "defect", [one for one in DEFECTS if one.about], ids=lambda defect: defect.name
)
def test_a_mistake_about_a_feature_shows_where_the_feature_is(defect, suite):
    assert set(defect.about) <= set(FEATURES)
    subject = from_make(defect.make)
    listed = suite.conventions[defect.convention]
    for vector in suite.vectors:
        answers = vector.answers_for(listed.axes, listed.arithmetics[0])
        if vector.level != "core" or not answers or not vector.features.intersection(defect.about):
            continue
        if compare(run(subject, vector), answers).failed:
            return
    raise AssertionError(defect.about)
