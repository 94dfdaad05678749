"""Bad inputs between the calls: a subject that says that it refuses them is held to its word."""

import numpy as np
import pytest

from conformance import check
from conformance.defects.kit.by_convention import build_named
from conformance.trial.outcomes import Failure
from conformance.vectors.switches import REFUSALS

RightAdam = build_named("RightAdam", "paper")


def judged(make, suite, refuses="shape", only="refusals.*", **options):
    """The report of an Adam that declares one refusal."""
    make.refuses = {refuses}
    return check(make, "paper", suite=suite, only=only, **options)


@pytest.mark.parametrize("word", REFUSALS)
def test_what_a_subject_does_not_say_that_it_refuses_it_is_not_asked(word, suite):
    report = judged(type("Silent", (RightAdam,), {}), suite, word)
    asked = {one.vector.relation.refuses for one in report.of_status("passed")}
    assert (asked, report.verdict) == ({word}, "conformant")
    assert len(report.unsupported) == len(report.comparisons) - len(report.of_status("passed")) > 0


@pytest.mark.parametrize("word", REFUSALS)
def test_a_refusal_can_be_required(word, suite):
    class Silent(RightAdam):
        refuses = ()

    report = check(Silent, "paper", suite=suite, only="refusals.*", require=[f"refuse_{word}"])
    assert {one.failure for one in report.failures} == {Failure.REQUIRED}
    assert all(one.vector.relation.refuses == word for one in report.failures)
    way_out = f'declare it with make.refuses = {{"{word}"}}'
    assert all(one.reason.endswith(way_out) for one in report.failures)


def test_a_refused_gradient_has_every_shape_that_numpy_broadcasts_and_some_that_it_does_not(suite):
    seen = set()

    class Noting(RightAdam):
        def step(self, grads, learning_rate=None):
            seen.update((p.shape, g.shape) for p, g in zip(self.state.params, grads, strict=True))
            return super().step(grads, learning_rate)

    assert judged(Noting, suite, only="refusals.f32.shape").conformant
    assert {grad for param, grad in seen if param == (3,)} == {
        *((3,), (1, 3), (3, 1), (), (1,), (4,))
    }
    assert {grad for param, grad in seen if param == (2, 3)} == {
        *((2, 3), (1, 2, 3), (2, 3, 1), (3,), (2, 1), (2, 4))
    }
    assert {grad for param, grad in seen if param == ()} == {(), (1,)}


def test_a_bad_input_that_is_taken_is_named(suite):
    class Broadcasting(RightAdam):
        def step(self, grads, learning_rate=None):
            pairs = zip(self.state.params, grads, strict=True)
            return super().step([np.broadcast_to(g, p.shape) for p, g in pairs], learning_rate)

    failure = judged(Broadcasting, suite, only="refusals.f32.shape").failures[0]
    assert failure.failure is Failure.CONTRACT
    assert failure.reason == (
        "step with float32 of shape () as the gradient of a parameter of float32 of shape (3,) "
        "must raise, because make.refuses has 'shape'; it returned"
    )


class KeepsRate(RightAdam):
    """It keeps the learning rate of a call that it refuses."""

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.state.rate = learning_rate
        return super().step(grads)


class MovesTheFirst(RightAdam):
    """It steps one parameter after the other, and notices a bad gradient when it comes to it."""

    def step(self, grads, learning_rate=None):
        try:
            return super().step(grads, learning_rate)
        except ValueError:
            self.state.params[0] = self.state.params[0] - self.learning_rate
            raise


@pytest.mark.parametrize(("make", "name"), [(KeepsRate, "learning-rate"), (MovesTheFirst, "shape")])
def test_what_changes_in_a_call_that_is_refused_is_found(make, name, suite):
    report = judged(make, suite, only=f"refusals.*.{name}")
    assert len(report.failures) == 2
    assert {one.discrepancy.relation for one in report.failures} == {"refuse"}


def test_gradients_of_bad_inputs_are_not_changed_either(suite):
    class Zeroing(RightAdam):
        def step(self, grads, learning_rate=None):
            try:
                return super().step(grads, learning_rate)
            except ValueError:
                grads[0][...] = 0
                raise

        def slots(self):
            return {name: [a.copy() for a in arrays] for name, arrays in super().slots().items()}

    report = judged(Zeroing, suite, only="refusals.f32.shape", require=["hygiene"])
    assert "step must leave the caller's gradients as they are" in report.failures[0].reason
