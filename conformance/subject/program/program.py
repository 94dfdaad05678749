"""Program: a respondent that is a child process, started again after a fault.

It is started when the subject is loaded, as a module is imported then. It ends with the subject, or
with this process.
"""

import hashlib
import shlex
import shutil
import sys
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

from ...process.child import Child, ChildError, ChildLimits
from . import json_answers, json_questions, words_form
from .json_lines import START, STOP, line_of, parse_line
from .question import ProgramEnded, ProgramError, RunQuestion, RunReply, Started, words_of
from .respondent import Respondent, check_started

# So many times the limit of an answer may be lost in faults one after another; then nothing more is
# asked.
MOST_LOST = 5
# Bytes of an answer: for each number that is wanted, and for all else.
_BYTES = 4 * 24
_REST = 2**20

Trace = Callable[[str, str], None]


class Program(Respondent):
    """A program that speaks the protocol.

    Attributes:
        in_words: whether it chose words, and not JSON.

    Args:
        name: of the subject.
        command: the program and its arguments.
        limits: for its time and memory.
        trace: sees every line: its direction, `>` to the program or `<` from it, and its text.

    Raises:
        ProgramError: it cannot be started, or its first answer is wrong.
    """

    def __init__(
        self, name: str, command: Sequence[str], limits: ChildLimits, trace: Trace | None = None
    ) -> None:
        self._command = command
        self._limits = limits
        self._trace = trace or _no_trace
        self._child: Child | None = None
        self.in_words = False
        self._seq = 0
        # Runs without an answer since the last one that had one, and the seconds that they took.
        self._faults = 0
        self._lost = 0.0
        # Not a bound method, which would keep this object alive.
        self._running: list[Child] = []
        weakref.finalize(self, _end, self._running)
        super().__init__(name, self._start())

    def ask(self, question: RunQuestion) -> RunReply:
        if self._lost > MOST_LOST * self._limits.seconds:
            raise ProgramError(f"not run, because the last {self._faults} runs had no answer")
        started = time.monotonic()
        try:
            reply = self._ask(question)
        except ProgramError:
            self._faults += 1
            self._lost += time.monotonic() - started
            self.close()
            raise
        self._faults = 0
        self._lost = 0.0
        return reply

    def digest(self) -> str:
        """Return a hash of the files that the command names: the program, and its arguments."""
        found = hashlib.sha256()
        for word in self._command:
            path = Path(shutil.which(word) or word)
            if path.is_file():
                found.update(path.read_bytes())
        return found.hexdigest()

    def close(self) -> None:
        """End the program; the next question starts it again."""
        _end(self._running)
        self._child = None

    def _ask(self, question: RunQuestion) -> RunReply:
        if self._child is None:
            started = self._start()
            if started != self.started:
                raise ProgramError("its first answer must be the same each time, but has changed")
        self._seq += 1
        most = _REST + _BYTES * words_of(question.inputs.params) * (len(question.after) + 1)
        if self.in_words:
            lines = self._exchange(words_form.write_run(question, self._seq), most)
            seq, reply = words_form.read_reply(lines, question)
        else:
            text = line_of(json_questions.write_run(question, self._seq))
            message = parse_line(self._exchange(text, most)[0], "answer")
            seq = message["seq"]
            reply = json_answers.read_reply(message, question)
        if seq != self._seq:
            raise ProgramError(f"seq must be that of the run, {self._seq}, got {seq}")
        return reply

    def _start(self) -> Started:
        """Start the program, and return what it says of itself."""
        self.in_words = False
        try:
            self._child = Child(self._command, self._limits, line_of(STOP))
        except ChildError as error:
            raise ProgramError(str(error)) from None
        self._running.append(self._child)
        try:
            started = self._first_answer()
        except ProgramError:
            self.close()
            raise
        check_started(started, self._command[0])
        return started

    def _first_answer(self) -> Started:
        lines: list[str] = []

        def is_last(line: str) -> bool:
            # The first character tells the form.
            lines.append(line)
            self.in_words = lines[0].startswith(words_form.STARTED)
            return not self.in_words or words_form.is_last(line)

        seconds = max(self._limits.seconds, self._limits.start_seconds)
        self._exchange(line_of(START), _REST, is_last, seconds)
        if self.in_words:
            assert self._child is not None
            self._child.farewell = words_form.STOP
            return words_form.read_started(lines)
        return json_answers.read_started(parse_line(lines[0], "started"))

    def _exchange(
        self,
        text: str,
        most: int,
        is_last: Callable[[str], bool] | None = None,
        seconds: float | None = None,
    ) -> list[str]:
        """Send a message, and return the lines of the answer."""
        assert self._child is not None
        if is_last is None:
            is_last = words_form.is_last if self.in_words else _is_one_line
        self._trace(">", text)
        try:
            lines = self._child.exchange(text, is_last, most, seconds or self._limits.seconds)
        except ChildError as error:
            raise ProgramEnded(str(error)) from None
        for line in lines:
            self._trace("<", line)
        return lines


def _is_one_line(_line: str) -> bool:
    return True


def _no_trace(_direction: str, _text: str) -> None:
    """Show nothing."""


def _end(running: list[Child]) -> None:
    while running:
        running.pop().close()


def print_line(direction: str, text: str) -> None:
    """Print a line on stderr, and what breaks the schema in it."""
    for line in text.splitlines():
        sys.stderr.write(f"{direction} {line}\n")
        if line.startswith("{"):
            kind = "question" if direction == ">" else _kind_of(line)
            try:
                parse_line(line, kind)
            except ProgramError as error:
                sys.stderr.write(f"! {error}\n")


def _kind_of(line: str) -> str:
    return "started" if '"started"' in line[:100] else "answer"


def split_command(text: str) -> list[str]:
    """Return the words of a command as a shell would split them; nothing is expanded.

    Raises:
        ValueError: a quote is not closed, or there is no word.
    """
    words = shlex.split(text)
    if not words:
        raise ValueError("there is no program in it")
    return words
