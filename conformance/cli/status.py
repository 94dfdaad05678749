"""Exit statuses, and the last line before an exit."""

from collections.abc import Iterable
from enum import IntEnum

import click


class ExitStatus(IntEnum):
    """What a command tells the shell."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    USAGE = 2
    FAILED = 3
    STALE = 4
    NOTHING = 5
    # As shells have it for a program that ended by SIGINT.
    INTERRUPTED = 130


MEANINGS = {
    ExitStatus.CONFORMANT: "conformant",
    ExitStatus.NOT_CONFORMANT: "not conformant",
    ExitStatus.USAGE: "wrong usage",
    ExitStatus.FAILED: "a subject could not be loaded, or an internal error",
    ExitStatus.STALE: "stale waivers: the file lists failures that no longer occur",
    ExitStatus.NOTHING: "nothing was tested",
    ExitStatus.INTERRUPTED: "interrupted",
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


def say(message: object) -> None:
    """Print one line for people, on stderr."""
    click.echo(f"adamref: {message}", err=True)
