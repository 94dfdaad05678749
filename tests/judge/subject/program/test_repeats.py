"""Arrays whose numbers repeat are sent short, and come back whole."""

import numpy as np
import pytest

from conformance.subject.program import json_answers, json_questions
from conformance.subject.program.json_lines import line_of, parse_line
from conformance.subject.program.question import ReplyKind, RunQuestion, RunReply, StepReply
from conformance.subject.program.repeats import read_words, write_words
from conformance.vectors.inputs import Call, Inputs
from conformance.vectors.words import encode

NUMBERS = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.0}


def written(array):
    entry = write_words(array, may_repeat=True)
    back = read_words(entry, array.dtype.name, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.shape == array.shape
    return entry if isinstance(entry, str) else len(entry["repeat"].split())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
@pytest.mark.parametrize("length", [1, 2, 7, 100, 1009])
def test_the_numbers_that_repeat_are_sent_alone(dtype, length):
    some = np.random.default_rng(0).integers(1, 2**14, length).astype("u2")
    some = some.view(dtype) if "16" in dtype else some.astype(dtype)
    assert written(np.resize(some, (41, 7, 11))) == length


@pytest.mark.parametrize("place", [0, 1, 255, 256, 300, 2047, 4094, 4095])
def test_one_other_bit_sends_all(place):
    array = np.resize(np.float32([1, 2, -0.0, np.nan]), 4096)
    array.view("u4")[place] ^= 1
    assert written(array) == encode(array)


def test_zeros_of_both_signs_are_two_numbers():
    assert written(np.resize(np.float32([0.0, -0.0]), 1000)) == 2


@pytest.mark.parametrize("size", [0, 1, 255])
def test_small_arrays_are_sent_in_full(size):
    assert written(np.ones(size)) == encode(np.ones(size))


def test_nothing_is_short_for_a_program_that_does_not_know_it():
    assert isinstance(write_words(np.ones(1000), may_repeat=False), str)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "repeat must have 1 to 3 words, got 0"),
        ("3f800000 40000000 3f800000 40000000", "repeat must have 1 to 3 words, got 4"),
        ("3f800000 4000", "a word of float32 must have 8 digits|words must be"),
        ("xx800000", "hexadecimal"),
    ],
)
def test_words_that_fit_no_array_are_refused(words, why):
    with pytest.raises(ValueError, match=why):
        read_words({"repeat": words}, "float32", (3,))


def test_a_run_and_its_answer_are_short_in_every_part():
    array = np.resize(np.float32([1, -2]), 100_000)
    load = ({"m": [array], "v": [array]}, [3])
    inputs = Inputs(NUMBERS, {}, [array], [Call([array], None)], load)
    question = RunQuestion(inputs, [1], may_repeat=True)
    line = line_of(json_questions.write_run(question, 1))
    assert len(line) < 1000
    got = json_questions.read_run(parse_line(line, "question"))
    assert got.may_repeat
    assert line_of(json_questions.write_run(got, 1)) == line
    step = StepReply([array], {"m": [array], "v": [array.astype(np.float64)]})
    sent = line_of(json_answers.write_reply(RunReply(ReplyKind.RAN, [step]), 1, may_repeat=True))
    assert len(sent) < 1000
    (back,) = json_answers.read_reply(parse_line(sent, "answer"), question).steps
    assert back.params[0].tobytes() == array.tobytes()
    assert back.slots["v"][0].dtype == np.float64
    assert back.slots["v"][0].tobytes() == array.astype(np.float64).tobytes()
