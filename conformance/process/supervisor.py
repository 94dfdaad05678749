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

from .signals import ENDING

FAILED = 3
# Shells add this to the number of the signal that ended a process.
_SIGNALED = 128
# Seconds that the child has for ending after a signal.
_GRACE = 10
# prctl(2): send a signal to this process when its parent ends.
_PR_SET_PDEATHSIG = 1


def supervise(body: Callable[[], int]) -> int:
    """Return the exit status that ``body`` returns in a child process.

    Returns:
        in the child, what ``body`` returned. In the parent the same, or 3 if the child ended
        before that, or 128 and the number of the signal by which the user ended it.
    """
    # Without fork, on Windows, a subject can end the process of the judge.
    if not hasattr(os, "fork"):
        return body()
    receiver, sender = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child:
        os.close(sender)
        return _wait_for(child, receiver)
    os.close(receiver)
    _end_with(parent)
    own = os.getpid()
    status = body()
    # A subject may have forked this process, and the copy has no say.
    if os.getpid() == own:
        os.write(sender, bytes([status]))
    os.close(sender)
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

    def pass_on(number: int, _frame: object) -> None:
        asked.append(number)
        os.kill(child, number)
        # A subject that does not return to Python hears no signal but this one.
        signal.alarm(_GRACE)

    def kill(_number: int, _frame: object) -> None:
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, pass_on)
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
