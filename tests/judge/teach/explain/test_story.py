"""The numbers that are shown are those of the reference, in every vector and convention."""

import random
from dataclasses import replace

import numpy as np
import pytest

from adamref import CONVENTIONS, Adam, AdamConfig
from conformance.judge.selection import UsageError
from conformance.teach.explain import program, story
from conformance.teach.explain.choosing import choice_of
from conformance.teach.explain.opening import arithmetic_words
from conformance.teach.explain.question import own_vector, question_of
from conformance.teach.explain.telling import page_of
from conformance.teach.pages.page import Lines
from conformance.vectors.files import load
from conformance.vectors.storage import HALVES, USUAL
from conformance.vectors.switches import ACCUMULATION, GROUPS

SUITE = load()
BY_ID = {vector.id: vector for vector in SUITE.vectors}
# A tenth of all, drawn in the open, and one of each topic.
DRAWN = random.Random(21).sample(sorted(BY_ID), len(BY_ID) // 10)
FIRST = {vector.topic: vector.id for vector in reversed(SUITE.vectors) if vector.level == "core"}
SAMPLED = sorted({*DRAWN, *FIRST.values()} - {v.id for v in SUITE.vectors if v.level == "full"})


def workings_of(question, steps="all"):
    """Yield call and working, of the elements that are shown unasked."""
    for step in story.steps_of(question, choice_of(question.vector, steps, ())):
        for working in step.workings:
            yield step.taken.number, working


def last_param(working):
    key = "param" if working.rules.storage is None else "stored"
    return working.tape.numbers[key]


@pytest.mark.parametrize("name", SAMPLED)
def test_every_vector_is_explained_and_ends_within_its_answers(name):
    vector = BY_ID[name]
    question = question_of(SUITE, vector, None, None, None)
    axes = SUITE.conventions[question.convention.name].axes | dict.fromkeys(HALVES, USUAL)
    found = vector.answers_for(axes, question.arithmetic.code)
    answers = {answer.quantity: answer for answer in found}
    assert page_of(question, choice_of(vector, None, ()))
    # Answers about storage are there for other storages, too, and some have none of params.
    if "params" not in answers or vector.is_about_storage:
        return
    for call, working in workings_of(question):
        if call not in vector.after or working.sentence:
            continue
        interval = answers["params"].intervals[vector.after.index(call)][working.place.param]
        got = float(last_param(working))
        index = working.place.element % interval.lo.size
        if interval.classes is None or interval.classes.ravel()[index] == "interval":
            assert interval.lo.ravel()[index] <= got <= interval.hi.ravel()[index]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_parameters_and_moments_have_the_bits_of_the_reference(convention):
    explained = 0
    asked = [one for one in SUITE.vectors if one.asks(SUITE.conventions[convention].axes)]
    plain = [one for one in asked if ACCUMULATION not in one.switches and one.load is None]
    plain = [one for one in plain if one.level == "core" and one.dtype in ("float32", "float64")]
    for vector in random.Random(convention).sample(plain, 4):
        try:
            question = question_of(SUITE, vector, convention, None, None)
            due = run_of_reference(vector, convention)
            shown = list(workings_of(question))
        except UsageError as error:
            # The modulus of complex numbers is the one thing that the reference lacks.
            assert "complex" in str(error)  # noqa: PT017
            continue
        for call, working in shown:
            if working.sentence:
                continue
            params, slots = due[call - 1]
            for key, arrays in {"param": params, **slots}.items():
                want = arrays[working.place.param].ravel()[working.place.element]
                got = working.tape.numbers[key]
                assert got.dtype == want.dtype
                assert got.tobytes() == want.tobytes() or (np.isnan(got) and np.isnan(want))
                explained += 1
    assert explained


def run_of_reference(vector, convention):
    """Return the parameters and slots of `Adam` after each call."""
    switches = {name: value for name, value in vector.switches.items() if name != GROUPS}
    config = AdamConfig(**vector.spec.inputs.numbers, **switches)
    groups = vector.switches.get(GROUPS, ())
    adam = Adam(vector.params, config, convention, groups=groups)
    after = []
    for call in vector.calls:
        try:
            adam.step(call.grads, call.learning_rate, call.scale)
        except ValueError:
            assert any(grad is None for grad in call.grads)
        after.append((adam.params, adam.slots()))
    return after


def test_another_order_of_operations_is_found_by_its_bits(monkeypatch):
    def other_order(rules):
        for statement in right(rules):
            if statement.key == "update":
                first, second = statement.term.parts
                rate, m_hat = first.parts
                yield replace(statement, term=rate * (m_hat / second))
            else:
                yield statement

    right = program.equations
    monkeypatch.setattr(program, "equations", other_order)
    # Steps as large as parameters, and gradients in 40 ratios: some quotient rounds otherwise.
    grads = "; ".join(str(0.1 * number) for number in range(1, 41))
    vector = own_vector({"learning_rate": 0.7}, grads, "0", "float32")
    with pytest.raises(AssertionError, match="must be the reference's"):
        list(workings_of(question_of(SUITE, vector, "paper", None, None)))


STORAGES = ("rounded", "master", "split", "compensated")


@pytest.mark.parametrize("weights", STORAGES)
@pytest.mark.parametrize("moments", ["T", "float32"])
def test_what_is_kept_of_halves_has_the_bits_of_the_reference(weights, moments):
    storage = {"bfloat16": f"weights={weights},moments={moments}"}
    question = question_of(SUITE, BY_ID["storage.bf16.decay"], None, None, storage)
    # The check in it compares all that is kept.
    last = [working for _, working in workings_of(question)][-1]
    assert last.tape.numbers["stored"].dtype.name == "bfloat16"


def test_numbers_of_your_own_are_explained():
    config = {"learning_rate": 0.5, "epsilon": 0.0}
    vector = own_vector(config, "3 -0.25; None; 1 2", "1 -2", "float64")
    question = question_of(SUITE, vector, None, None, None)
    workings = [working for _, working in workings_of(question)]
    # Adam's first step is the learning rate, against the sign of the gradient.
    assert [working.tape.numbers["param"] for working in workings[:2]] == [0.5, -1.5]
    assert "no parameter has a gradient" in workings[2].sentence


def test_own_numbers_may_have_several_parameters_and_switches():
    vector = own_vector({}, "3 1 | 0.5; None | 2; None", None, "float64", ["amsgrad", "maximize"])
    assert [param.shape for param in vector.params] == [(2,), (1,)]
    question = question_of(SUITE, vector, "torch", None, None)
    steps = list(story.steps_of(question, choice_of(vector, None, ["1:0"])))
    first, second, third = [working for step in steps for working in step.workings]
    # Ascent: the first step is the learning rate, along the gradient.
    assert abs(first.tape.numbers["param"] - 1.001) < 1e-9
    assert "v_max" in second.tape.numbers
    assert "no parameter has a gradient" in third.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({}, "1 x", None, "float32"), "--grads must be numbers .* got '1 x'"),
        (({}, "1;2 3", None, "float32"), "must have 1 numbers for params\\[0\\].* got 2 in call 2"),
        (({}, "1;", None, "float32"), "must have a number in each call"),
        (({}, "1 | 2; 3", None, "float32"), "must have 2 gradients in each call.* got 1 in call 2"),
        (({}, "1", "1 | 2", "float32"), "must have 2 gradients in each call.* got 1 in call 1"),
        (({}, "1", "", "float32"), "--params must have a number"),
        (({"beta1": 1.0}, "1", None, "float32"), r"beta1 must be in \[0, 1\), got 1.0"),
    ],
)
def test_wrong_numbers_of_your_own_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        own_vector(*arguments)


def test_a_missing_feature_is_told_with_the_way_out():
    question = question_of(SUITE, BY_ID["amsgrad.f32.spike-then-small"], "tf1", None, None)
    with pytest.raises(UsageError, match="'tf1' has no amsgrad"):
        list(workings_of(question))
    question = question_of(SUITE, BY_ID["complex.f32.angles"], "optax", None, None)
    with pytest.raises(UsageError, match="take torch"):
        list(workings_of(question))


def shown_lines(name, convention, steps="1", elements=()):
    question = question_of(SUITE, BY_ID[name], convention, None, None)
    page = page_of(question, choice_of(question.vector, steps, elements))
    return [row for block in page if isinstance(block, Lines) for row in block.rows]


def test_each_shared_number_names_its_format_and_what_it_was_before_it_was_rounded():
    rows = {row.name: row for row in shown_lines("basic.f32.defaults", "paper", elements=["0:0"])}
    assert rows["1 - beta1"].numbers == "1 - 0.9 = 0.09999999999999998"
    assert rows["1 - beta1"].formatted == "0.1 in float32"
    assert rows["1 - beta1^t"].formatted == "0.09999999999999998 in float64"
    assert rows["1/(1 - beta1^t)"].numbers == "1 / 0.09999999999999998 = 10.000000000000002"
    assert rows["1/(1 - beta1^t)"].formatted == "10.0 in float32"
    # Elements have one format, which the opening names.
    assert rows["m"].form == ""


def test_the_opening_says_what_is_rounded_to_which_format():
    question = question_of(SUITE, BY_ID["basic.f32.defaults"], "paper", "sdssT", None)
    words = arithmetic_words(question)
    assert "epsilon in float64" in words
    assert "computed in float64; each that enters E1 to E5 is then rounded once to float32" in words


def test_a_correction_is_written_as_it_is_computed():
    rows = {row.name: row for row in shown_lines("basic.f32.mixed", "paper", elements=["0:0"])}
    assert rows["m_hat"].letters == "m * (1/(1 - beta1^t))"
    first, second = map(float, rows["m_hat"].numbers.replace("(", "").replace(")", "").split(" * "))
    assert np.float32(first) * np.float32(second) == np.float32(rows["m_hat"].result)


@pytest.mark.parametrize(
    "name",
    [
        "sparse.f32.empty",
        "sparse-duplicates.f32.pair",
        "amsgrad.f32.spike-then-small",
        "loss-scale.f32.three",
    ],
)
def test_nothing_marks_the_paper_against_itself(name):
    rows = shown_lines(name, "paper", "all")
    assert any(row.note for row in rows)
    assert not any(row.stands_out for row in rows)


def test_rows_of_slices_are_all_named():
    question = question_of(SUITE, BY_ID["sparse-duplicates.f32.many"], "paper", None, None)
    page = page_of(question, choice_of(question.vector, "1", ()))
    grad = question.vector.calls[0].grads[0]
    said = next(block.text for block in page if getattr(block, "text", "").startswith("gradient"))
    assert str(grad.indices.tolist()) in said


def test_rows_without_a_slice_say_that_they_stay():
    question = question_of(SUITE, BY_ID["sparse.f32.gaps"], "tfa-lazy", None, None)
    choice = choice_of(question.vector, "1", ["all"])
    (step,) = story.steps_of(question, choice)
    sentences = [working.sentence for working in step.workings if working.sentence]
    assert sentences
    assert "keeps all its numbers" in sentences[0]
