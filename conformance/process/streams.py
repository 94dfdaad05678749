"""Streams: stdout and stderr that cannot fail a run."""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from typing import IO, Any

_STANDARD = (0, 1, 2)


def open_standard_descriptors() -> None:
    """Point those of the descriptors 0, 1 and 2 that are closed to the null device.

    The system gives the lowest free number to the next file that is opened. A report that is
    descriptor 1 would receive everything that somebody prints.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            # For reading only: what is written to it is lost, and the writer must know.
            os.open(os.devnull, os.O_RDONLY)


class LenientStream(io.TextIOBase):
    """A text stream that replaces letters and drops what cannot be written.

    Attributes:
        error: the first error; nothing more is written after it.
    """

    def __init__(self, stream: IO[str] | None) -> None:
        super().__init__()
        self._stream = stream
        self.error: Exception | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream below, for whoever chooses letters by it."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    def writable(self) -> bool:
        return True

    def write(self, text: str | bytes) -> int:
        if isinstance(text, bytes):
            # click hands over the words that a shell asked for as bytes.
            text = text.decode(errors="replace")
        if self._stream is not None and self.error is None:
            # A letter that the terminal does not have, or half of a surrogate pair.
            letters = text.encode(self.encoding, "replace").decode(self.encoding)
            with self._noting_errors():
                self._stream.write(letters)
        return len(text)

    def flush(self) -> None:
        if self._stream is not None and self.error is None:
            with self._noting_errors():
                self._stream.flush()

    @contextlib.contextmanager
    def _noting_errors(self) -> Iterator[None]:
        try:
            yield
        # ValueError: the stream is closed.
        except (OSError, ValueError) as error:
            self.error = error
            self._drop_buffer()

    def _drop_buffer(self) -> None:
        """Let what is still buffered go nowhere, or Python would fail when it ends."""
        with contextlib.suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)

    @property
    def reason(self) -> str:
        """Why not all was written; empty if it was, or if the reader stopped reading."""
        if getattr(self.error, "errno", None) == errno.EPIPE:
            return ""
        return str(getattr(self.error, "strerror", None) or self.error or "")


@contextlib.contextmanager
def lenient_streams() -> Iterator[LenientStream]:
    """Replace sys.stdout and sys.stderr by lenient ones, and yield the first."""
    before: tuple[Any, Any] = (sys.stdout, sys.stderr)
    stdout, stderr = map(LenientStream, before)
    sys.stdout = stdout
    sys.stderr = stderr
    try:
        yield stdout
    finally:
        stdout.flush()
        stderr.flush()
        sys.stdout, sys.stderr = before


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send all that is printed to stderr: by Python, by descriptor 1, by child processes."""
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
