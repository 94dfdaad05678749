"""What an adapter assumes wrongly is found before the optimizer is blamed."""

import numpy as np
import pytest

from conformance.subject.subject import SubjectError, Unsupported
from conformance.subjects.kinds.probe import Places, probe


class Adam:
    """One parameter; `scale` is what its m is kept in, `ahead` what it adds to a loaded t."""

    scale = 1.0
    ahead = 0

    def __init__(self, params, rate, beta1, beta2, epsilon):
        [self.param] = params
        self.numbers = rate, beta1, beta2, epsilon
        self.m = np.zeros_like(self.param)
        self.v = np.zeros_like(self.param)
        self.t = 0

    def step(self, grads):
        rate, beta1, beta2, epsilon = self.numbers
        self.t += 1
        self.m = beta1 * self.m + (1 - beta1) * grads[0]
        self.v = beta2 * self.v + (1 - beta2) * grads[0] ** 2
        step = self.m / (1 - beta1**self.t)
        self.param = self.param - rate * step / (np.sqrt(self.v / (1 - beta2**self.t)) + epsilon)
        return [self.param]

    def slots(self):
        return {"m": [self.m * self.scale], "v": [self.v]}

    def load(self, params, slots, t):
        [self.param] = params
        [self.m] = slots["m"]
        [self.v] = slots["v"]
        self.t = t[0] + self.ahead


def found(kind):
    places = Places({"m": "m", "v": "v"})
    probe(kind, places)
    return places


def test_an_adam_that_is_as_assumed_keeps_its_places():
    places = found(Adam)
    assert (places.names, places.load, places.remarks) == ({"m": "m", "v": "v"}, "", [])
    places.require_load()


def test_a_slot_with_other_numbers_is_not_shown_and_that_is_said():
    places = found(type("Scaled", (Adam,), {"scale": 2.0}))
    assert places.names == {}
    assert places.remarks == [
        "what it keeps in the place of m is not m after its first step (0.25, got 0.5); only its "
        "parameters are judged"
    ]
    with pytest.raises(Unsupported, match="a state to start from: what it keeps"):
        places.require_load()


def test_moments_that_are_not_there_are_said():
    def slots(self):
        raise AttributeError("no exp_avg")

    places = found(type("Elsewhere", (Adam,), {"slots": slots}))
    assert "not where its kind has them (AttributeError: no exp_avg)" in places.load


def test_a_slot_that_is_none_after_a_step_is_said():
    places = found(type("Empty", (Adam,), {"slots": lambda self: {"m": [None], "v": [self.v]}}))
    assert places.load == "it keeps no m where its kind has it"


def test_a_state_that_another_object_does_not_take_up_is_not_loaded():
    places = found(type("Ahead", (Adam,), {"ahead": 1}))
    assert places.names == {"m": "m", "v": "v"}
    assert places.load == "an object that was given the state of another went on in another way"


def raising(self, grads):
    raise TypeError("a closure is missing")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (raising, "its adapter can take no step with it: TypeError: a closure is missing;"),
        (lambda self, grads: [self.param], "moves no parameter by a step"),
        (lambda self, grads: [self.param[0]], r"float32 of shape \(2, 1\) from a step, got float3"),
        (lambda self, grads: [self.param.astype(float)], "got float64 of shape"),
        (lambda self, grads: [], "its adapter can take no step with it"),
    ],
)
def test_a_step_that_cannot_be_taken_is_the_adapters_failure(step, message):
    with pytest.raises(SubjectError, match=message):
        found(type("Broken", (Adam,), {"step": step}))


def test_a_wrong_formula_is_no_matter_of_the_adapter():
    def step(self, grads):
        self.m = 0.5 * self.m + 0.5 * grads[0]
        self.v = 0.75 * self.v + 0.25 * grads[0] ** 2
        self.param = self.param + self.m
        return [self.param]

    assert found(type("Wrong", (Adam,), {"step": step})).remarks == []
