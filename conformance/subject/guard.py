"""Guard: what code of a subject must not do to the process of the judge, undone or refused.

A subject is trusted, and this is no wall: it keeps slips from changing a verdict. A subject that
ends the process in another way, such as by a crash, is noticed by `process.supervisor`.
"""

import atexit
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ..process.signals import listening
from .surroundings import kept_surroundings

# Each would end this process, or put another program in its place, with a status of its own.
_WAYS_OUT = ("_exit", "execv", "execve")


class ProcessEnded(SystemExit):
    """A subject called a function that ends the process."""


class _Guard:
    """How many guarded calls are running, and the process that they run in."""

    depth = 0
    process = 0


@contextmanager
def guard() -> Iterator[None]:
    """Call a subject inside this context.

    - `os._exit` and `os.exec*` raise ProcessEnded, also in handlers that the subject leaves for the
      end of the process.
    - Modules and entries of `sys.path` that the subject removes are put back.
    - What all code of a process shares is put back (`surroundings`).
    - A second process that the subject forks ends when the call returns, and judges nothing.

    Raises:
        Interrupted: a signal asked the process to end, even if the subject swallowed that.
    """
    # There are thousands, and a subject is called hundreds of times: `copy` is the quickest way.
    modules = sys.modules.copy()
    path = list(sys.path)
    _close_ways_out()
    process = os.getpid()
    _Guard.process = process
    _Guard.depth += 1
    try:
        with kept_surroundings(), listening():
            yield
    finally:
        if os.getpid() != process:
            _real["_exit"](1)
        _Guard.depth -= 1
        if not modules.keys() <= sys.modules.keys():
            sys.modules.update(modules | sys.modules)
        sys.path.extend(entry for entry in path if entry not in sys.path)
        # Registered last, it runs before the handlers that the subject has registered.
        atexit.register(_stay_closed)


# Name -> the function of the system, for calls that are no subject's.
_real: dict[str, Callable[..., Any]] = {}


def _close_ways_out() -> None:
    for name in _WAYS_OUT:
        if name in _real:
            continue
        _real[name] = getattr(os, name)
        setattr(os, name, _refusal(name))


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(*arguments: Any) -> NoReturn:
        # Other processes, such as workers of multiprocessing, end in this way rightly.
        if _Guard.depth == 0 or os.getpid() != _Guard.process:
            _real[name](*arguments)
        raise ProcessEnded(f"a subject must not end the process, but called os.{name}")

    return refuse


def _stay_closed() -> None:
    _Guard.depth += 1
