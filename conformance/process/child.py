"""Child: a program that answers on a pipe, within limits, and never outlives its parent.

The child is in a session of its own, so that a key of the terminal does not reach it. Whatever ends
an exchange in another way than an answer ends the child, and everything that it has started.
"""

import errno
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

# Set for the child and everything that it starts, also what leaves its session.
_MARK = "ADAMREF_CHILD"
# A program that lets Linux kill it when its parent ends, and then becomes the command.
# This process does not fork itself: libraries forbid that among their threads.
_LAUNCHER = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""
# Bytes that are read or written at once, and that Linux is asked to keep of a pipe. Of large arrays
# each turn of the two processes would carry little else.
_PART = 2**20
# The end of what the child wrote to stderr, in bytes, is kept.
_KEPT = 4000
# Seconds of a wait for the child, and between two looks at its memory.
_WAIT = 0.2
_LOOK = 0.5
# Seconds for a child to end after it was asked to.
_GRACE = 2.0
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0


class ChildLimits(NamedTuple):
    """What a child may use.

    Fields:
        seconds: for an answer.
        memory: in bytes, of the child and all that it has started; counted on Linux alone.
        start_seconds: for the first answer: a large library takes long to load.
    """

    seconds: float = 60.0
    memory: float = 8e9
    start_seconds: float = 120.0


class ChildError(Exception):
    """There is no answer; the message says why, and what the child wrote to stderr last."""


class Child:
    """A running program.

    Args:
        command: the program and its arguments.
        limits: for time and memory.
        farewell: what it is sent to end.

    Raises:
        ChildError: it could not be started.
    """

    def __init__(self, command: Sequence[str], limits: ChildLimits, farewell: str = "") -> None:
        self.limits = limits
        self.farewell = farewell
        self._mark = uuid4().hex
        self._received = bytearray()
        self._errors = bytearray()
        self._is_gone = False
        try:
            self._process = subprocess.Popen(
                with_leash(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env={**os.environ, _MARK: self._mark},
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ChildError(f"{command[0]} could not be started: {reason}") from None
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            _widen(pipe.fileno())

    def exchange(
        self, text: str, is_last: Callable[[str], bool], most: int, seconds: float
    ) -> list[str]:
        """Send a message, and return the lines of the answer.

        Args:
            text: the message, with its new line.
            is_last: whether a line ends the answer.
            most: how many bytes an answer may have.
            seconds: for all of this.

        Raises:
            ChildError: there is no such answer. The child is ended.
        """
        try:
            return self._exchange(text.encode(), is_last, most, time.monotonic() + seconds)
        except BaseException:
            self.kill()
            raise

    def _exchange(
        self, waiting: bytes, is_last: Callable[[str], bool], most: int, deadline: float
    ) -> list[str]:
        started = time.monotonic()
        look = started + _LOOK
        if self._received:
            raise self._error("it wrote what nobody asked for")
        lines: list[str] = []
        size = 0
        # Where the next line may end: what was looked at once is not looked at again.
        seen = 0
        while True:
            part, waiting = self._turn(waiting)
            size += len(part)
            self._received += part
            while (end := self._received.find(b"\n", seen)) >= 0:
                line = self._received[:end].decode("utf-8", "replace")
                del self._received[: end + 1]
                seen = 0
                lines.append(line)
                if is_last(line):
                    return lines
            seen = len(self._received)
            if size > most:
                raise self._error(f"its answer must have at most {most} bytes, but goes on")
            now = time.monotonic()
            if now > deadline:
                hint = "" if size else "; an answer must be flushed"
                raise self._error(f"no answer within {deadline - started:.3g} seconds{hint}")
            if now > look:
                self._require_memory()
                look = time.monotonic() + _LOOK

    def _turn(self, waiting: bytes) -> tuple[bytes, bytes]:
        """Read and write what is possible now; return what was read, and what is still to write."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        stdin = process.stdin
        stdout = process.stdout
        stderr = process.stderr
        readers = [pipe for pipe in (stdout, stderr) if not pipe.closed]
        ready, free, _ = select.select(readers, [stdin] if waiting else [], [], _WAIT)
        if stderr in ready:
            said = os.read(stderr.fileno(), _PART)
            self._errors = (self._errors + said)[-_KEPT:]
            if not said:
                stderr.close()
        if free:
            # A program that has stopped reading may still have an answer.
            with suppress(BrokenPipeError):
                written = os.write(stdin.fileno(), waiting[:_PART])
                return b"", waiting[written:]
            waiting = b""
        if stdout in ready:
            part = os.read(stdout.fileno(), _PART)
            if not part:
                raise self._error(self._end())
            return part, waiting
        return b"", waiting

    def _end(self) -> str:
        """Return how a child that has closed its stdout has ended."""
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return "it closed its stdout"
        self._drain()
        if status >= 0:
            return f"it ended with status {status} before it answered"
        with suppress(ValueError):
            return f"{signal.Signals(-status).name} ended it"
        return f"signal {-status} ended it"

    def _drain(self) -> None:
        """Read what an ended child has left on stderr."""
        stderr = self._process.stderr
        assert stderr is not None
        while not stderr.closed:
            try:
                said = os.read(stderr.fileno(), _PART)
            except BlockingIOError:
                return
            self._errors = (self._errors + said)[-_KEPT:]
            if not said:
                stderr.close()

    def _require_memory(self) -> None:
        used = sum(map(_resident, _family(self._mark)))
        if used > self.limits.memory:
            limit = self.limits.memory / 1e9
            raise self._error(f"it used more than {limit:.3g} GB of memory")

    def _error(self, reason: str) -> ChildError:
        said = self._errors.decode("utf-8", "replace").split("\n")
        last = " / ".join(line.strip() for line in said[-4:] if line.strip())
        return ChildError(f"{reason}; its stderr ends in: {last}" if last else reason)

    def close(self) -> None:
        """Ask the child to end, and end it if it does not."""
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(OSError, ValueError):
            os.write(stdin.fileno(), self.farewell.encode())
            stdin.close()
        with suppress(subprocess.TimeoutExpired):
            # Nobody reads what it still writes.
            self._process.wait(_GRACE)
        self.kill()

    def kill(self) -> None:
        """End the child and everything that it has started."""
        # Another process may have its number by then.
        if self._is_gone:
            return
        self._is_gone = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for process in _family(self._mark):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def with_leash(command: Sequence[str]) -> list[str]:
    """Return a command that ends with this process, where the system can do that.

    Raises:
        FileNotFoundError: there is no such program.
    """
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if sys.platform != "linux":
        return [*command]
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *command]


def _widen(pipe: int) -> None:
    """Let a pipe hold more, where the system can do that."""
    if sys.platform == "linux":
        import fcntl

        # A system may have a smaller limit.
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PART)


def _family(mark: str) -> list[int]:
    """Return the processes that a child is or has started; none where there is no /proc."""
    wanted = f"{_MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes end at any time, and those of others cannot be read.
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def _resident(process: int) -> int:
    """Return the bytes of memory that a process holds."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * _PAGE
