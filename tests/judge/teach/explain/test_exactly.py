"""Exact numbers beside the floats, and where errors come from."""

from dataclasses import replace
from decimal import Decimal, localcontext

import numpy as np
import pytest

from conformance.teach.explain.choosing import choice_of
from conformance.teach.explain.exactly import ExactNumbers, ulps
from conformance.teach.explain.question import own_vector, question_of
from conformance.teach.explain.story import steps_of
from conformance.teach.explain.telling import page_of
from conformance.teach.pages.page import Lines
from conformance.truth.point import Point
from conformance.truth.problem import Problem
from conformance.vectors.files import load

SUITE = load()
BY_ID = {vector.id: vector for vector in SUITE.vectors}
# All that a step can have: every place of epsilon, AMSGrad, decays, rows, clips, scales, halves.
CASES = (
    ("epsilon.f32.decimal", "paper"),
    ("epsilon.f32.decimal", "tf1"),
    ("epsilon.f64.decimal", "paper,epsilon=inside"),
    ("epsilon.f32.root", "optax"),
    ("amsgrad.f32.rises-and-falls", "optax"),
    ("amsgrad.f32.rises-and-falls", "torch"),
    ("weight-decay.f32.decimal", "torch-adamw"),
    ("weight-decay.f32.decimal", "torch"),
    ("weight-decay.f32.mixed", "torch-adamw,decay_when=after,decay_scale=lr_t"),
    ("sparse-duplicates.f32.pair", "tf1"),
    ("sparse-duplicates.f32.clipnorm", "tfkeras"),
    ("clip.f32.law", "tfkeras,clip_law=plus_1e-6"),
    ("loss-scale.f32.three-norm", "tfkeras"),
    ("accumulation.f32.global-norm", "keras3"),
    ("groups.f32.decay", "torch"),
    ("bias.f32.decimal", "paper,bias_correction=first"),
    ("maximize.f32.weight-decay", "torch"),
)


def exactnesses(question, steps="all"):
    choice = choice_of(question.vector, steps, (), exact=True)
    exact = ExactNumbers(question)
    assert not exact.remark
    for step in steps_of(question, choice):
        for working in step.workings:
            if not working.sentence:
                yield step, working, exact.of(working, step.taken.number)


@pytest.mark.parametrize(("name", "convention"), CASES)
def test_exact_lines_end_at_the_numbers_of_the_oracle(name, convention):
    question = question_of(SUITE, BY_ID[name], convention, None, None)
    spec = question.vector.spec
    every = replace(spec, after=tuple(range(1, spec.call_count + 1)))
    solution = Problem(every).solve(Point(question.convention, question.arithmetic))
    compared = 0
    for step, working, exactness in exactnesses(question):
        state = solution.states[step.taken.number - 1][working.place.param]
        keys = [statement.key for statement in working.statements]
        for slot in ("m", "v", "param"):
            own = exactness.results[len(keys) - 1 - keys[::-1].index(slot)]
            due = getattr(state.memory, slot)[
                working.place.element % spec.sizes[working.place.param]
            ]
            with localcontext(prec=60):
                assert abs(own - due) <= abs(due) * Decimal("1e-50")
            compared += 1
    assert compared


@pytest.mark.parametrize(("name", "convention"), CASES)
def test_no_error_is_beyond_the_bound(name, convention):
    question = question_of(SUITE, BY_ID[name], convention, None, None)
    ratios = [ratio for *_, one in exactnesses(question) for ratio in one.ratios.values()]
    assert ratios
    assert max(ratios) <= 1


def test_a_step_without_any_rounding_says_so():
    # Powers of two, and an epsilon of zero: every number is exact in float32.
    config = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.0}
    question = question_of(SUITE, own_vector(config, "2", "1", "float32"), None, None, None)
    ((_, _, exactness),) = exactnesses(question)
    assert exactness.sentences == [
        "No operation of this step rounds: every float is the exact number."
    ]


def test_the_operation_that_rounds_alone_is_named_and_has_all_of_the_error():
    # As above, but the last difference has more digits than float32.
    config = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.0}
    # 0.5 and its next smaller neighbour are closer than the neighbours of 2^24.
    question = question_of(
        SUITE, own_vector(config, "2", str(2.0**24 + 2), "float32"), None, None, None
    )
    ((_, _, exactness),) = exactnesses(question)
    assert exactness.sentences[0] == "The first operation that rounds is param - update, in E5."
    assert "100% of all, is from param - update, in E5" in exactness.sentences[1]


def test_an_error_that_is_brought_along_is_named():
    config = {"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.999}
    question = question_of(SUITE, own_vector(config, "0.3; 0; 0", "1", "float32"), None, None, None)
    *_, (_, _, last) = exactnesses(question)
    assert "brings along" in " ".join(last.sentences)


def test_what_is_not_finite_has_no_error_to_take_apart():
    question = question_of(SUITE, BY_ID["extremes.f32.nan"], "paper", None, None)
    said = [one.sentences[-1] for _, working, one in exactnesses(question) if is_nan(working)]
    assert said
    assert set(said) == {"The new parameter is not finite, and its error has no parts."}


def is_nan(working):
    return np.isnan(working.tape.numbers["param"])


def test_halves_start_anew_from_what_is_stored():
    question = question_of(SUITE, BY_ID["storage.bf16.decay"], None, None, None)
    exact = ExactNumbers(question)
    assert "rounded on purpose" in exact.remark


@pytest.mark.parametrize(
    ("value", "exact", "units"),
    [
        (np.float32(1), "1.00000011920928955078125", -1),
        (np.float64(-2), "-2.00000000000000044408920985006261616945266723632812", 1),
        (np.float32(np.nan), "NaN", 0),
        (np.float32(0), "1.401298464324817070923729583289916131280e-45", -1),
    ],
)
def test_units_are_those_of_the_last_place_of_the_float(value, exact, units):
    assert round(ulps(value, Decimal(exact)), 9) == units


def test_each_error_names_the_format_of_its_unit():
    question = question_of(SUITE, BY_ID["weight-decay.f32.decimal"], "torch", None, None)
    page = page_of(question, choice_of(question.vector, "2", ["0:0"], exact=True))
    rows = {row.name: row for block in page if isinstance(block, Lines) for row in block.rows}
    assert rows["1 - beta2^t"].exact.endswith("-66 ulp of float64")
    assert " ulp of float32, " in rows["m"].exact
