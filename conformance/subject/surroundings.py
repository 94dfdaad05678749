"""Surroundings: what all code of a process shares, put back after a subject has changed it.

What a library adds for itself at a late import stays: a variable of the environment, a filter that
ignores its warnings. What was there before comes back.

Generators of random numbers go on as the subject leaves them. The judge draws from its own, and a
subject that draws must not be given the same numbers in each run: that would hide that its results
differ.
"""

import locale
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

# Signals that a program sets handlers for. Not every system has all of them.
_NAMES = ("SIGTERM", "SIGHUP", "SIGALRM", "SIGCHLD", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGINT")
_SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
_STREAMS = ("stdin", "stdout", "stderr")


class _Surroundings(NamedTuple):
    folder: str | None
    environment: dict[Any, Any]
    locale: str
    filters: list[Any]
    show_warning: Callable[..., None]
    handlers: list[Any]
    alarm: tuple[float, float]
    streams: list[Any]


@contextmanager
def kept_surroundings() -> Iterator[None]:
    """Call a subject inside this context.

    Afterwards these are as they were: the working directory, the locale, handlers of signals and
    the timer of SIGALRM, the standard streams of `sys`, and how warnings are shown. Variables of
    the environment and filters of warnings that are gone or changed are put back, and no new filter
    makes warnings errors.
    """
    before = _surroundings()
    try:
        yield
    finally:
        _put_back(before, _surroundings())


def _surroundings() -> _Surroundings:
    folder = None
    # The folder may have been removed.
    with suppress(OSError):
        folder = os.getcwd()  # noqa: PTH109  (called thousands of times)
    return _Surroundings(
        folder=folder,
        environment=_environment().copy(),
        locale=locale.setlocale(locale.LC_ALL),
        filters=list(warnings.filters),
        show_warning=warnings.showwarning,
        handlers=list(map(signal.getsignal, _SIGNALS)),
        alarm=signal.getitimer(signal.ITIMER_REAL),
        streams=[getattr(sys, name) for name in _STREAMS],
    )


def _put_back(before: _Surroundings, after: _Surroundings) -> None:
    if after.folder != before.folder and before.folder is not None:
        with suppress(OSError):
            os.chdir(before.folder)
    if after.environment != before.environment:
        _put_back_variables(before.environment)
    if after.locale != before.locale:
        locale.setlocale(locale.LC_ALL, before.locale)
    if after.filters != before.filters:
        _put_back_filters(before.filters, after.filters)
    warnings.showwarning = before.show_warning
    if after.handlers != before.handlers:
        _put_back_handlers(before.handlers, after.handlers)
    # One that ran before is somebody else's, such as a limit of time for a test.
    if after.alarm[0] and not before.alarm[0]:
        signal.setitimer(signal.ITIMER_REAL, 0)
    for name, stream in zip(_STREAMS, before.streams, strict=True):
        setattr(sys, name, stream)


def _environment() -> dict[Any, Any]:
    """Return the variables as the system has them, which `os.environ` would decode one by one."""
    variables: dict[Any, Any] = getattr(os.environ, "_data", {})
    return variables


def _put_back_variables(before: dict[Any, Any]) -> None:
    variables: Any = os.environb if os.supports_bytes_environ else os.environ
    variables.update(before)


def _put_back_filters(before: list[Any], after: list[Any]) -> None:
    added = [one for one in after if one not in before and one[0] != "error"]
    # The same list, because the interpreter has it, too.
    warnings.filters[:] = added + before  # type: ignore[index]


def _put_back_handlers(before: list[Any], after: list[Any]) -> None:
    for number, old, new in zip(_SIGNALS, before, after, strict=True):
        # None is one that was not set by Python, and cannot be.
        if old is not new and old is not None:
            # Only the main thread may set handlers, and only it could have changed one.
            with suppress(ValueError):
                signal.signal(number, old)
