"""A subject that takes a loss scale, or says that it does."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from conformance import check
from conformance.report.screens.failures import failures
from conformance.subject.subject import from_make
from conformance.trial.run import run
from tests.support.subjects import FOUR, right


@pytest.fixture(name="skip_first")
def find_skip_first(suite):
    return next(one for one in suite.vectors if one.id == "loss-scale.f32.skip-first")


def made(step):
    """A subject that declares a loss scale, of a function (adam, grads, ...)."""

    def make(params, *numbers):
        adam = Adam(params, AdamConfig(**dict(zip(FOUR, numbers, strict=True))))
        return step(adam)

    make.supports = {"loss_scale"}
    return from_make(make)


def test_without_the_declaration_no_scale_is_passed(skip_first):
    done = run(from_make(right), skip_first)
    assert (done.status, done.lacks) == ("unsupported", {"loss_scale"})
    assert done.reason == 'scaled gradients: declare them with make.supports = {"loss_scale"}'


def test_whoever_declares_it_must_take_the_scale_by_name(skip_first):
    done = run(made(lambda adam: lambda grads: adam.step(grads)), skip_first)
    assert (done.status, done.reason) == (
        "misbehaved",
        'make.supports has "loss_scale", so step must take scale by name, as in '
        "step(grads, learning_rate=None, scale=None); got step(grads)",
    )


@pytest.mark.parametrize(
    "step",
    [
        lambda adam: adam,
        lambda adam: lambda grads, **numbers: adam.step(grads, **numbers),
        lambda adam: lambda grads, scale: adam.step(grads, scale=scale),
    ],
    ids=["method", "any argument", "a scale that must be given"],
)
def test_a_step_with_a_scale_is_asked(step, suite):
    make = made(step).make
    report = check(make, only="loss-scale.f32.skip-*", suite=suite)
    assert (report.verdict[:10], len(report.of_status("passed"))) == ("conformant", 6)


def test_an_adam_may_have_no_moments_before_its_first_step(skip_first):
    class Late:
        def __init__(self, adam):
            self.adam = adam
            self.has_stepped = False

        def step(self, grads, scale):
            self.has_stepped |= all(np.isfinite(grad).all() for grad in grads)
            return self.adam.step(grads, scale=scale)

        def slots(self):
            return self.adam.slots() if self.has_stepped else {}

    assert run(made(Late), skip_first).status == "ran"


def test_a_failure_shows_the_scales_and_which_call_had_to_be_skipped(suite):
    def step(adam):
        return lambda grads, scale: adam.step([grad / np.float32(scale) for grad in grads])

    report = check(made(step).make, only="loss-scale.f32.skip-last", suite=suite)
    text = "".join(failures(report, 1))
    assert "  suspect    what a step that must be skipped changes\n" in text
    assert (
        "  scales     65536, 65536, 65536, 65536 (skipped: not all gradients are finite)\n" in text
    )
