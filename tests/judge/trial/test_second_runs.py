"""What a second run must not hide: slots, new learning rates, missing gradients, NaN."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from conformance.defects.kit.by_convention import build_named
from conformance.subject.subject import from_make
from conformance.trial.compare import compare
from conformance.trial.run import run
from conformance.vectors.vector import Vector

PaperAdam = build_named("PaperAdam", "paper")


@pytest.fixture
def vector(suite):
    def find(name):
        return next(vector for vector in suite.vectors if vector.id == name)

    return find


def judged(make, vector, suite):
    """``make`` judged by one vector under the convention of the paper."""
    answers = vector.answers_for(suite.conventions["paper"].axes, "ddddd")
    return compare(run(from_make(make), vector), answers)


class Hiding(PaperAdam):
    """It shows its second moments, which may be wrong, after some steps only."""

    def slots(self):
        shown = super().slots()
        if self.state.calls == 3:
            del shown["v"]
        return shown


def test_slots_that_are_missing_after_some_steps_are_a_broken_contract(vector, suite):
    found = judged(Hiding, vector("basic.f32.mixed"), suite)
    assert (found.failure, found.reason) == (
        "contract",
        "slots() must show v after every step if it does after one, got none after step 3",
    )


def test_slots_need_not_exist_before_the_first_gradient(vector):
    class Late(PaperAdam):
        supports = frozenset({"none"})
        has_state = False

        def step(self, grads, learning_rate=None):
            self.has_state |= any(grad is not None for grad in grads)
            return super().step(grads, learning_rate)

        def slots(self):
            return super().slots() if self.has_state else {}

    spec = vector("relations.f32.negate").spec
    calls = list(spec.inputs.calls)
    for number in range(spec.after[0]):
        calls[number] = calls[number]._replace(grads=[None] * 4)
    changed = Vector(replace(spec, inputs=spec.inputs._replace(calls=calls)))
    done = run(from_make(Late), changed)
    shown = [set(snapshot.slots) for snapshot in done.snapshots.values()]
    assert (done.status, shown[:2]) == ("ran", [set(), {"m", "v"}])


def test_slots_that_a_restored_optimizer_cannot_show_are_an_error(vector, suite):
    class Forgetting(PaperAdam):
        def restore(self, saved):
            super().restore(saved)
            self.restored = True

        def slots(self):
            if hasattr(self, "restored"):
                raise KeyError("v")
            return super().slots()

    assert judged(Forgetting, vector("relations.f32.resume"), suite).status == "errored"


def test_the_calls_after_saving_are_made_as_every_other(vector):
    """It passes a new learning rate on, and may raise where a gradient is missing."""
    seen = []

    class Seeing(PaperAdam):
        supports = frozenset({"none"})

        def step(self, grads, learning_rate=None):
            seen.append(learning_rate)
            if grads[0] is None:
                raise ValueError("no gradients")
            return super().step(grads, learning_rate)

    spec = vector("relations.f32.resume").spec
    after = spec.relation.after
    rates = [2.0**-number for number in range(len(spec.inputs.calls))]
    calls = [
        call._replace(learning_rate=rate)
        for call, rate in zip(spec.inputs.calls, rates, strict=True)
    ]
    # The saved object takes all calls once more, the last of them first.
    rates_of_second = [*rates[:after], *rates[::-1], *rates[after:]]
    scheduled = Vector(replace(spec, inputs=spec.inputs._replace(calls=calls)))
    assert run(from_make(Seeing), scheduled).status == "ran"
    assert seen == rates + rates_of_second
    # Now the call after saving, and then the call before it, has no gradients.
    for empty in (after, after - 1):
        without = list(spec.inputs.calls)
        without[empty] = without[empty]._replace(grads=[None] * 4)
        done = run(
            from_make(Seeing), Vector(replace(spec, inputs=spec.inputs._replace(calls=without)))
        )
        assert (done.status, list(done.raised)) == ("ran", [empty + 1])


def test_a_nan_has_the_bits_of_a_nan_and_what_overflows_need_not_agree(vector, suite):
    """Only an answer about intervals promises the same bits."""
    negate = vector("relations.f32.negate")
    answers = negate.answers_for(suite.conventions["paper"].axes, "ddddd")
    done = run(from_make(PaperAdam), negate)
    for numbers in ((np.nan, np.nan), (np.inf, np.nan)):
        changed = deepcopy(done)
        for snapshots, number in zip((changed.snapshots, changed.related), numbers, strict=True):
            snapshots[1].slots["m"][0][...] = number
        permissive = [_permitting_all(answer) for answer in answers]
        assert compare(changed, permissive).status == "passed"
    changed = deepcopy(done)
    changed.snapshots[1].slots["m"][0][...] = np.nan
    changed.related[1].slots["m"][0][...] = -np.nan
    found = compare(changed, answers)
    assert found.discrepancy.permitted == "interval"


def _permitting_all(answer):
    """The answer, with class `nonfinite` for the first moment of the first parameter."""
    if answer.quantity != "m":
        return answer
    first, *rows = answer.intervals
    classes = np.full(first[0].lo.shape, "nonfinite")
    row = (replace(first[0], classes=classes), *first[1:])
    changed = replace(answer)
    vars(changed)["intervals"] = (row, *rows)
    return changed
