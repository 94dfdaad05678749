"""Answers of a program with anything changed, in both forms of the line protocol."""

import json
from functools import cache

import numpy as np

from conformance.subject.program import json_answers
from conformance.subject.program.answers import AnswersFile, seq_of
from conformance.subject.program.json_lines import line_of
from conformance.subject.program.question import (
    ProgramError,
    ReplyKind,
    RunQuestion,
    RunReply,
    Started,
    StepReply,
    WrongAnswer,
)
from conformance.vectors.inputs import Call, Inputs

from .loaders import Loader
from .mutations import mutated_file, mutated_json, mutated_text

NUMBERS = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.0}
CALLS = [
    Call([np.float32([3, -0.25]), None], None),
    Call([None, None], None),
    Call([np.float32([1, 2]), np.float32(1)], 0.25),
]


@cache
def question():
    return RunQuestion(Inputs(NUMBERS, {}, [np.float32([1, -2]), np.float32(3)], CALLS), [1, 2, 3])


@cache
def lines(in_words):
    """Return the lines of a file with one answer."""
    seq = seq_of(question())
    if in_words:
        return [
            "started 1 mine 0.1",
            "dtypes float32",
            "supports none",
            "accuracy division 2.5",
            "end",
            f"ran {seq}",
            "params 3f000000 bfc00000 40400000",
            "m 3ff8000000000000 0000000000000000 0000000000000000",
            "raised 2 no gradient",
            "params 3f000000 bfc00000 40400000",
            "end",
        ]
    params = [np.float32([0.5, -1.5]), np.float32(3)]
    steps = [
        StepReply(params, {"m": [np.float64([1, 2]), None]}),
        StepReply(raised=("no gradient", "adam.py:1")),
        StepReply(params, {"v": [np.float16([1, 2]), np.float32(3)]}),
    ]
    started = Started("mine", "0.1", ["float32"], ["none"], {"accuracy": {"division": 2.5}})
    messages = [
        json_answers.write_started(started),
        json_answers.write_reply(RunReply(ReplyKind.RAN, steps), seq),
    ]
    return [line_of(message).rstrip() for message in messages]


def write(in_words, folder, random):
    path = folder / "answers"
    changed = list(lines(in_words))
    place = random.randrange(len(changed))
    kind = random.randrange(8)
    if kind == 0:
        path.write_bytes(mutated_file("\n".join(changed).encode(), random))
        return path
    if kind == 1:
        del changed[place]
    elif kind == 2:
        changed.insert(place, random.choice(changed))
    elif in_words:
        changed[place] = mutated_text(changed[place], random)
    else:
        changed[place] = mutated_json(json.loads(changed[place]), random).decode(
            "utf-8", "surrogatepass"
        )
    path.write_text("\n".join(changed), "utf-8", "surrogatepass")
    return path


def read(_in_words, path):
    answers = AnswersFile("file:answers", path)
    try:
        return answers.ask(question())
    except WrongAnswer as error:
        raise ProgramError(str(error)) from None


def use(_in_words, reply):
    """Look at every array as the judge does."""
    for step in reply.steps:
        for array in step.params or ():
            assert array.dtype == "float32"


def _loader(name, in_words):
    return Loader(
        name=name,
        prepare=lambda _folder: in_words,
        write=write,
        read=read,
        error=ProgramError,
        use=use,
        share=60,
        used=1,
        refused=(0.2, 0.99),
    )


ANSWERS_FILES = [_loader("answers in JSON", False), _loader("answers in words", True)]
