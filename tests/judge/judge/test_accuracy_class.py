"""Subjects whose quotients and roots are not rounded correctly, and the class they declare."""

from typing import ClassVar

import numpy as np
import pytest

from conformance import check
from conformance.judge.selection import UsageError
from conformance.judge.verdicts import Verdict
from conformance.report.results import Options, Results
from conformance.subject.subject import SubjectError
from tests.support.subjects import LargeSteps

CLASS = {"division": 2.5, "root": 4.5}
COARSEST = {"division": 16, "root": 16}
# From zero, where the rounding of the parameter does not hide the step.
ONLY = "*.f32.from-zero*"


class LargestSteps(LargeSteps):
    """So many units off that vectors which nobody chose for it show it."""

    units: ClassVar = {np.divide: 15, np.sqrt: 15}


def coarse(params, learning_rate, beta1, beta2, epsilon, kind=LargeSteps):
    """Epsilon-hat in float32 on a device with such quotients and roots."""
    params = [param.view(kind) for param in params]
    ms = [np.zeros_like(param) for param in params]
    vs = [np.zeros_like(param) for param in params]
    t = 0

    def step(grads):
        nonlocal t
        t += 1
        rate = learning_rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        for i, grad in enumerate(grads):
            number = grad.dtype.type
            ms[i] = number(beta1) * ms[i] + number(1 - beta1) * grad
            vs[i] = number(beta2) * vs[i] + number(1 - beta2) * grad * grad
            change = number(rate) * ms[i] / (np.sqrt(vs[i]) + number(epsilon))
            params[i] = params[i] - change
        return [np.array(param) for param in params]

    return step


def declared(**accuracy):
    def make(*arguments):
        return coarse(*arguments)

    make.accuracy = accuracy
    return make


def coarsest(*arguments):
    return coarse(*arguments, kind=LargestSteps)


def test_a_declared_class_is_judged_by_its_own_bound_and_named(suite):
    report = check(declared(**CLASS), "paper-hat", only=ONLY, suite=suite)
    assert report.verdict is Verdict.OF_CLASS
    assert report.conformant
    assert report.to_dict()["accuracy"] == "division=2.5,root=4.5"
    notes = Results([report], {}, suite.version, Options()).notes
    assert any("accuracy class division=2.5,root=4.5" in sentence for _, sentence in notes)


def test_without_the_declaration_nothing_is_widened(suite):
    plain = check(coarsest, "paper-hat", only=ONLY, suite=suite)
    declared = check(coarsest, "paper-hat", only=ONLY, suite=suite, accuracy=COARSEST)
    assert plain.verdict is Verdict.NONCONFORMANT
    assert plain.to_dict()["accuracy"] is None
    assert declared.verdict is Verdict.OF_CLASS


def test_a_wrong_adam_fails_by_the_bound_of_the_widest_class(suite):
    wrong = check(coarsest, "paper", only=ONLY, suite=suite, accuracy=COARSEST)
    assert wrong.verdict is Verdict.NONCONFORMANT


def test_a_class_that_cannot_be_is_refused(suite):
    with pytest.raises(SubjectError, match="accuracy of make: division must be from 0.5 to 16"):
        check(declared(division=100), suite=suite)
    with pytest.raises(UsageError, match="accuracy must declare some of division, root, mix"):
        check(coarse, accuracy={"speed": 1}, suite=suite)
