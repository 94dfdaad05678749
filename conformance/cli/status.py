"""Exit statuses, and the last line before an exit."""

import signal
from collections.abc import Iterable
from enum import IntEnum

import click

# Shells have it so for a program that a signal ended.
_SIGNALED = 128


class ExitStatus(IntEnum):
    """What a command tells the shell."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    USAGE = 2
    FAILED = 3
    STALE = 4
    NOTHING = 5
    INTERRUPTED = _SIGNALED + signal.SIGINT


MEANINGS = {
    ExitStatus.CONFORMANT: "conformant",
    ExitStatus.NOT_CONFORMANT: "not conformant",
    ExitStatus.USAGE: "wrong usage",
    ExitStatus.FAILED: "a subject could not be loaded or ended the process, a file could not be "
    "written, or an internal error",
    ExitStatus.STALE: "stale waivers: the file lists failures that no longer occur",
    ExitStatus.NOTHING: "nothing was tested",
    ExitStatus.INTERRUPTED: "interrupted; by another signal than Ctrl-C, 128 and its number",
}
# If several subjects end differently, the first of these wins: no failure may hide another.
_PRECEDENCE = (
    ExitStatus.USAGE,
    ExitStatus.FAILED,
    ExitStatus.NOT_CONFORMANT,
    ExitStatus.STALE,
    ExitStatus.NOTHING,
    ExitStatus.CONFORMANT,
)


def worst(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """Return the status that a run of several subjects ends with."""
    seen = set(statuses)
    return next((status for status in _PRECEDENCE if status in seen), ExitStatus.NOTHING)


def interrupted_by(number: int = signal.SIGINT) -> int:
    """Return the exit status of a command that a signal ended."""
    return _SIGNALED + number


def say(message: object) -> None:
    """Print one line for people, on stderr."""
    from ..report.text import printable

    # A message may hold what a subject said, and a terminal would obey its control characters.
    click.echo(f"adamref: {printable(str(message))}", err=True)
