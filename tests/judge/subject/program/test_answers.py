"""Answers that a program wrote elsewhere are judged as those of a live run."""

import shlex
import subprocess

import numpy as np
import pytest

from conformance import check, identify
from conformance.gate.export import questions_of
from conformance.subject.loading import load as load_subject
from conformance.subject.program import json_answers
from conformance.subject.program.connect import end
from conformance.subject.program.json_lines import line_of
from conformance.subject.subject import SubjectError
from conformance.trial.outside.served import answer, started_of
from conformance.vectors.files import load
from tests.judge.subject.program.programs import program

SOME = "basic.*"


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """A program, and the file of its answers to some questions."""
    folder = tmp_path_factory.mktemp("answers")
    name = program(folder)
    questions = questions_of(load(), only=SOME).files()["questions.jsonl"]
    command = shlex.split(name.removeprefix("cmd:"))
    done = subprocess.run(command, input=questions, capture_output=True, text=True, check=True)
    file = folder / "answers.jsonl"
    file.write_text(done.stdout)
    return name, file


def test_a_file_gives_the_report_of_a_live_run(answered):
    name, file = answered
    live = check(name, only=SOME)
    end(live.live_subject)
    offline = check(f"file:{file}", only=SOME)
    assert offline.verdict == live.verdict == "conformant"
    for one, other in zip(live.comparisons, offline.comparisons, strict=True):
        assert (one.vector.id, one.status, one.bits) == (other.vector.id, other.status, other.bits)


def test_a_vector_without_an_answer_is_no_pass(answered):
    report = check(f"file:{answered[1]}", only="*.f32.*", require=["float32"])
    assert report.verdict == "inconclusive"
    assert "the file has no answer to the runs of" in report.remark
    assert not report.conformant


def test_what_was_not_exported_has_no_answer(answered):
    report = check(f"file:{answered[1]}", only="epsilon.f32.*")
    assert report.verdict == "untested"
    assert {one.reason for one in report.comparisons if "file" in one.reason} == {
        "the file has no answer to this run"
    }


def test_identify_works_for_a_file(answered):
    assert identify(f"file:{answered[1]}", only=SOME).convention["epsilon"] == "outside"


def test_a_wrong_answer_is_found_and_no_smaller_input_is_asked_for(answered, tmp_path):
    lines = answered[1].read_text().splitlines()
    # The first digit of a moment v is another where it was 3.
    wrong = [line.replace('"v": ["3', '"v": ["2') for line in lines]
    spoilt = tmp_path / "wrong.jsonl"
    spoilt.write_text("\n".join(wrong))
    report = check(f"file:{spoilt}", only=SOME)
    assert report.verdict == "nonconformant"
    failed = [comparison.vector.inputs.params for comparison in report.failures]
    smallest = report.smallest.vector.inputs.params
    assert any(all(map(np.array_equal, params, smallest)) for params in failed)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must hold the answers of a program, but is empty"),
        ("hello\n", "must be a message of the protocol"),
        ('{"type":"started","protocol":2}', "must be a message of the protocol"),
        ('{"type":"started","protocol":1}\n{"type":"ran"}', "must be a message of the protocol"),
        ("started 1\nend\nran x\nend\n", "must begin with a word and SEQ"),
        ("started 1\nend\nran 1\nend\nran 1\nend\n", "must answer a run once, got 1 again"),
        ("started 2\nend\n", "must be: started 1 NAME VERSION"),
        ("started 1\nend\nran 1\nparams 3f800000\n", "must end with an answer, but ends after"),
    ],
)
def test_a_file_that_makes_no_sense_is_said(text, reason, tmp_path):
    file = tmp_path / "answers"
    file.write_text(text)
    with pytest.raises(SubjectError, match=reason):
        load_subject(f"file:{file}")


def test_a_missing_file_and_a_folder_are_said(tmp_path):
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(SubjectError, match="cannot be read"):
            load_subject(f"file:{place}")


def test_a_python_subject_may_be_asked_offline(tmp_path):
    asked = questions_of(load(), only="basic.f32.*").questions
    served = load_subject("adamref")
    lines = [line_of(json_answers.write_started(started_of(served)))]
    for seq, question in asked.items():
        lines.append(line_of(json_answers.write_reply(answer(served, question), seq)))
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(lines))
    report = check(f"file:{file}", only="basic.f32.*")
    assert report.verdict == "conformant"
    assert len(report.unsupported) == 0
