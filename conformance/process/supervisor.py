"""Supervisor: a parent process that has an exit status even if the child process loses its own.

A subject runs in the process of the judge, and code in a process can end it: by `os._exit`, by
`execv`, by a crash, or in a handler of `atexit`. The judge therefore runs in a child, and its
status comes through a pipe. A child that ends without one has failed.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from .signals import ENDING

# Windows cannot fork, so that a subject can end the process of the judge there.
CAN_SPLIT = hasattr(os, "fork")
FAILED = 3
# Shells add this to the number of the signal that ended a process.
_SIGNALED = 128
# Seconds that the child has for ending after a signal.
_GRACE = 10
# prctl(2): send a signal to this process when its parent ends.
_PR_SET_PDEATHSIG = 1


class Supervised(NamedTuple):
    """A process and its parent, which waits for it.

    Fields:
        sender: in the child, the end of the pipe for its exit status.
        status: in the parent, the exit status of the child.
    """

    sender: int | None
    status: int | None


def split() -> Supervised:
    """Fork this process: the child goes on, and the parent returns when the child has ended.

    The status in the parent is what the child has sent with `send_status`, or 3 if the child ended
    before that, or 128 and the number of the signal by which the user ended it.
    """
    receiver, sender = os.pipe()
    parent = os.getpid()
    # A signal must not find a process that does not know yet what to do with it.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    child = os.fork()
    if child:
        os.close(sender)
        return Supervised(None, _wait_for(child, receiver))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    os.close(receiver)
    _end_with(parent)
    return Supervised(sender, None)


def send_status(sender: int, status: int) -> None:
    """Tell the parent the exit status; what happens to this process afterwards changes nothing."""
    os.write(sender, bytes([status]))
    os.close(sender)


def supervise(body: Callable[[], int]) -> int:
    """Return the exit status that ``body`` returns in a child process, in both processes."""
    if not CAN_SPLIT:
        return body()
    supervised = split()
    if supervised.status is not None:
        return supervised.status
    own = os.getpid()
    status = body()
    # A subject may have forked this process, and the copy has no say.
    if supervised.sender is not None and os.getpid() == own:
        send_status(supervised.sender, status)
    return status


def _end_with(parent: int) -> None:
    """Ask Linux to send SIGTERM to this process when its parent ends."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
    # The parent may have ended before the system knew.
    if os.getppid() != parent:
        os._exit(FAILED)


def _wait_for(child: int, receiver: int) -> int:
    asked: list[int] = []

    def send(number: int) -> None:
        # The child may have ended just now.
        with suppress(ProcessLookupError):
            os.kill(child, number)

    def pass_on(number: int, _frame: object) -> None:
        asked.append(number)
        send(number)
        # A subject that does not return to Python hears no signal but this one.
        signal.alarm(_GRACE)

    def kill(_number: int, _frame: object) -> None:
        send(signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    _, wait_status = os.waitpid(child, 0)
    signal.alarm(0)
    # The child has ended, but a process that it started may hold the pipe open: never wait for it.
    os.set_blocking(receiver, False)
    try:
        received = os.read(receiver, 1)
    except BlockingIOError:
        received = b""
    os.close(receiver)
    if received:
        return received[0]
    if asked:
        return _SIGNALED + asked[-1]
    sys.stderr.write(f"adamref: {_explain(wait_status)}; there is no verdict\n")
    return FAILED


def _explain(wait_status: int) -> str:
    if os.WIFSIGNALED(wait_status):
        name = signal.Signals(os.WTERMSIG(wait_status)).name
        return f"a subject must not end the process, but {name} ended it"
    status = os.waitstatus_to_exitcode(wait_status)
    return f"a subject must not end the process, but it ended with status {status}"
