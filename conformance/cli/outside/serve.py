"""adamref serve."""

import os
import sys

import click

from ..options import complete_subject
from ..status import ExitStatus

# Bytes of a message that are read at once.
_BUFFER = 2**20


@click.command()
@click.argument("name", metavar="SUBJECT", shell_complete=complete_subject)
def serve(name: str) -> int:
    """Make a Python subject a program that another judge asks.

    It reads the line protocol from stdin and writes it to stdout, until stdin ends. What the
    SUBJECT prints goes to stderr. So a judge without torch judges torch in another environment,
    and a machine without a GPU judges the Adam of one that has it.

    \b
    Examples:
      adamref check 'cmd:other_env/bin/adamref serve torch'
      adamref check 'cmd:ssh gpu-machine adamref serve my_adam:MyAdam'
    """
    from ...subject.loading import load
    from ...subject.program.question import ProgramError
    from ...trial.outside.served import serve as answer_all
    from ..status import say

    # Descriptors of our own, because the subject may print, or close those of Python.
    answers = os.fdopen(os.dup(1), "wb")
    questions = os.fdopen(os.dup(0), "rb", buffering=_BUFFER)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    sys.stdout = sys.stderr

    def write(line: str) -> None:
        answers.write(line.encode())
        answers.flush()

    try:
        # Bytes, because a text stream reads long lines in small pieces.
        lines = (line.decode("utf-8", "replace") for line in questions)
        answer_all(load(name), lines, write)
    except ProgramError as error:
        say(error)
        return ExitStatus.USAGE
    except BrokenPipeError:
        # The judge has ended.
        return ExitStatus.FAILED
    return ExitStatus.CONFORMANT
