"""A trial as a sequence of events, in the order in which a subject acts."""

import pytest

from conformance.defects.kit.by_convention import build_named
from conformance.subject.subject import from_make
from conformance.trial.contract import Misbehaved
from conformance.trial.events import Made, Raised, Saved, Stepped, events


@pytest.fixture
def vector(suite):
    def find(name):
        return next(vector for vector in suite.vectors if vector.id == name)

    return find


def names(trial):
    return [type(event).__name__ for event in trial]


def test_a_trial_begins_with_made_and_has_an_event_for_each_call(vector):
    mixed = vector("basic.f32.mixed")
    trial = list(events(from_make(build_named("Right", "paper")), mixed, mixed.inputs))
    assert trial[0] == Made()
    assert [event.call for event in trial[1:]] == [1, 2, 3, 4, 5]
    answered = [event.call for event in trial[1:] if event.snapshot is not None]
    assert answered == list(mixed.after)


def test_a_call_without_gradients_that_raises_is_an_event_and_the_trial_goes_on(vector):
    empty = vector("none-gradient.f32.all")
    trial = list(events(from_make(build_named("Right", "tf1")), empty, empty.inputs))
    raised = [event for event in trial if isinstance(event, Raised)]
    assert [event.call for event in raised] == [3]
    assert raised[0].cause.message
    assert isinstance(trial[-1], Stepped)


def test_a_saved_subject_is_replaced_by_a_restored_one(vector):
    resume = vector("relations.f32.resume")
    after = resume.relation.after
    subject = from_make(build_named("Right", "paper"))
    trial = list(events(subject, resume, resume.inputs, resume.relation))
    assert trial[after + 1] == Saved(after)
    assert names(trial).count("Saved") == 1


def test_events_before_a_broken_contract_were_seen(vector):
    def make(params, *numbers):
        calls = []

        def step(grads):
            calls.append(grads)
            return grads if len(calls) < 3 else None

        return step

    mixed = vector("basic.f32.mixed")
    trial = events(from_make(make), mixed, mixed.inputs)
    assert names(next(trial) for _ in range(3)) == ["Made", "Stepped", "Stepped"]
    with pytest.raises(Misbehaved, match="step 3 must return a list of 3 arrays, got NoneType"):
        next(trial)
