"""Answers in a file: a respondent for a program that was run elsewhere. `adamref export` asks it.

A run has a number made of its content. So an answer is found whatever was exported, and answers to
other questions are never taken for it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...process.regular_file import UnreadableFile, read_regular
from . import json_answers, json_questions, words_form
from .json_lines import START, STOP, line_of, parse_line
from .question import ProgramError, ReplyKind, RunQuestion, RunReply, Started, StepReply, in_short
from .respondent import Respondent, check_started

# Bytes of a file.
_MOST = 2**31
# Digits of a hash that a number of JavaScript holds exactly.
_DIGITS = 13
NO_ANSWER = "the file has no answer to this run"


class AnswersFile(Respondent):
    """The answers that a program has written.

    Args:
        name: of the subject.
        path: the file, in JSON or in words.

    Raises:
        ProgramError: it cannot be read, or does not begin as a program does.
    """

    def __init__(self, name: str, path: Path) -> None:
        try:
            text = read_regular(path, _MOST).decode("utf-8", "replace")
        except UnreadableFile as error:
            raise ProgramError(f"{path} cannot be read: {error}") from None
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            raise ProgramError(f"{path} must hold the answers of a program, but is empty")
        self._in_words = lines[0].startswith(words_form.STARTED)
        # Number of the run -> its lines; they are read when they are asked for.
        self._answers: dict[int, list[str]] = {}
        started = self._read(lines, path)
        check_started(started, str(path))
        super().__init__(name, started)

    @property
    def has_objects(self) -> bool:
        """False, also for the answers of a Python subject: it was asked what a program is asked."""
        return False

    def _read(self, lines: Sequence[str], path: Path) -> Started:
        messages = _messages(lines, self._in_words)
        first = next(messages)
        for message in messages:
            seq = _seq_of(message, self._in_words)
            if seq in self._answers:
                raise ProgramError(f"{path} must answer a run once, got {seq} again")
            self._answers[seq] = message
        if self._in_words:
            return words_form.read_started(first)
        return json_answers.read_started(parse_line(first[0], "started"))

    def ask(self, question: RunQuestion) -> RunReply:
        lines = self._answers.get(seq_of(question))
        if lines is None:
            return RunReply(ReplyKind.SKIPPED, reason=NO_ANSWER, detail="unanswered")
        if self._in_words:
            return words_form.read_reply(lines, question)[1]
        return json_answers.read_reply(parse_line(lines[0], "answer"), question)


def _messages(lines: Sequence[str], in_words: bool) -> Iterator[list[str]]:
    """Yield the lines of each message."""
    message: list[str] = []
    for line in lines:
        message.append(line)
        if not in_words or words_form.is_last(line):
            yield message
            message = []
    if message:
        last = in_short(message[-1])
        raise ProgramError(f"the file must end with an answer, but ends after {last}")


def _seq_of(message: Sequence[str], in_words: bool) -> int:
    if not in_words:
        seq: int = parse_line(message[0], "answer")["seq"]
        return seq
    words = message[0].split()
    if len(words) < 2 or not words_form.is_count(words[1]):
        raise ProgramError(f"an answer must begin with a word and SEQ, got {in_short(message[0])}")
    return int(words[1])


def seq_of(question: RunQuestion) -> int:
    """Return the number of a run that is asked through a file."""
    text = line_of(json_questions.write_run(question, 0))
    return int(hashlib.sha256(text.encode()).hexdigest()[:_DIGITS], 16)


class QuestionRecorder(Respondent):
    """Notes every question, and answers that no number changes."""

    def __init__(self, name: str, started: Started) -> None:
        super().__init__(name, started)
        self.questions: dict[int, RunQuestion] = {}

    def ask(self, question: RunQuestion) -> RunReply:
        self.questions[seq_of(question)] = question
        return same_params(question)

    def files(self) -> dict[str, str]:
        """Return name -> content of the files that hold the questions, one for each form."""
        questions = self.questions.items()
        messages: list[Any] = [json_questions.write_run(one, seq) for seq, one in questions]
        runs = [words_form.write_run(one, seq) for seq, one in questions]
        return {
            "questions.jsonl": "".join(map(line_of, [START, *messages, STOP])),
            "questions.txt": "".join([line_of(START), *runs, words_form.STOP]),
        }


def same_params(question: RunQuestion) -> RunReply:
    """Return the reply of an Adam whose parameters never move."""
    return RunReply(
        ReplyKind.RAN, [StepReply(list(question.inputs.params)) for _ in question.inputs.calls]
    )
