"""The lessons of learn.json, explained."""

import json

import pytest

from conformance.cli import main
from conformance.teach.explain.choosing import choice_of
from conformance.teach.explain.story import steps_of
from conformance.teach.lessons import lessons
from conformance.vectors.files import default_directory, load
from conformance.vectors.words import decode

SUITE = load()
LESSONS = lessons()
WRITTEN = json.loads((default_directory() / "learn.json").read_text())["lessons"]


def test_every_lesson_is_read():
    assert list(LESSONS) == [lesson["id"] for lesson in WRITTEN]


@pytest.mark.parametrize("written", WRITTEN, ids=lambda lesson: lesson["id"])
def test_every_number_that_is_explained_is_the_one_that_the_lesson_derives(written):
    lesson = LESSONS[written["id"]]
    shapes = written["shapes"]
    compared = 0
    for run, due in zip(lesson.runs, written["runs"], strict=True):
        question = run.question(SUITE, lesson.vector)
        choice = choice_of(lesson.vector, "all", ["all"])
        for step in steps_of(question, choice):
            for working in step.workings:
                if working.sentence:
                    continue
                answer = due["answers"][step.taken.number - 1]
                key = "param" if working.rules.storage is None else "stored"
                words = answer["params"][working.place.param]
                array = decode(words, written["dtype"], shapes[working.place.param])
                assert float(working.tape.numbers[key]) == float(working.place.of(array))
                compared += 1
    assert compared


def test_a_lesson_shows_each_of_its_runs(capsys):
    assert main(["explain", "learn.epsilon-hat"]) == 0
    out = capsys.readouterr().out
    assert "learn.epsilon-hat, by paper\n" in out
    assert "learn.epsilon-hat, by paper-hat\n" in out
    assert "With epsilon-hat, the same numbers move it by 0.375." in out
    assert main(["explain", "learn.epsilon-hat", "--beside", "paper-hat"]) == 0
    assert "Their formulas part first in step 1" in capsys.readouterr().out
