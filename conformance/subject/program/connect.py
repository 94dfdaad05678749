"""Connect: the subject of a program, of a file of answers, or of a process of its own."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...process.child import ChildLimits
from ..subject import DECLARABLE, Subject, SubjectError, from_make
from .adapter import test_adapter
from .answers import AnswersFile
from .program import Program, print_line, split_command
from .question import ProgramError
from .respondent import Respondent

COMMAND = "cmd:"
FILE = "file:"


@dataclass(frozen=True)
class Running:
    """How a subject runs that is not called in this process.

    Fields:
        isolate: whether a Python subject gets a process of its own.
        limits: for the time of an answer, and for memory.
        trace: whether every line of the protocol is printed on stderr.
    """

    isolate: bool = False
    limits: ChildLimits = field(default_factory=ChildLimits)
    trace: bool = False


HERE = Running()


def is_program(name: str) -> bool:
    """Return whether a name means a program or a file of answers."""
    return name.startswith((COMMAND, FILE))


def require_readable(name: str) -> None:
    """Raise ValueError if a name cannot be a command or a file."""
    if name.startswith(COMMAND):
        split_command(name.removeprefix(COMMAND))
    elif not name.removeprefix(FILE):
        raise ValueError("there is no file in it")


def connect(name: str, running: Running = HERE) -> Subject:
    """Return the subject that a program is, or a file of its answers.

    Args:
        name: `cmd:` and a command, which is split as by a shell and run without one; or `file:`
            and a path.
        running: the limits of a program.

    Raises:
        SubjectError: the program cannot be started, its first answer makes no sense, or it does
            not hand over the numbers that it is given.
    """
    respondent: Respondent
    try:
        if name.startswith(FILE):
            respondent = AnswersFile(name, Path(name.removeprefix(FILE)))
        else:
            respondent = _start(name, split_command(name.removeprefix(COMMAND)), running)
        test_adapter(respondent)
        return subject_of(respondent, name)
    except (ProgramError, ValueError) as error:
        raise SubjectError(f"subject {name}: {error}") from None


def end(subject: Subject) -> None:
    """End the program of a subject, if it has one; the next question starts it again."""
    if isinstance(subject.make, Program):
        subject.make.close()


def isolate(name: str, running: Running) -> Subject:
    """Return a Python subject, named as on the command line, in a process of its own."""
    # Not from the current folder, in which a file may have the name of a module of ours.
    command = [sys.executable, "-P", "-m", "adamref", "serve", name]
    try:
        return subject_of(_start(name, command, running), name)
    except ProgramError as error:
        raise SubjectError(f"subject {name}: {error}") from None


def _start(name: str, command: Sequence[str], running: Running) -> Program:
    return Program(name, command, running.limits, print_line if running.trace else None)


def subject_of(respondent: Respondent, name: str) -> Subject:
    """Return the subject with what a respondent says of itself."""
    started = respondent.started
    declared: dict[str, Any] = dict(started.declared)
    served = declared.pop("serves", "")
    notes = tuple(declared.pop("notes", ()))
    is_guess = declared.pop("is_guess", False)
    declared |= {"version": started.version, "dtypes": list(started.dtypes)}
    # Other features are asked for in the run, or are arguments.
    declared["supports"] = [word for word in started.supports if word in DECLARABLE]
    for attribute, value in declared.items():
        setattr(respondent, attribute, value)
    subject = from_make(respondent, name)
    return replace(
        subject,
        served=served,
        notes=notes,
        is_guess=is_guess,
        is_outside=True,
        is_program=not respondent.has_objects,
    )
