"""The ten lessons of vectors/learn.json: each line, each answer, and how they are written."""

import json
import struct
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from adamref import Adam, AdamConfig, IndexedSlices
from adamref.named_conventions import CONVENTIONS
from conformance.generate import files as generated
from conformance.generate.lessons.arithmetic import decimal, value_of
from conformance.generate.lessons.entries import confirm, learn_content
from conformance.generate.lessons.lessons import LESSONS
from conformance.generate.lessons.working import WorkedRun
from conformance.vectors import files
from conformance.vectors.words import decode, decode_number, encode

CONTENT = json.loads((files.default_directory() / "learn.json").read_text())
RUNS = [(lesson, run) for lesson in CONTENT["lessons"] for run in lesson["runs"]]
run_by_run = pytest.mark.parametrize(
    ("lesson", "run"), RUNS, ids=[f"{lesson['id']}-{run['says'][:20]}" for lesson, run in RUNS]
)


def equations(run):
    """The lines of working that are equations, as name, expression and value."""
    lines = [line[4:] for line in run["working"] if " = " in line]
    return [line.split(" = ") for line in lines]


def test_the_file_is_what_the_lessons_say():
    text = (files.default_directory() / "learn.json").read_text()
    assert text == generated.render(learn_content(generated.FORMAT))


def test_there_are_ten_lessons_of_two_sentences():
    assert len(CONTENT["lessons"]) == 10
    for lesson in CONTENT["lessons"]:
        assert lesson["idea"].count(". ") == 1, lesson["id"]


@run_by_run
def test_every_line_is_true_as_it_is_written(lesson, run):
    for name, expression, value in equations(run):
        assert value_of(expression) == Fraction(value), (name, expression)


@run_by_run
def test_every_line_is_an_equation_a_place_or_says_that_nothing_changes(lesson, run):
    rest = [line for line in run["working"] if " = " not in line]
    assert all(line.endswith(":") or line.startswith("no gradient") for line in rest)
    assert equations(run)


@run_by_run
def test_the_last_lines_are_the_answers(lesson, run):
    # Every element of the last call has its lines, in order; an element that stays has none.
    last = f"step {len(lesson['steps'])}"
    places = "\n".join(run["working"]).split(f"\n{last}")[-sum(map(np.prod, lesson["shapes"])) :]
    answers = " ".join(run["answers"][-1]["about"]["params"]).split()
    for place, answer in zip(places, answers, strict=True):
        found = [line for line in place.splitlines() if "param = " in line]
        if found:
            assert found[-1].rpartition(" = ")[2] == answer


@run_by_run
def test_words_and_decimals_say_the_same(lesson, run):
    dtypes = {"params": lesson["dtype"]}
    for answer in run["answers"]:
        for quantity, texts in answer["about"].items():
            dtype = dtypes.get(quantity, "float32")
            for text, words, shape in zip(texts, answer[quantity], lesson["shapes"], strict=True):
                numbers = decode(words, dtype, shape).ravel().tolist()
                assert [Fraction(number) for number in numbers] == list(map(Fraction, text.split()))


def test_the_file_can_be_read_with_the_standard_library_alone():
    first = CONTENT["lessons"][0]
    word = first["config"]["learning_rate"]["word"]
    assert struct.unpack(">d", bytes.fromhex(word)) == (1.0,)
    assert struct.unpack(">f", bytes.fromhex(first["params"][0])) == (10.0,)


def gradient(entry, dtype, shape):
    if entry is None:
        return None
    if isinstance(entry, str):
        return decode(entry, dtype, shape)
    indices = np.array(entry["indices"])
    values = decode(entry["values"], dtype, (len(indices), *shape[1:]))
    return IndexedSlices(values, indices, tuple(shape))


@run_by_run
def test_the_reference_returns_the_bits_of_the_answers(lesson, run):
    shapes = lesson["shapes"]
    numbers = {
        name: entry if isinstance(entry, bool) else decode_number(entry)
        for name, entry in lesson["config"].items()
    }
    params = [
        decode(words, lesson["dtype"], shape)
        for words, shape in zip(lesson["params"], shapes, strict=True)
    ]
    convention = CONVENTIONS[run["convention"]].convention
    convention = replace(convention, **run.get("axes", {}))
    adam = Adam(params, AdamConfig(**numbers), convention, storage=run.get("storage"))
    for step, answer in zip(lesson["steps"], run["answers"], strict=True):
        grads = [
            gradient(entry, lesson["dtype"], shape)
            for entry, shape in zip(step["grads"], shapes, strict=True)
        ]
        found = {"params": adam.step(grads), **adam.slots()}
        for quantity, words in answer.items():
            if quantity != "about":
                assert [encode(array) for array in found[quantity]] == words, quantity


def test_an_answer_that_the_oracle_does_not_have_is_refused():
    lesson = LESSONS[0]
    working = WorkedRun(lesson, lesson.runs[0])
    working.take(1)
    confirm(lesson, lesson.runs[0], 1, working.states)
    working.states[0][0].v += Fraction(1, 2**20)
    with pytest.raises(ValueError, match=r"v of learn\.exponential-average after step 1 must be"):
        confirm(lesson, lesson.runs[0], 1, working.states)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1/3", r"each result of '1/3' must be exact in float32, got 1/3"),
        ("1/3*3", "must be exact in float32, got 1/3"),
        ("0.1", "must be exact in float32, got 1/10"),
        ("sqrt(2)", r"the root of a line of working must be exact, got sqrt\(2\)"),
        ("open(1)", "a line of working must have numbers and operations, got 'open"),
        ("2 % 1", "a line of working must have numbers and operations, got '2 % 1'"),
    ],
)
def test_a_line_that_is_not_exact_or_no_arithmetic_is_refused(expression, message):
    with pytest.raises(ValueError, match=message):
        value_of(expression)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2 - 3 - 4", -5),
        ("8/4/2", 1),
        ("sqrt(2.25)", Fraction(3, 2)),
        ("max(1, -2)", 1),
        # Half of the way between two of them goes to the even one.
        ("bfloat16(257)", 256),
        ("bfloat16(259)", 260),
        ("bfloat16(257.5)", 258),
    ],
)
def test_arithmetic_is_that_of_mathematics(expression, value):
    assert value_of(expression) == value


@pytest.mark.parametrize(("value", "text"), [(Fraction(3, 8), "0.375"), (100, "100"), (-2, "-2")])
def test_decimals_are_complete(value, text):
    assert decimal(Fraction(value)) == text
