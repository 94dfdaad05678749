"""Signals: a request to end becomes an exception, and waits until a file is whole."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from types import FrameType

# Not every system has SIGHUP.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
ENDING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
# What a handler is before anybody has set one. A signal that is ignored stays ignored: `nohup` and
# background jobs rely on it.
_UNSET = (signal.SIG_DFL, signal.default_int_handler)
# Ctrl-C comes twice, from the terminal and from the parent process, within so many seconds.
_SAME_KEY = 0.5


class Interrupted(KeyboardInterrupt):
    """A signal from outside asks this process to end.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class _Pending:
    """The signal that was received last, and whether it must wait."""

    number: int | None = None
    seconds = -inf
    # How many files are being written.
    deferrals = 0


@contextmanager
def listening(numbers: Sequence[int] = (signal.SIGINT,)) -> Iterator[None]:
    """Raise Interrupted where a signal arrives, at the latest when the context ends.

    Code inside may swallow the exception, and the end of the context then raises it again. A
    handler that somebody has set stays as it is, and so do all handlers in other threads than the
    main one, which receive no signals.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    unset = [number for number in numbers if signal.getsignal(number) in _UNSET]
    previous = {}
    if in_main_thread:
        previous = {number: signal.signal(number, _receive) for number in unset}
    try:
        yield
        raise_received()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        # An inner context leaves the signal to the outer one.
        if previous:
            _Pending.number = None
            _Pending.seconds = -inf


@contextmanager
def hold_signals() -> Iterator[None]:
    """Let signals wait until the context ends."""
    _Pending.deferrals += 1
    try:
        yield
    finally:
        _Pending.deferrals -= 1
    raise_received()


def raise_received() -> None:
    """Raise Interrupted if a signal was received and need not wait."""
    if _Pending.number is not None and not _Pending.deferrals:
        raise Interrupted(_Pending.number)


def obey(error: BaseException) -> int:
    """Return the number of the signal behind an interrupt, which is then raised no more.

    What follows shall be brief: it tells what was found until then. Another signal ends it.
    """
    _Pending.number = None
    return getattr(error, "number", signal.SIGINT)


def from_outside(error: BaseException) -> bool:
    """Return whether an exception is a request to end, and not a subject's own exception.

    A subject may raise a KeyboardInterrupt of its own. It can be told from one of the user's while
    somebody is `listening`.
    """
    if _Pending.number is not None:
        return True
    # Where SIGINT is ignored or ends the process, no signal raises this exception either.
    silent = (_receive, signal.SIG_IGN, signal.SIG_DFL)
    may_come_from_user = signal.getsignal(signal.SIGINT) not in silent
    # Not isinstance, which asks for attributes of an exception of the subject.
    return issubclass(type(error), KeyboardInterrupt) and may_come_from_user


def _receive(number: int, _frame: FrameType | None) -> None:
    now = time.monotonic()
    is_repeated = now - _Pending.seconds < _SAME_KEY
    # The first one is being obeyed, and a second exception could cut that short.
    if is_repeated:
        return
    _Pending.number = number
    _Pending.seconds = now
    raise_received()
