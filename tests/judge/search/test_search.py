"""The search for vectors: what it finds is small, tells what it is for, and is the same again."""

import json
from functools import cache

import hypothesis
import numpy as np
import pytest

from conformance.defects import DEFECTS
from conformance.on_demand.judging import APART, problem_of, separation
from conformance.search import hunt
from conformance.search.hunt import SEED, smallest
from conformance.search.targets import targets
from conformance.subject.subject import from_make
from conformance.trial.compare import compare
from conformance.trial.run import run
from conformance.truth.point import Point
from conformance.vectors import files

FOLDER = files.default_directory()
FOUND = [vector for vector in files.load().vectors if vector.topic == "found"]
TARGETS = {target.name: target for target in targets()}


def numbers(inputs):
    arrays = [*inputs.params, *(grad for call in inputs.calls for grad in call.grads)]
    return [inputs.numbers, inputs.switches, [np.asarray(array).tolist() for array in arrays]]


@pytest.mark.parametrize("name", ["epsilon-outside-or-inside", "t-per-parameter"])
def test_a_search_with_the_same_seed_finds_the_same(name):
    assert numbers(first_find(name)) == numbers(smallest(TARGETS[name], SEED))


# A search takes seconds, and two tests look at its result.
@cache
def first_find(name):
    return smallest(TARGETS[name], SEED)


def test_what_is_found_is_the_smallest_that_there_can_be():
    found = first_find("epsilon-outside-or-inside")
    assert [param.shape for param in found.params] == [(1,)]
    assert len(found.calls) == 1
    assert not found.switches


def test_a_target_that_nothing_can_tell_ends_without_an_input(monkeypatch):
    # However many inputs are tried, none tells.
    monkeypatch.setattr(hunt, "SETTINGS", hypothesis.settings(hunt.SETTINGS, max_examples=100))
    # At one and the same point there is nothing to be told.
    never = TARGETS["epsilon-outside-or-inside"]._replace(
        margin=lambda asked: separation(asked, Point.of({}), Point.of({}))
    )
    assert smallest(never, SEED) is None


@pytest.mark.parametrize("vector", FOUND, ids=lambda vector: vector.id)
def test_a_found_vector_tells_what_its_flags_say_by_a_thousand_bounds(vector):
    asked = problem_of(vector.inputs)
    assert {
        flag: TARGETS[flag].margin(asked)
        for flag in vector.spec.flags
        if TARGETS[flag].margin(asked) < APART
    } == {}


@pytest.mark.parametrize("vector", FOUND, ids=lambda vector: vector.id)
def test_a_found_vector_finds_the_wrong_adams_that_it_names(vector, suite):
    for defect in (defect for defect in DEFECTS if defect.name in vector.spec.flags):
        named = suite.conventions[defect.make.convention]
        answers = vector.answers_for(named.axes, named.arithmetics[0])
        one = compare(run(from_make(defect.make), vector), answers)
        assert one.status in ("failed", "errored"), defect.name


def test_every_pair_of_values_and_most_wrong_adams_have_a_vector_that_was_searched_for():
    flags = {flag for vector in FOUND for flag in vector.spec.flags}
    assert {name for name in TARGETS if "-or-" in name} <= flags
    # The others need a state to start from, thousands of steps or elements, special values, or to
    # be saved.
    assert len(flags & {defect.name for defect in DEFECTS}) >= 120


def test_found_vectors_say_by_what_they_were_found():
    for vector in FOUND:
        assert vector.spec.source.startswith("hypothesis 6."), vector.id
        assert f"seed {SEED}" in vector.spec.source


def test_flags_of_targets_say_what_they_find_and_who_had_it():
    explained = json.loads((FOLDER / "flags.json").read_text())["flags"]
    for vector in FOUND:
        for flag in vector.spec.flags:
            assert explained[flag]["finds"] == TARGETS[flag].finds
            assert explained[flag]["links"] == list(TARGETS[flag].links)
