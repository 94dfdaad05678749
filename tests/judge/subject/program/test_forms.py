"""Both forms carry every run and every answer, bit for bit."""

import json

import numpy as np
import pytest

from conformance.subject.program import json_answers, json_questions, words_form
from conformance.subject.program.json_lines import START, STOP, line_of, parse_line
from conformance.subject.program.question import (
    ProgramError,
    ReplyKind,
    RunQuestion,
    RunReply,
    StepReply,
    WrongAnswer,
)
from conformance.vectors.files import load
from conformance.vectors.inputs import Call, Inputs

NUMBERS = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.0}
INPUTS = Inputs(
    NUMBERS,
    {"amsgrad": True},
    [np.float32([1, -2]), np.float32(3)],
    [Call([np.float32([3, -0.25]), None], None), Call([None, np.float32(1)], 0.25)],
)
QUESTION = RunQuestion(INPUTS, [1, 2])
WORDS = """run 7
dtype float32
learning_rate 3fe0000000000000
beta1 3fe0000000000000
beta2 3fe8000000000000
epsilon 0000000000000000
amsgrad 1
param 1 2 3f800000 c0000000
param 0 40400000
step 1
grad dense 40400000 be800000
grad none
step 1
rate 3fd0000000000000
grad none
grad dense 3f800000
end
"""


def test_a_run_in_words_is_what_the_readme_says():
    assert words_form.write_run(QUESTION, 7) == WORDS


def test_every_vector_is_the_same_after_it_was_sent_in_json():
    for vector in load().vectors:
        if vector.level != "core":
            continue
        question = RunQuestion(vector.inputs, list(vector.after), vector.relation)
        line = line_of(json_questions.write_run(question, 3))
        got = json_questions.read_run(parse_line(line, "question"))
        # Each number is there in the text, so that equal texts are equal bits.
        assert line_of(json_questions.write_run(got, 3)) == line
        assert got.relation == vector.relation
        assert got.inputs.numbers == vector.inputs.numbers
        assert got.inputs.switches == vector.inputs.switches
        for one, other in zip(got.inputs.params, vector.inputs.params, strict=True):
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes()


def reply(params, **slots):
    return RunReply(ReplyKind.RAN, [StepReply(params, slots), StepReply(raised=("why", "x.py:1"))])


def test_an_answer_is_the_same_after_it_was_sent_in_json():
    params = [np.float32([np.nan, -0.0]), np.float32(1e-45)]
    slots = {"m": [np.float64([1, 2]), None], "v": [np.float16([1, 2]), np.float32(3)]}
    sent = json_answers.write_reply(reply(params, **slots), 7)
    got = json_answers.read_reply(parse_line(line_of(sent), "answer"), QUESTION)
    assert got.kind is ReplyKind.RAN
    first, second = got.steps
    assert second.raised == ("why", "x.py:1")
    for name, arrays in {"params": params, **slots}.items():
        shown = first.params if name == "params" else first.slots[name]
        for array, other in zip(arrays, shown, strict=True):
            assert (array is None) == (other is None)
            assert array is None or (array.dtype, array.tobytes()) == (other.dtype, other.tobytes())


def test_an_answer_in_words():
    lines = [
        "ran 7",
        "params 3f000000 bfc00000 40400000",
        "m 3ff8000000000000 0000000000000000 0000000000000000",
        "raised 2 no gradient",
        "end",
    ]
    seq, got = words_form.read_reply(lines, QUESTION)
    assert seq == 7
    assert [param.tolist() for param in got.steps[0].params] == [[0.5, -1.5], 3.0]
    assert [array.dtype for array in got.steps[0].slots["m"]] == ["float64", "float64"]
    assert got.steps[1].raised == ("no gradient", "")


@pytest.mark.parametrize(
    ("lines", "kind", "reason"),
    [
        (["skipped 7 no sparse"], "skipped", "no sparse"),
        (["errored 7"], "errored", ""),
        (["ran 7", "params 3f000000 bfc00000 40400000", "errored 7 late"], "errored", "late"),
    ],
)
def test_an_answer_may_say_why_there_is_none(lines, kind, reason):
    assert [words_form.is_last(line) for line in lines] == [False] * (len(lines) - 1) + [True]
    seq, got = words_form.read_reply(lines, QUESTION)
    assert (seq, got.kind, got.reason) == (7, kind, reason)


@pytest.mark.parametrize(
    "lines",
    [
        ["ran 7", "params 3f000000 bfc00000", "end"],
        ["ran 7", "params 3f000000 bfc00000 404000", "end"],
        ["ran 7", "params 3f000000 bfc00000 zzzzzzzz", "end"],
        ["ran 7", "params 3f000000 bfc00000 40400000", "m 3f000000", "end"],
    ],
)
def test_wrong_words_are_a_wrong_answer(lines):
    with pytest.raises(WrongAnswer, match="of step 1"):
        words_form.read_reply(lines, QUESTION)


@pytest.mark.parametrize(
    "lines",
    [
        ["hello", "end"],
        ["ran", "end"],
        ["ran x", "end"],
        ["ran 7", *["params 3f000000 bfc00000 40400000"] * 3, "end"],
        ["ran 7", "raised 3 why", "end"],
        ["ran 7", "raised", "end"],
    ],
)
def test_what_is_no_answer_is_said(lines):
    with pytest.raises(ProgramError, match="got"):
        words_form.read_reply(lines, QUESTION)


def test_what_a_program_says_of_itself_is_the_same_in_both_forms():
    lines = [
        "started 1 mine 0.1",
        "dtypes float32",
        "supports none amsgrad",
        "convention torch",
        "accuracy division 2.5 root 4.5",
        "storage bfloat16 weights=master moments=T",
        "unknown words",
        "",
        "end",
    ]
    message = {
        "type": "started",
        "protocol": 1,
        "name": "mine",
        "version": "0.1",
        "dtypes": ["float32"],
        "supports": ["none", "amsgrad"],
        "convention": "torch",
        "accuracy": {"division": 2.5, "root": 4.5},
        "storage": {"bfloat16": "weights=master,moments=T"},
        "unknown": 3,
    }
    in_json = json_answers.read_started(parse_line(json.dumps(message), "started"))
    assert words_form.read_started(lines) == in_json
    assert words_form.read_started(["started 1", "end"]).name == ""


@pytest.mark.parametrize(
    "change",
    [
        {"seq": -1},
        {"seq": "7"},
        {"seq": 1.5},
        {"type": "passed"},
        {"steps": {}},
        {"steps": [{"params": "3f800000"}]},
        {"steps": [{"params": [3]}]},
        {"reason": 3},
    ],
)
def test_an_answer_must_follow_the_schema(change):
    message = {"type": "ran", "seq": 7, "steps": [], **change}
    with pytest.raises(ProgramError, match="must be a message of the protocol"):
        parse_line(json.dumps(message), "answer")


def test_the_judges_own_messages_follow_the_schema():
    for message in (START, STOP, json_questions.write_run(QUESTION, 1)):
        assert parse_line(line_of(message), "question") == message
