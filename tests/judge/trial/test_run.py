"""One subject through one vector: the contract, broken in every way that a user might."""

import re

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from conformance import Unsupported
from conformance.subject.subject import SubjectError, from_make
from conformance.trial.run import run
from tests.support.subjects import FOUR, right


@pytest.fixture
def vector(suite):
    def find(name):
        return next(one for one in suite.vectors if one.id == name)

    return find


def outcome(make, vector, supports=()):
    make.supports = set(supports)
    return run(from_make(make), vector)


def stepping(step):
    return lambda params, *numbers: step


def test_a_right_subject_runs_and_shows_its_slots(vector):
    done = outcome(right, vector("basic.f32.mixed"))
    assert (done.status, list(done.snapshots), set(done.snapshots[1].slots)) == (
        "ran",
        [1, 2, 3, 4, 5],
        {"m", "v"},
    )


def test_an_exception_is_located_in_the_subject_and_not_in_what_it_uses(vector):
    done = outcome(
        stepping(lambda grads: [np.zeros(0).max() for _ in grads]), vector("basic.f32.mixed")
    )
    assert re.search(r"zero-size array .* \(.*test_run\.py:[0-9]+\)", done.reason)


def test_a_function_is_as_good_as_an_object(vector):
    done = outcome(lambda params, *numbers: right(params, *numbers).step, vector("basic.f32.mixed"))
    assert (done.status, done.snapshots[1].slots) == ("ran", {})


@pytest.mark.parametrize(
    ("make", "status", "reason"),
    [
        (
            stepping(lambda grads: grads[:1]),
            "misbehaved",
            "step 1 must return 3 arrays, one a parameter, got 1",
        ),
        (
            stepping(lambda grads: None),
            "misbehaved",
            "step 1 must return a list of 3 arrays, got NoneType",
        ),
        (
            stepping(lambda grads: "abc"),
            "misbehaved",
            "step 1 must return a list of 3 arrays, got str",
        ),
        (
            stepping(lambda grads: [g.ravel() for g in grads]),
            "misbehaved",
            "step 1 must return parameter 1 in shape (2, 2), got (4,)",
        ),
        (
            stepping(lambda grads: [g.astype(np.float64) for g in grads]),
            "misbehaved",
            "step 1 must return parameter 0 as float32, got float64; "
            "raise conformance.Unsupported for what it cannot do",
        ),
        (
            lambda params, *numbers: 3,
            "misbehaved",
            "make must return an object with step(grads), or a function, got int",
        ),
        (
            lambda params, learning_rate: None,
            "misbehaved",
            "make must take (params, learning_rate, beta1, beta2, epsilon); "
            "too many positional arguments",
        ),
    ],
)
def test_a_broken_contract_is_said_in_a_sentence(make, status, reason, vector):
    done = outcome(make, vector("basic.f32.mixed"))
    assert (done.status, done.reason) == (status, reason)


def test_what_a_subject_raises_is_said_with_the_line_that_raised_it(vector):
    def make(params, *numbers):
        raise RuntimeError("no device")

    done = outcome(make, vector("basic.f32.mixed"))
    assert done.status == "errored"
    assert done.reason.startswith("RuntimeError: no device (")
    assert "test_run.py:" in done.reason


def test_a_subject_that_ends_the_process_does_not(vector):
    def make(params, *numbers):
        raise SystemExit(0)

    assert outcome(make, vector("basic.f32.mixed")).reason.startswith("SystemExit: 0")


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        (
            "amsgrad.f32.spike-then-small",
            lambda p, a, b, c, d: None,
            "amsgrad: its signature has no such parameter",
        ),
        (
            "epsilon.f32.root",
            lambda p, a, b, c, d: None,
            "epsilon_root: its signature has no such parameter",
        ),
        (
            "none-gradient.f32.all",
            right,
            'None gradients: declare them with make.supports = {"none"}',
        ),
        (
            "basic.f32.learning-rate-changes",
            stepping(lambda grads: grads),
            "a changing learning rate: its step takes no learning_rate",
        ),
        (
            "basic.f32.loaded-state",
            stepping(lambda grads: grads),
            "a state to start from: it has no load(params, slots, t)",
        ),
    ],
)
def test_what_a_subject_cannot_do_is_unsupported_with_the_reason(name, make, reason, vector):
    done = outcome(make, vector(name))
    assert (done.status, done.reason) == ("unsupported", reason)


def test_a_subject_may_say_itself_that_it_cannot(vector):
    def make(params, *numbers):
        raise Unsupported("float64 is not for us")

    done = outcome(make, vector("basic.f64.mixed"))
    assert (done.status, done.reason) == ("unsupported", "float64 is not for us")


def test_only_a_call_without_any_gradient_may_raise(vector):
    def make(params, *numbers):
        return Adam(params, AdamConfig(**dict(zip(FOUR, numbers, strict=True))), "tf1")

    done = outcome(make, vector("none-gradient.f32.all"), {"none"})
    assert (done.status, list(done.raised)) == ("ran", [3])


def test_what_is_handed_over_belongs_to_the_subject(vector):
    def make(params, *numbers):
        adam = right(params, *numbers)

        def step(grads):
            new = adam.step(grads)
            for grad in grads:
                grad.fill(np.nan)
            return new

        for param in params:
            param.fill(np.nan)
        return step

    one = vector("basic.f32.mixed")
    outcome(make, one)
    assert not any(np.isnan(g).any() for call in one.calls for g in call.grads)
    assert not any(np.isnan(p).any() for p in one.params)


def test_what_comes_back_is_copied_at_once(vector):
    def make(params, *numbers):
        adam, reused = right(params, *numbers), [p.copy() for p in params]

        def step(grads):
            for target, new in zip(reused, adam.step(grads), strict=True):
                target[...] = new
            return reused

        return step

    done = outcome(make, vector("basic.f32.mixed"))
    assert done.snapshots[1].params[0].tolist() != done.snapshots[5].params[0].tolist()


@pytest.mark.parametrize(
    ("slots", "reason"),
    [
        ([], "slots() must return a dict of lists under m, v and v_max, got list"),
        ({"exp_avg": []}, "slots must be named m, v or v_max, got 'exp_avg'"),
        ({"m": []}, "slots['m'] must have 3 entries, one a parameter, got 0"),
        ({"m": [None, None, np.ones(3)]}, "slots['m'][2] must have shape (1,), got (3,)"),
        ({"m": [None, None, np.ones(1, int)]}, "slots['m'][2] must hold floats, got int64"),
    ],
)
def test_slots_of_another_form_are_refused(slots, reason, vector):
    class Odd:
        def __init__(self, params, *numbers):
            self.adam = right(params, *numbers)

        def step(self, grads):
            return self.adam.step(grads)

        def slots(self):
            return slots

    done = outcome(Odd, vector("basic.f32.mixed"))
    assert (done.status, done.reason) == ("misbehaved", reason)


def test_what_a_subject_supports_is_a_set():
    def make(params, *numbers):
        return None

    make.supports = "none"
    with pytest.raises(
        SubjectError, match=r"supports of make must be a set, such as \{'none'\}, got 'none'"
    ):
        from_make(make)
    make.supports = {"everything"}
    with pytest.raises(
        SubjectError,
        match="must be out of 'bfloat16', 'complex', 'float16', 'grad_dtype', 'indices_int32', "
        "'loss_scale', 'mixed_dtypes', 'none', 'one_t', 'readonly', 'sparse', got 'everything'",
    ):
        from_make(make)
