"""Hygiene: what came back is the caller's, whatever it is held in; so are the gradients."""

from collections import UserList, deque
from collections.abc import Sequence
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from conformance import Unsupported, check
from conformance.defects.kit.by_convention import build_named
from conformance.subject.subject import from_make
from conformance.trial.hygiene import run_twice
from conformance.trial.run import run
from tests.support.subjects import right

PaperAdam = build_named("PaperAdam", "paper")


class Frozen(Sequence):
    """A sequence of the subject's own."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


class Four(NamedTuple):
    first: object
    second: object
    third: object
    fourth: object


class Wrapped:
    """An array of a library, which gives NumPy a copy and can be written to by itself."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array.copy()

    def __setitem__(self, place, value):
        self.array[place] = value


class View(Wrapped):
    """An array of a library, which gives NumPy its memory, whatever it is asked for."""

    __setitem__ = None

    def __array__(self, dtype=None, copy=None):
        return self.array


class SubArray(np.ndarray):
    pass


def readonly(array):
    view = array.view()
    view.flags.writeable = False
    return view


CONTAINERS = [list, tuple, UserList, deque, Frozen, lambda arrays: Four(*arrays)]
ENTRIES = [
    lambda array: array,
    readonly,
    Wrapped,
    View,
    lambda array: array.view(SubArray),
    lambda array: array[...],
]


def shared(hold=list, wrap=lambda array: array, in_place=False, slots=False):
    """The paper's Adam, which hands back its own parameters, or its own moments."""

    class Shared(PaperAdam):
        def step(self, grads, learning_rate=None):
            before = list(self.state.params)
            stepped = super().step(grads, learning_rate)
            if slots:
                return stepped
            own = self.state.params
            if in_place:
                for old, new in zip(before, own, strict=True):
                    old[...] = new
                own = self.state.params = before
            return hold([wrap(param) for param in own])

        def slots(self):
            shown = super().slots()
            if not slots:
                return {name: [m.copy() for m in arrays] for name, arrays in shown.items()}
            return {name: hold([wrap(m) for m in arrays]) for name, arrays in shown.items()}

    return Shared


@pytest.fixture
def four(suite):
    """A vector with four parameters, one of them a scalar."""
    return next(vector for vector in suite.vectors if vector.id == "relations.f32.negate")


def judged(make, vector):
    subject = from_make(make)
    without = run(subject, vector)
    assert without.status == "ran", without.reason
    return run_twice(subject, vector)


@pytest.mark.parametrize("hold", CONTAINERS)
@pytest.mark.parametrize("slots", [False, True])
def test_arrays_of_its_own_are_found_in_every_container(hold, slots, four):
    found = judged(shared(hold, slots=slots), four)
    assert (found.status, found.cause.detail) == ("misbehaved", "hygiene")


@pytest.mark.parametrize("wrap", [wrap for wrap in ENTRIES if wrap not in (readonly, View)])
def test_memory_of_its_own_is_found_behind_every_kind_of_array(wrap, four):
    found = judged(shared(wrap=wrap), four)
    assert (found.status, found.cause.detail) == ("misbehaved", "hygiene")


@pytest.mark.parametrize("wrap", ENTRIES)
@pytest.mark.parametrize("hold", CONTAINERS)
def test_what_came_back_must_not_change_when_the_subject_steps_on(wrap, hold, four):
    found = judged(shared(hold, wrap, in_place=True), four)
    assert (found.status, found.cause.detail) == ("misbehaved", "hygiene")


def test_what_changed_later_is_named(four):
    assert judged(shared(wrap=readonly, in_place=True), four).reason == (
        "hygiene: step and slots() must hand back copies, "
        "but the parameters of step 1 changed later"
    )


@pytest.mark.parametrize("wrap", ENTRIES)
@pytest.mark.parametrize("hold", CONTAINERS)
def test_copies_are_clean_in_every_container(wrap, hold, four):
    found = judged(shared(hold, lambda array: wrap(array.copy())), four)
    assert found.status == "ran"


def test_views_that_nobody_can_write_to_are_clean_while_they_stay_as_they_are(four):
    # As with JAX: each step makes new arrays, and leaves the old ones alone.
    assert judged(shared(wrap=readonly), four).status == "ran"


def test_nested_lists_of_its_own_are_found(suite):
    class Lists(PaperAdam):
        """Its parameters are lists of Python's numbers, which it hands back and goes on from."""

        def __init__(self, params, *numbers):
            super().__init__(params, *numbers)
            self.lists = [param.tolist() for param in params]

        def step(self, grads, learning_rate=None):
            self.state.params = [np.array(param) for param in self.lists]
            self.lists = [param.tolist() for param in super().step(grads, learning_rate)]
            return self.lists

    vector = next(vector for vector in suite.vectors if vector.id == "basic.f64.mixed")
    assert judged(Lists, vector).status == "misbehaved"


class Refilled(PaperAdam):
    """It returns the same arrays each time, and goes on from others."""

    def step(self, grads, learning_rate=None):
        stepped = super().step(grads, learning_rate)
        if not hasattr(self, "reused"):
            self.reused = [param.copy() for param in stepped]
        for target, new in zip(self.reused, stepped, strict=True):
            target[...] = new
        return self.reused

    def slots(self):
        return {}


def test_arrays_that_every_step_fills_again_are_not_the_callers(four):
    assert judged(Refilled, four).reason.endswith("the parameters of step 1 changed later")


def writing(write):
    """A right Adam that writes to its gradients after each step."""

    class Writing(PaperAdam):
        supports = frozenset({"none", "sparse"})

        def step(self, grads, learning_rate=None):
            given = [None if grad is None else grad.copy() for grad in grads]
            stepped = [param.copy() for param in super().step(given, learning_rate)]
            write(self, grads)
            return stepped

        def slots(self):
            return {}

    return Writing


def overwrite(adam, grads):
    for grad in grads:
        if grad is not None:
            getattr(grad, "values", grad)[...] = 7


def overwrite_later(adam, grads):
    overwrite(adam, getattr(adam, "kept", []))
    adam.kept = grads


WRITERS = {
    "an array": (overwrite, "grads[0]"),
    "an array of the step before": (overwrite_later, "grads[0]"),
    "a sign of zero": (lambda adam, grads: np.negative(grads[0], out=grads[0]), "grads[0]"),
    "a shape": (lambda adam, grads: setattr(grads[0], "shape", (-1, 1)), "grads[0]"),
    "an entry": (lambda adam, grads: grads.__setitem__(0, grads[0].copy()), "grads[0]"),
    "the list": (lambda adam, grads: grads.pop(), "the length of their list"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_change_of_a_gradient_is_found(writer, suite):
    write, changed = WRITERS[writer]
    vector = next(vector for vector in suite.vectors if vector.id == "basic.f32.mixed")
    assert judged(writing(write), vector).reason == (
        f"hygiene: step must leave the caller's gradients as they are, but changed {changed}"
    )


@pytest.mark.parametrize("name", ["none-gradient.f32.now-and-then", "sparse.f32.none-between"])
def test_a_gradient_is_watched_in_calls_where_another_one_is_missing(name, suite):
    vector = next(vector for vector in suite.vectors if vector.id == name)
    found = judged(writing(overwrite), vector)
    assert (found.status, found.cause.detail) == ("misbehaved", "hygiene")


def test_an_exception_because_of_overwritten_arrays_is_bad_hygiene_and_no_lack(four):
    class Refusing(shared()):
        def step(self, grads, learning_rate=None):
            if any(np.isnan(param).any() for param in self.state.params):
                raise Unsupported("parameters that are NaN")
            return super().step(grads, learning_rate)

    found = judged(Refusing, four)
    assert (found.status, found.cause.detail) == ("misbehaved", "hygiene")


def test_a_changed_run_is_watched_too(four):
    class Second(PaperAdam):
        """It hands back its own arrays in every second run."""

        runs = 0

        def __init__(self, *arguments):
            super().__init__(*arguments)
            type(self).runs += 1

        def step(self, grads, learning_rate=None):
            stepped = super().step(grads, learning_rate)
            return stepped if self.runs % 2 == 0 else [param.copy() for param in stepped]

        def slots(self):
            return {}

    assert judged(Second, four).status == "misbehaved"


def test_every_second_run_of_another_result_is_not_conformant(suite):
    counter = SimpleNamespace(runs=0)

    def make(params, *numbers):
        counter.runs += 1
        adam = right(params, *numbers)
        if counter.runs % 2:
            return adam
        return lambda grads: [param * 2 for param in adam.step(grads)]

    report = check(make, suite=suite, only="basic.f32.mixed", require=["hygiene"])
    assert report.verdict == "nonconformant"
