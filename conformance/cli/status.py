"""Exit statuses, and what is said on the way out."""

from collections.abc import Iterable

import click

CONFORMANT, NOT_CONFORMANT, USAGE, FAILED, STALE, NOTHING, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
# Which status wins when several subjects end differently.
_PRECEDENCE = (USAGE, FAILED, NOT_CONFORMANT, STALE, NOTHING, CONFORMANT)


def worst(statuses: Iterable[int]) -> int:
    """The status that a run of several subjects ends with."""
    seen = set(statuses)
    return next((status for status in _PRECEDENCE if status in seen), NOTHING)


def say(what: object) -> None:
    """One line to people, on stderr."""
    click.echo(f"adamref: {what}", err=True)
