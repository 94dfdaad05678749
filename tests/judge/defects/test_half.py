"""Half precision: the right Adams of the kit are accepted, the wrong ones are told by name."""

from dataclasses import replace

import numpy as np
import pytest

from conformance import check, identify
from conformance.defects import DEFECTS
from conformance.defects.kit.half import build_half
from conformance.selftest.killing import named_point
from conformance.vectors.storage import (
    ALL_NATIVE,
    HALVES,
    STOCHASTIC,
    exact_storages,
    read_storage,
)
from conformance.waivers.files import parse

HALF = [defect for defect in DEFECTS if defect.storage]
MASTER = read_storage(dict.fromkeys(HALVES, "weights=master"))


def right(convention, storage):
    point = replace(named_point(convention), storage=tuple(storage.items()))
    made = build_half("Right", point)
    made.convention = convention
    return made


def named(name):
    return next(defect for defect in HALF if defect.name == name)


@pytest.mark.parametrize("code", [*exact_storages("bfloat16"), ALL_NATIVE, f"weights={STOCHASTIC}"])
def test_the_right_adam_of_every_storage_is_accepted(code, suite):
    dtypes = HALVES[:1] if "split" in code else HALVES
    made = right("paper", read_storage(dict.fromkeys(dtypes, code)))
    report = check(made, suite=suite, only="storage.*")
    assert report.verdict == "conformant", report.diagnosis


@pytest.mark.parametrize("convention", ["torch-adamw", "torch", "tfkeras", "paper-hat"])
def test_the_right_adam_of_other_conventions_is_accepted(convention, suite):
    report = check(right(convention, MASTER), suite=suite)
    assert report.verdict == "conformant", report.diagnosis


@pytest.mark.parametrize("defect", HALF, ids=lambda defect: defect.name)
def test_a_mistake_of_half_precision_is_told_and_no_other_with_it(defect, suite):
    report = check(defect.make, suite=suite)
    assert f"its mistake is {defect.sentence}" in report.diagnosis
    assert report.diagnosis.count("half-") == 1


def test_there_are_mistakes_in_what_is_kept_of_weights_and_moments_and_in_rounding():
    codes = [code for defect in HALF for code in defect.storage.values()]
    for part in ("rounded", "master", "split", "compensated", STOCHASTIC, "m=T"):
        assert any(part in code for code in codes), part
    assert len(HALF) >= 35


def test_a_mistake_of_half_precision_is_made_in_what_another_adam_keeps(suite):
    point = replace(named_point("torch"), storage=tuple(MASTER.items()))
    made = named("half-learning-rate").on(point)
    assert made.storage == MASTER
    report = check(made, "torch", suite=suite)
    assert "its mistake is half-learning-rate" in report.diagnosis


def test_what_an_adam_does_not_keep_cannot_be_kept_wrongly(suite):
    point = replace(named_point("paper"), storage=tuple(MASTER.items()))
    made = named("half-compensation-sign").on(point)
    assert check(made, "paper", suite=suite, only="storage.*").conformant


def test_identify_names_a_mistake_of_half_precision(suite):
    found = identify(named("half-update").make, suite=suite)
    assert found.sentence == "nearest is paper: its mistake is " + named("half-update").sentence


@pytest.mark.parametrize("name", ["half-learning-rate", "half-always-up"])
def test_a_waiver_by_cause_waives_what_a_mistake_of_half_precision_explains(name, suite):
    text = f'[[waiver]]\ncause = "{name}"\nreason = "it is known"\n'
    report = check(named(name).make, "paper", suite=suite, waivers=parse(text, "w.toml"))
    assert report.verdict == "conformant (waived)", report.diagnosis
    assert not report.stale


# An Adam that shares nothing with those of the kit.
class RateRounded:
    storage = MASTER
    dtypes = frozenset(HALVES)

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.dtype = params[0].dtype
        self.weights = [param.astype(np.float32) for param in params]
        self.m = [np.zeros_like(weight) for weight in self.weights]
        self.v = [np.zeros_like(weight) for weight in self.weights]
        self.rate = np.float32(np.float32(learning_rate).astype(self.dtype))
        self.numbers = [beta1, beta2, epsilon]
        self.t = 0

    def step(self, grads):
        beta1, beta2, epsilon = self.numbers
        self.t += 1
        one, two = 1 - beta1**self.t, 1 - beta2**self.t
        for number, grad in enumerate(grads):
            grad = grad.astype(np.float32)
            self.m[number] += np.float32(1 - beta1) * (grad - self.m[number])
            self.v[number] += np.float32(1 - beta2) * (grad * grad - self.v[number])
            root = np.sqrt(self.v[number] / np.float32(two)) + np.float32(epsilon)
            self.weights[number] -= self.rate / np.float32(one) * self.m[number] / root
        return [weight.astype(self.dtype) for weight in self.weights]


def test_the_mistake_of_an_adam_with_other_operations_is_told(suite):
    report = check(RateRounded, "paper", suite=suite)
    assert "its mistake is half-learning-rate" in report.diagnosis


def test_a_mistake_in_every_format_is_none_of_half_precision(suite):
    other = next(defect for defect in DEFECTS if defect.name == "update-sign")

    def make(params, learning_rate, beta1, beta2, epsilon):
        is_half = params[0].dtype.name in HALVES
        chosen = named("half-master-remade") if is_half else other
        return chosen.make(params, learning_rate, beta1, beta2, epsilon)

    make.storage = {"bfloat16": MASTER["bfloat16"]}
    make.dtypes = {"bfloat16", "float32", "float64"}
    report = check(make, "paper", suite=suite)
    assert "half-" not in report.diagnosis
    assert "update-sign" in report.diagnosis
