"""How a relation changes inputs, and changes back what comes of them; and where it cannot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.vectors.inputs import Call, Inputs
from conformance.vectors.objections import objection
from conformance.vectors.relations import RELATIONS
from conformance.vectors.spec import Relation, VectorSpec
from conformance.vectors.vector import Vector

KINDS = tuple(RELATIONS)


def of_shapes(shapes, kind):
    """A vector of one call, its parameters counted up from 1."""
    params = []
    count = 0
    for shape in shapes:
        size = int(np.prod(shape))
        params.append(np.arange(count + 1, count + 1 + size, dtype=np.float32).reshape(shape))
        count += size
    numbers = dict.fromkeys(("learning_rate", "beta1", "beta2", "epsilon"), 0.5)
    inputs = Inputs(numbers, {}, params, [Call(params, None)])
    return Vector(VectorSpec(id="mine", inputs=inputs, relation=Relation(kind, power=7)))


SHAPES = st.lists(
    st.sampled_from([[], [0], [1], [3], [2, 3], [0, 2], [2, 1, 2]]), min_size=1, max_size=5
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(shapes=SHAPES)
def test_what_a_relation_changes_it_changes_back(kind, shapes):
    vector = of_shapes(shapes, kind)
    relation, inputs = RELATIONS[kind], vector.inputs
    changed = relation.change(inputs, vector.relation)
    params = relation.undo(list(changed.params), "params", vector)
    assert as_lists(params) == as_lists(inputs.params)
    assert as_lists(relation.undo(grads_of(changed), "m", vector)) == as_lists(grads_of(inputs))
    assert [(array.shape, array.dtype) for array in params] == [
        (tuple(shape), np.float32) for shape in shapes
    ]


def grads_of(inputs):
    return inputs.calls[0].grads


def as_lists(arrays):
    return [array.tolist() for array in arrays]


@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_without_axes_stays_an_array(kind):
    vector = of_shapes([[], [2]], kind)
    changed = RELATIONS[kind].change(vector.inputs, vector.relation)
    arrays = [*changed.params, *grads_of(changed)]
    back = RELATIONS[kind].undo(list(changed.params), "params", vector)
    assert all(type(array) is np.ndarray for array in [*arrays, *back])


@pytest.mark.parametrize("of", ["v", "v_max"])
def test_second_moments_are_scaled_twice_and_keep_their_sign(of):
    arrays = [np.float32([4.0, 0.25]), None]
    scaled = RELATIONS["scale"].undo(arrays, of, of_shapes([[2], [1]], "scale"))
    negated = RELATIONS["negate"].undo(arrays, of, of_shapes([[2], [1]], "negate"))
    assert scaled[0].tolist() == [2.0**-12, 2.0**-16]
    assert negated[0].tolist() == [4.0, 0.25]
    assert scaled[1] is negated[1] is None


def test_a_scaled_run_has_a_scaled_epsilon_and_the_same_parameters():
    inputs = of_shapes([[2]], "scale").inputs
    changed = RELATIONS["scale"].change(inputs, Relation("scale", power=-3))
    assert changed.numbers == inputs.numbers | {"epsilon": 2.0**-4}
    assert as_lists(changed.params) == as_lists(inputs.params)


def test_a_missing_gradient_is_missing_wherever_its_elements_go():
    inputs = Inputs({}, {}, [np.ones(2), np.ones(())], [Call([None, np.array(2.0)], None)])
    grads = {
        kind: grads_of(
            RELATIONS[kind].change(
                inputs._replace(numbers={"epsilon": 1.0}), Relation(kind, power=1)
            )
        )
        for kind in KINDS
    }
    missing = {kind: [grad is None for grad in given] for kind, given in grads.items()}
    assert missing["split"] == [True, True, False]
    assert missing["reverse"] == [False, True]
    assert missing["scale"] == missing["negate"] == missing["resume"] == [True, False]


def test_a_slot_that_is_not_there_for_every_element_is_not_there_for_the_parameter():
    vector = of_shapes([[2], [0], []], "split")
    joined = RELATIONS["split"].undo([np.ones(1), None, np.ones(1)], "m", vector)
    assert [None if array is None else array.shape for array in joined] == [None, (0,), ()]


@pytest.mark.parametrize(
    ("relation", "config", "message"),
    [
        (
            Relation("scale"),
            {},
            "relation scale must have a power from -60 to 60, other than 0, got None",
        ),
        (
            Relation("scale", power=0),
            {},
            "relation scale must have a power from -60 to 60, other than 0, got 0",
        ),
        (
            Relation("scale", power=99),
            {},
            "relation scale must have a power from -60 to 60, other than 0, got 99",
        ),
        (
            Relation("scale", power=2),
            {"weight_decay": 0.1},
            "relation scale cannot be combined with a feature that it does not change, "
            "got weight_decay",
        ),
        (
            Relation("split"),
            {"clipnorm": 0.1},
            "relation split cannot be combined with a feature that it does not change, "
            "got clipnorm",
        ),
        (
            Relation("resume"),
            {},
            "relation resume must have after, a call from 1 to 4 that another call follows, "
            "got None",
        ),
        (
            Relation("resume", after=5),
            {},
            "relation resume must have after, a call from 1 to 4 that another call follows, got 5",
        ),
        (
            Relation("refuse"),
            {},
            "relation refuse must have refuses, "
            "one of shape, dtype, count, index, load_shape, load_count, got None",
        ),
        (
            Relation("refuse", refuses="load_shape"),
            {},
            "relation refuse must have a load for load_shape, got none",
        ),
        (Relation("refuse", refuses="dtype"), {}, ""),
        (
            Relation("form"),
            {},
            "relation form must have a form, "
            "one of fortran, strided, t_int64, t_array, readonly, grad_dtype, indices_int32, "
            "got None",
        ),
        (
            Relation("form", form="t_array"),
            {},
            "relation form must have a load for t_array, got none",
        ),
        (Relation("form", form="strided"), {}, ""),
        (Relation("mixed"), {}, ""),
        (
            Relation("form", form="indices_int32"),
            {},
            "relation form must have a sparse gradient for indices_int32, got none",
        ),
        (
            Relation("refuse", refuses="index"),
            {},
            "relation refuse must have a sparse gradient for index, got none",
        ),
        (
            Relation("late", after=2),
            {"groups": [{"params": [0]}]},
            "relation late must have the last parameters in the last group, got [0]",
        ),
        (
            Relation("late", after=2),
            {"groups": [{"params": [3]}]},
            "relation late must have no gradient for a group that is not there yet, got one",
        ),
        (Relation("resume", after=4), {}, ""),
        (
            Relation("resume", after=2, also_after=2),
            {},
            "also_after must be a call of relation resume before after, got 2",
        ),
        (
            Relation("beside", also_after=1),
            {},
            "also_after must be a call of relation resume before after, got 1",
        ),
        (Relation("beside", used=True), {}, "used must stand with relation resume, got beside"),
        (
            Relation("resume", after=2, other=("shapes",)),
            {},
            "other must be something that relation resume may change, got shapes",
        ),
        (
            Relation("negate", other=("numbers",)),
            {},
            "other must be something that relation negate may change, got numbers",
        ),
        (Relation("reload"), {}, "relation reload must have a state to load, got none"),
        (Relation("beside", other=("numbers", "params", "shapes")), {}, ""),
        (Relation("negate"), {"clipnorm": 0.1}, ""),
    ],
)
def test_a_second_run_that_cannot_be_made_is_refused(relation, config, message, suite):
    spec = next(v for v in suite.vectors if v.id == "relations.f32.negate").spec
    inputs = spec.inputs._replace(switches=config)
    assert objection(Vector(replace(spec, relation=relation, inputs=inputs))) == message


@pytest.mark.parametrize("kind", ["scale", "negate", "reverse", "split"])
def test_a_loaded_state_is_not_changed_with_the_inputs_and_so_refused(kind, suite):
    loaded = next(v for v in suite.vectors if v.id == "basic.f32.loaded-state").spec
    message = f"relation {kind} cannot be combined with a feature that it does not change, got load"
    assert objection(Vector(replace(loaded, relation=Relation(kind, power=1)))) == message
