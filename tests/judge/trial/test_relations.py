"""Relations between two runs: each is broken by what it is there for, and by nothing else."""

import re
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from conformance import check
from conformance.defects.contract import order_of_memory, refused_call_counts
from conformance.defects.kit.by_convention import build_named
from conformance.report.screens.failures import block
from conformance.subject.subject import from_make
from conformance.trial.compare import compare
from conformance.trial.run import run
from conformance.truth.point import Point
from conformance.variants.dense import VARIANTS
from conformance.variants.subject import variant_subject
from conformance.vectors.vector import Vector

# The lifetimes have tests of their own.
KINDS = ("scale", "negate", "reverse", "split", "resume")


@pytest.fixture(scope="module")
def relations(suite):
    """kind -> the vector in float32, without AMSGrad."""
    ids = {kind: f"relations.f32.{kind}" for kind in KINDS}
    ids |= {"form": "forms.f32.fortran", "refuse": "refusals.f32.shape"}
    return {kind: next(v for v in suite.vectors if v.id == ids[kind]) for kind in KINDS}


def judged(make, vector, suite):
    """``make`` judged by one vector under the convention of the paper."""
    answers = vector.answers_for(suite.conventions["paper"].axes, "ddddd")
    return compare(run(from_make(make), vector), answers)


PaperAdam = build_named("PaperAdam", "paper")


class Nudged(PaperAdam):
    """The first moments that it shows are one unit in the last place off in places.

    It does not go on with them.
    That is far inside the bound; only other bits than those of another run tell.
    """

    supports = frozenset({"none", "float16"})

    def step(self, grads, learning_rate=None):
        self.grads = grads
        return super().step(grads, learning_rate)

    def slots(self):
        pairs = zip(self.state.m, self.grads, strict=True)
        return {
            "m": [
                np.where(self.off(m, g), np.nextafter(m, m.dtype.type(np.inf)), m) for m, g in pairs
            ]
        }


class LargeGradientsRoundUp(Nudged):
    def off(self, m, g):
        return np.abs(g) > 1000


class HalfAwayForOneSign(Nudged):
    def off(self, m, g):
        return m > 0


class SmallestFirst(PaperAdam):
    """Where the first parameter is smaller than the last it takes a larger step."""

    supports = frozenset({"none", "float16"})

    def step(self, grads, learning_rate=None):
        larger = self.state.params[0].size < self.state.params[-1].size
        return [p + p.dtype.type(2**-8) * larger for p in super().step(grads, learning_rate)]


class EightParameters(PaperAdam):
    """With more than eight parameters it forgets the last of them."""

    supports = frozenset({"none", "float16"})

    def step(self, grads, learning_rate=None):
        last = self.state.params[-1].copy()
        new = super().step(grads, learning_rate)
        return [*new[:-1], last] if len(new) > 8 else new


NOT_SAVED = build_named(
    "Wrong", "paper", save=lambda adam, state: replace(deepcopy(state), calls=0)
)
BREAKERS = {
    "scale": LargeGradientsRoundUp,
    "negate": HalfAwayForOneSign,
    "reverse": SmallestFirst,
    "split": EightParameters,
    "resume": NOT_SAVED,
    "form": order_of_memory.make,
    "refuse": refused_call_counts.make,
}


@pytest.mark.parametrize("broken", KINDS)
def test_a_relation_is_broken_by_what_it_is_there_for_and_no_other_is(broken, relations, suite):
    failed = [
        kind
        for kind in KINDS
        if judged(BREAKERS[broken], relations[kind], suite).status == "failed"
    ]
    assert failed == [broken]


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_relation_is_named_and_the_run_as_it_was_is_not_blamed(kind, relations, suite):
    assert judged(BREAKERS[kind], relations[kind], suite).discrepancy.relation == kind


@pytest.mark.parametrize("kind", ["scale", "negate"])
def test_other_bits_inside_the_bound_are_shown_beside_those_of_the_first_run(kind, suite):
    report = check(BREAKERS[kind], only=f"relations.f32.{kind}", suite=suite)
    found = report.failures[0].discrepancy
    assert (found.quantity, found.permitted, found.ulps, found.ratio) == ("m", "bits", 1.0, 0.0)
    assert report.worst_ratio < 1
    text = block(report, report.failures[0])
    assert re.search(
        "where .*, (gradients and epsilon times a power of two|all signs turned around)\n", text
    )
    assert ", the bits of the first run\n" in text
    assert "off by     1 units in the last place\n" in text


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if not v.narrow], ids=lambda variant: variant.name
)
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_every_honest_order_of_operations_has_the_same_bits_scaled_and_negated(
    variant, dtype, suite
):
    report = check(
        variant_subject(variant, Point.of({}, "ddddd")),
        only=f"relations.{dtype}.[ns]*",
        suite=suite,
    )
    ids = {one.vector.id.rpartition(".")[2] for one in report.of_status("passed")}
    assert ids == {"scale", "scale-down-amsgrad", "negate", "split"}


def test_slots_that_are_shown_in_one_run_alone_are_a_broken_contract(relations, suite):
    class Fickle(PaperAdam):
        runs = 0

        def __init__(self, *arguments):
            super().__init__(*arguments)
            type(self).runs += 1

        def slots(self):
            return super().slots() if self.runs == 1 else {}

    found = judged(Fickle, relations["negate"], suite)
    assert (found.status, found.failure, found.reason) == (
        "failed",
        "contract",
        "slots() must show m after every step if it does after one, got none after step 1",
    )


class Unsaved:
    """The paper's Adam, that cannot be saved."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.adam = build_named("Right", "paper")(params, learning_rate, beta1, beta2, epsilon)

    def step(self, grads):
        return self.adam.step(grads)


def test_a_subject_without_save_is_not_asked_unless_it_is_required(suite):
    report = check(Unsaved, only="relations.*.resume", suite=suite)
    assert (report.verdict, [one.status for one in report.comparisons]) == (
        "untested",
        ["unsupported"] * 2,
    )
    assert report.comparisons[0].reason == "to be saved: it has no save() and restore(saved)"
    required = check(Unsaved, only="relations.*.resume", require=["save"], suite=suite)
    assert [(one.status, one.failure) for one in required.comparisons] == [
        ("failed", "required")
    ] * 2


def test_a_saved_state_that_the_running_optimizer_changes_is_a_failure(relations, suite):
    aliased = build_named("Wrong", "paper", save=lambda adam, state: state)
    found = judged(aliased, relations["resume"], suite)
    assert (found.status, found.discrepancy.relation) == ("failed", "resume")


def test_a_call_that_raises_in_one_run_alone_is_a_broken_contract(relations, suite):
    spec = relations["split"].spec
    calls = list(spec.inputs.calls)
    calls[1] = calls[1]._replace(grads=[None] * 4)
    changed = Vector(replace(spec, inputs=spec.inputs._replace(calls=calls)))

    def refuse_many(adam, grads):
        if len(grads) > 4 and all(grad is None for grad in grads):
            raise ValueError("nothing to do")

    found = run(from_make(build_named("Wrong", "paper", begin=refuse_many)), changed)
    assert (found.status, found.reason) == (
        "misbehaved",
        "step 2 must raise in both runs of relation split or in neither, got one",
    )
