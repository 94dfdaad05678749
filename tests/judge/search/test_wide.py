"""A plain fuzz finds mistakes that show only where features stand together, or in a lifetime."""

from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import pytest

from conformance.defects.kit.by_convention import build_named
from conformance.diagnosis.smallest_failure import as_smallest, fit
from conformance.on_demand.judging import judge_at
from conformance.search.fuzz import fuzz
from conformance.search.wide import Offer, draw
from conformance.subject.loading import load
from conformance.subject.subject import from_make
from conformance.truth.point import Point
from conformance.vectors import files
from conformance.vectors.inputs import Call, Inputs
from conformance.vectors.objections import objection
from conformance.vectors.spec import Relation, VectorSpec
from conformance.vectors.vector import Vector
from tests.support.outside_adams import Running

PaperAdam = build_named("PaperAdam", "paper")
TorchAdam = build_named("TorchAdam", "torch")


class ConstructorRate(PaperAdam):
    """A learning rate of a call is not saved (pytorch#125215)."""

    def save(self):
        saved = super().save()
        return saved._replace(state=replace(saved.state, rate=None))


class PowerOfZero(PaperAdam):
    """0^t is 1 at multiples of 64, and the correction 0 (optax#46)."""

    pieces = replace(
        PaperAdam.pieces,
        bias1=lambda adam, step, beta: 0.0 if beta == 0 and step.t % 64 == 0 else 1 - beta**step.t,
    )


class HalfDescends(TorchAdam):
    """In half precision it does not ascend (BMTrain#35)."""

    pieces = replace(
        TorchAdam.pieces,
        ascend=lambda adam, step, grad: (
            -grad if adam.maximize and grad.dtype != np.float16 else grad
        ),
    )


class LastMade(PaperAdam):
    """All objects have the learning rate of the last that was made (ColossalAI#633)."""

    def __init__(self, params, *numbers, **switches):
        super().__init__(params, *numbers, **switches)
        for other in self.others():
            other.learning_rate = self.learning_rate


class FirstStateOnly(PaperAdam):
    """A second state is not restored where there is one (pytorch#15926)."""

    def restore(self, saved):
        if not self.state.calls:
            super().restore(saved)


HANDED_OVER = (ConstructorRate, PowerOfZero, HalfDescends, LastMade, FirstStateOnly)


# A search takes seconds, and several tests look at its result.
@cache
def plain_search(make):
    return fuzz(from_make(make), files.load().conventions[make.convention])


@pytest.mark.parametrize("make", HANDED_OVER)
def test_a_plain_search_finds_each_mistake_that_was_handed_over(make):
    result = plain_search(make)
    assert result.found is not None
    assert result.found.comparison.failed
    assert result.repeats


@pytest.mark.parametrize("make", HANDED_OVER)
def test_the_script_of_each_fails_by_itself(make):
    script = plain_search(make).found.script
    assert f"import {make.__name__}\n" in script
    assert_fails_by_itself(script)


def assert_fails_by_itself(script):
    # What it shows is wrong, or the exception of a script that cannot run.
    with pytest.raises(AssertionError), np.errstate(all="ignore"):
        exec(compile(script, "script", "exec"), {})


@pytest.mark.parametrize("name", ["adamref", "adamref-torch", "adamref-keras3"])
def test_a_right_adam_survives_wide_draws(name, suite):
    subject = load(name)
    found = fuzz(subject, suite.conventions[subject.convention], seed=5, examples=20)
    assert found.found is None, found.found.script
    assert found.worst <= 1


def test_the_smallest_input_keeps_its_lifetime_and_nothing_that_it_does_not_need():
    vector = plain_search(FirstStateOnly).found.vector
    assert vector.relation.kind == "resume"
    assert vector.relation.other == ()
    # Twice or used: either restores a second state.
    assert len(vector.relation.details) == 1
    assert len(vector.calls) <= 3
    assert [param.size for param in vector.params] == [1]


def test_a_failure_of_a_first_run_loses_its_lifetime(suite):
    result = fuzz(load("conformance.defects:update_sign"), suite.conventions["paper"])
    assert result.found.vector.relation is None


class SharedCount(Running):
    """All objects count their steps together, those that are gone too."""

    steps = 0

    def tick(self):
        SharedCount.steps += 1
        self.prod1 = self.b1**SharedCount.steps
        self.prod2 = self.b2**SharedCount.steps


@pytest.mark.parametrize("kind", ["again", "beside"])
def test_the_script_has_the_other_objects_of_a_lifetime(kind, monkeypatch):
    subject = from_make(SharedCount)
    numbers = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 1.0}
    param = np.zeros(2, "float32")
    calls = [Call([param + 1], None), Call([param + 2], None)]
    inputs = Inputs(numbers, {}, [param], calls)
    relation = Relation(kind, other=("params", "numbers"))
    point = Point.of({})
    monkeypatch.setattr(SharedCount, "steps", 0)
    failure = judge_at(subject, inputs, [point], relation)[0]
    assert failure.failed
    # As in a new process.
    monkeypatch.setattr(SharedCount, "steps", 0)
    assert_fails_by_itself(as_smallest(subject, inputs, failure, point, relation).script)
    # Without the other objects nothing is wrong.
    monkeypatch.setattr(SharedCount, "steps", 0)
    assert not judge_at(subject, inputs, [point])[0].failed


KINDS = ("none", "sparse", "schedule", "float16", "save", "numbers")


def test_features_stand_together_in_what_is_drawn():
    random = Random(0)
    offer = Offer(("amsgrad", "maximize", "weight_decay"), KINDS)
    drawn = [draw(random, offer, "float32", exact=True) for _ in range(1000)]
    both = [one for one in drawn if {"amsgrad", "weight_decay"} <= one.inputs.switches.keys()]
    assert 150 < len(both) < 350
    half = [one for one in drawn if one.inputs.params[0].dtype == np.float16]
    assert len([one for one in half if one.inputs.switches.get("maximize")]) > 100
    lifetimes = {one.relation.kind for one in both if one.relation}
    assert lifetimes == {"resume", "beside", "again"}
    dimensions = {param.ndim for one in drawn for param in one.inputs.params}
    assert dimensions == {0, 1, 2, 3, 4, 5}
    assert max(len(one.inputs.params) for one in drawn) == 100
    assert max(len(one.inputs.calls) for one in drawn) >= 128


def test_a_subject_that_cannot_save_is_drawn_no_state_to_restore():
    random = Random(0)
    drawn = [draw(random, Offer((), ()), "float32", exact=False) for _ in range(300)]
    assert {one.relation.kind for one in drawn if one.relation} == {"beside", "again"}


def test_every_lifetime_that_is_drawn_is_legal():
    random = Random(0)
    drawn = [draw(random, Offer((), KINDS), "float32", exact=True) for _ in range(500)]
    details = set()
    for inputs, relation in drawn:
        if relation is not None:
            details.update(relation.details)
            assert not objection(Vector(VectorSpec(id="drawn", inputs=inputs, relation=relation)))
    assert details == {"used", "twice", "numbers", "params", "shapes"}


def plain_inputs(calls, params=1):
    param = np.zeros(1)
    return Inputs({}, {}, [param] * params, [Call([param] * params, None)] * calls)


def test_a_relation_fits_the_calls_and_parameters_that_are_left():
    relation = Relation("resume", after=5, also_after=3, used=True)
    assert fit(relation, plain_inputs(9)) == relation
    assert fit(relation, plain_inputs(4)) == Relation("resume", after=3, also_after=2, used=True)
    assert fit(relation, plain_inputs(2)) == Relation("resume", after=1, used=True)
    assert fit(relation, plain_inputs(1)) is None
    assert fit(Relation("beside"), plain_inputs(1)) == Relation("beside")
    shapes = Relation("beside", other=("params", "shapes"))
    assert fit(shapes, plain_inputs(1, params=2)) == shapes
    assert fit(shapes, plain_inputs(1)) == Relation("beside", other=("params",))
