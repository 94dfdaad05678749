"""Relations between two runs: each is broken by what it is there for, and by nothing else."""

import json
import re
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import check
from conformance.compare import answers_for, compare
from conformance.honest import VARIANTS
from conformance.plain import Plain, made
from conformance.relations import RELATIONS, objection
from conformance.report.table import block
from conformance.run import run
from conformance.subject import from_make
from conformance.vectors import Call, Inputs, Vector
from conformance.words import encode, encode_number

from .test_defects import honest

KINDS = tuple(RELATIONS)


@pytest.fixture(scope="module")
def relations(suite):
    """kind -> the vector in float32, without AMSGrad."""
    return {kind: next(v for v in suite.vectors if v.id == f"relations.f32.{kind}") for kind in KINDS}


def judged(make, vector, suite):
    """``make`` judged by one vector under the convention of the paper."""
    axes = {**suite.conventions["paper"].axes, "arithmetic": "ddddd"}
    return compare(run(from_make(make), vector), answers_for(vector, axes))


class Nudged(Plain):
    """The first moments that it shows, and does not go on with, are one unit in the last place off in places.

    That is far inside the bound; only other bits than those of another run tell.
    """

    supports = frozenset({"none", "float16"})

    def step(self, grads, learning_rate=None):
        self.grads = grads
        return super().step(grads, learning_rate)

    def slots(self):
        pairs = zip(self.m, self.grads, strict=True)
        return {"m": [np.where(self.off(m, g), np.nextafter(m, m.dtype.type(np.inf)), m) for m, g in pairs]}


class LargeGradientsRoundUp(Nudged):
    def off(self, m, g):
        return np.abs(g) > 1000


class HalfAwayForOneSign(Nudged):
    def off(self, m, g):
        return m > 0


class SmallestFirst(Plain):
    """Where the first parameter is smaller than the last it takes a larger step."""

    supports = frozenset({"none", "float16"})

    def step(self, grads, learning_rate=None):
        larger = self.params[0].size < self.params[-1].size
        return [p + p.dtype.type(2**-8) * larger for p in super().step(grads, learning_rate)]


class EightParameters(Plain):
    """With more than eight parameters it forgets the last of them."""

    supports = frozenset({"none", "float16"})

    def step(self, grads, learning_rate=None):
        last = self.params[-1].copy()
        new = super().step(grads, learning_rate)
        return [*new[:-1], last] if len(new) > 8 else new


NOT_SAVED = made("Wrong", "paper", saved=lambda a, state: {**deepcopy(state), "calls": 0})
BREAKERS = {
    "scale": LargeGradientsRoundUp,
    "negate": HalfAwayForOneSign,
    "reverse": SmallestFirst,
    "split": EightParameters,
    "resume": NOT_SAVED,
}


@pytest.mark.parametrize("broken", KINDS)
def test_a_relation_is_broken_by_what_it_is_there_for_and_no_other_is(broken, relations, suite):
    failed = [kind for kind in KINDS if judged(BREAKERS[broken], relations[kind], suite).status == "failed"]
    assert failed == [broken]


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_relation_is_named_and_the_run_as_it_was_is_not_blamed(kind, relations, suite):
    assert judged(BREAKERS[kind], relations[kind], suite).discrepancy.relation == kind


@pytest.mark.parametrize("kind", ["scale", "negate"])
def test_other_bits_inside_the_bound_are_shown_beside_those_of_the_first_run(kind, suite):
    report = check(BREAKERS[kind], only=f"relations.f32.{kind}", suite=suite)
    found = report.failures[0].discrepancy
    assert (found.of, found.due, found.ulps, found.ratio) == ("m", "bits", 1.0, 0.0)
    assert report.worst_ratio < 1
    text = block(report, report.failures[0])
    assert re.search("where .*, (gradients and epsilon times a power of two|all signs turned around)\n", text)
    assert ", the bits of the run with inputs as they are\n" in text
    assert "off by     1 units in the last place\n" in text


@pytest.mark.parametrize("variant", [v for v in VARIANTS if not v.narrow], ids=lambda variant: variant.name)
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_every_honest_order_of_operations_has_the_same_bits_scaled_and_negated(variant, dtype, suite):
    report = check(honest(variant, "outside", "ddddd"), only=f"relations.{dtype}.[ns]*", suite=suite)
    ids = {one.vector.id.rpartition(".")[2] for one in report.of_status("passed")}
    assert ids == {"scale", "scale-down-amsgrad", "negate", "split"}


# --- what is changed is changed back


def of_shapes(shapes, kind):
    """A vector of one call, its parameters counted up from 1."""
    params, count = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        params.append(np.arange(count + 1, count + 1 + size, dtype=np.float32))
        count += size
    words = [encode(param) for param in params]
    entry = {
        "id": "mine.f32.shapes",
        "dtype": "float32",
        "config": {name: encode_number(0.5) for name in ("learning_rate", "beta1", "beta2", "epsilon")},
        "shapes": shapes,
        "params": words,
        "steps": [{"grads": words}],
        "relation": {"kind": kind, "power": 7},
    }
    return Vector("mine", entry)


SHAPES = st.lists(st.sampled_from([[], [0], [1], [3], [2, 3], [0, 2], [2, 1, 2]]), min_size=1, max_size=5)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(shapes=SHAPES)
def test_what_a_relation_changes_it_changes_back(kind, shapes):
    vector = of_shapes(shapes, kind)
    relation, inputs = RELATIONS[kind], vector.inputs
    changed = relation.inputs(inputs, 7)
    params = relation.back(list(changed.params), "params", vector)
    assert as_lists(params) == as_lists(inputs.params)
    assert as_lists(relation.back(grads_of(changed), "m", vector)) == as_lists(grads_of(inputs))
    assert [(array.shape, array.dtype) for array in params] == [(tuple(shape), np.float32) for shape in shapes]


def grads_of(inputs):
    return inputs.calls[0].grads


def as_lists(arrays):
    return [array.tolist() for array in arrays]


@pytest.mark.parametrize("of", ["v", "v_max"])
def test_second_moments_are_scaled_twice_and_keep_their_sign(of):
    arrays = [np.float32([4.0, 0.25]), None]
    scaled = RELATIONS["scale"].back(arrays, of, of_shapes([[2], [1]], "scale"))
    negated = RELATIONS["negate"].back(arrays, of, of_shapes([[2], [1]], "negate"))
    assert scaled[0].tolist() == [2.0**-12, 2.0**-16]
    assert negated[0].tolist() == [4.0, 0.25]
    assert scaled[1] is negated[1] is None


def test_a_scaled_run_has_a_scaled_epsilon_and_the_same_parameters():
    inputs = of_shapes([[2]], "scale").inputs
    changed = RELATIONS["scale"].inputs(inputs, -3)
    assert changed.numbers == inputs.numbers | {"epsilon": 2.0**-4}
    assert as_lists(changed.params) == as_lists(inputs.params)


def test_a_missing_gradient_is_missing_wherever_its_elements_go():
    inputs = Inputs({}, {}, [np.ones(2), np.ones(())], [Call([None, np.array(2.0)], None)])
    grads = {kind: grads_of(RELATIONS[kind].inputs(inputs._replace(numbers={"epsilon": 1.0}), 1)) for kind in KINDS}
    missing = {kind: [grad is None for grad in given] for kind, given in grads.items()}
    assert missing["split"] == [True, True, False]
    assert missing["reverse"] == [False, True]
    assert missing["scale"] == missing["negate"] == missing["resume"] == [True, False]


def test_a_slot_that_is_not_there_for_every_element_is_not_there_for_the_parameter():
    vector = of_shapes([[2], [0], []], "split")
    joined = RELATIONS["split"].back([np.ones(1), None, np.ones(1)], "m", vector)
    assert [None if array is None else array.shape for array in joined] == [None, (0,), ()]


# --- subjects that come with less, or with more


def test_slots_that_are_shown_in_one_run_alone_are_compared_with_nothing(relations, suite):
    class Fickle(Plain):
        runs = 0

        def __init__(self, *arguments):
            super().__init__(*arguments)
            type(self).runs += 1

        def slots(self):
            return super().slots() if self.runs == 1 else {}

    assert judged(Fickle, relations["negate"], suite).status == "passed"


class Unsaved:
    """The paper's Adam, that cannot be saved."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.adam = made("Right", "paper")(params, learning_rate, beta1, beta2, epsilon)

    def step(self, grads):
        return self.adam.step(grads)


def test_a_subject_without_save_is_not_asked_unless_it_is_required(suite):
    report = check(Unsaved, only="relations.*.resume", suite=suite)
    assert (report.verdict, [one.status for one in report.comparisons]) == ("untested", ["unsupported"] * 2)
    assert report.comparisons[0].reason == "to be saved: it has no save() and restore(saved)"
    required = check(Unsaved, only="relations.*.resume", require=["save"], suite=suite)
    assert [(one.status, one.failure) for one in required.comparisons] == [("failed", "required")] * 2


def test_a_saved_state_that_the_running_optimizer_changes_is_a_failure(relations, suite):
    aliased = made("Wrong", "paper", saved=lambda a, state: state)
    found = judged(aliased, relations["resume"], suite)
    assert (found.status, found.discrepancy.relation) == ("failed", "resume")


def test_a_call_that_raises_in_one_run_alone_is_a_broken_contract(relations, suite):
    entry = json.loads(json.dumps(relations["split"].entry))
    entry["steps"][1]["grads"] = [None] * 4

    def refuses_many(a, grads):
        if len(grads) > 4 and all(grad is None for grad in grads):
            raise ValueError("nothing to do")

    found = run(from_make(made("Wrong", "paper", called=refuses_many)), Vector("relations", entry))
    assert (found.status, found.reason) == (
        "misbehaved",
        "step 2 must raise in both runs of relation split or in neither, got one",
    )


# --- vectors that cannot be asked for


@pytest.mark.parametrize(
    ("relation", "config", "message"),
    [
        ({"kind": "scale"}, {}, "relation scale must have a power from -60 to 60, other than 0, got None"),
        ({"kind": "scale", "power": 0}, {}, "relation scale must have a power from -60 to 60, other than 0, got 0"),
        ({"kind": "scale", "power": 99}, {}, "relation scale must have a power from -60 to 60, other than 0, got 99"),
        (
            {"kind": "scale", "power": 2},
            {"weight_decay": encode_number(0.1)},
            "relation scale must stand without what it does not change with the inputs, got weight_decay",
        ),
        (
            {"kind": "split"},
            {"clipnorm": encode_number(0.1)},
            "relation split must stand without what it does not change with the inputs, got clipnorm",
        ),
        (
            {"kind": "resume"},
            {},
            "relation resume must have after, a call from 1 to 4 that another one follows, got None",
        ),
        (
            {"kind": "resume", "after": 5},
            {},
            "relation resume must have after, a call from 1 to 4 that another one follows, got 5",
        ),
        ({"kind": "resume", "after": 4}, {}, ""),
        ({"kind": "negate"}, {"clipnorm": encode_number(0.1)}, ""),
    ],
)
def test_a_second_run_that_cannot_be_made_is_refused(relation, config, message, relations):
    entry = relations["negate"].entry
    changed = Vector("relations", entry | {"relation": relation, "config": entry["config"] | config})
    assert objection(changed) == message


@pytest.mark.parametrize("kind", ["scale", "negate", "reverse", "split"])
def test_a_loaded_state_is_not_changed_with_the_inputs_and_so_refused(kind, suite):
    loaded = next(v for v in suite.vectors if v.id == "basic.f32.loaded-state").entry
    message = f"relation {kind} must stand without what it does not change with the inputs, got load"
    assert objection(Vector("basic", loaded | {"relation": {"kind": kind, "power": 1}})) == message
