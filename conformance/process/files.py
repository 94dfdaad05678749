"""Files that are written whole or not at all, to the place that was meant when they were named."""

import os
import re
import stat
import sys
import tempfile
from pathlib import Path

from .signals import hold_signals

STDOUT = Path("-")
_READABLE_BY_ALL = 0o644
# A path that names a descriptor of this process, and not the file behind it.
_DESCRIPTOR = r"/(?:dev/fd|proc/(?:self|{process})/fd)/(\d+)"
_STANDARD = {"-": 1, "/dev/stdout": 1, "/dev/stderr": 2}
# As many links as Linux follows.
_MOST_LINKS = 40


class WriteError(Exception):
    """A file could not be written; the message says which, why, and that nothing has changed."""


class Destination:
    """A place to write to, found before a subject can change the folder or a link.

    Links are followed, and a regular file at their end is replaced in one move. A device or a pipe
    is written to and never replaced. The paths `-`, `/dev/stdout`, `/dev/stderr` and `/dev/fd/N`
    mean the open descriptor, whatever file it leads to.

    Attributes:
        path: as the user gave it.
        is_stdout: whether it means the standard output.
    """

    def __init__(self, path: Path) -> None:
        """Find the place.

        Raises:
            WriteError: the folder is missing, the path is a folder or a circle of links, or the
                descriptor is closed.
        """
        self.path = path
        self._descriptor: int | None = None
        try:
            self._target = _follow_links(path)
            number = _descriptor_of(self._target)
            self.is_stdout = number == 1
            if number is not None:
                # A copy, because stdout may lead elsewhere while a subject runs.
                self._descriptor = os.dup(number)
            elif not self._target.parent.is_dir():
                raise WriteError(f"{path} must be a file in an existing folder")
            elif self._target.is_dir():
                raise WriteError(f"{path} must be a file, but is a folder")
        except OSError as error:
            raise _write_error(path, error) from None

    @property
    def place(self) -> Path:
        """The file that is written to; two destinations must not share it."""
        return self._target

    def write(self, text: str) -> None:
        """Write the text: to a file whole, or not at all.

        Raises:
            WriteError: the folder is full or protected, or the pipe or device refuses the text. An
                old file remains.
        """
        # A lone surrogate cannot be encoded, and one letter is no reason to lose a report.
        self.write_bytes(text.encode("utf-8", "replace"))

    def write_bytes(self, content: bytes) -> None:
        """Write bytes, as `write` does text.

        Raises:
            WriteError: as for `write`.
        """
        try:
            if self._descriptor is not None:
                _write_to(self._descriptor, content)
            elif self._target.exists() and not self._target.is_file():
                # Appended: what a device or a pipe already has stays.
                with self._target.open("ab", buffering=0) as stream:
                    _write_to(stream.fileno(), content)
            else:
                # A signal between two of these calls would leave a hidden file.
                with hold_signals():
                    _replace(self._target, content)
        except BrokenPipeError:
            # The reader has seen enough, such as `head -1`.
            return
        except OSError as error:
            raise _write_error(self.path, error) from None


def write(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, whole or not at all; see Destination."""
    Destination(path).write(text)


def _write_error(path: Path, error: OSError) -> WriteError:
    name = "stdout" if path == STDOUT else path
    return WriteError(f"{name} could not be written: {error.strerror}; nothing was left behind")


def _follow_links(path: Path) -> Path:
    """Return the absolute path at the end of all links, or the descriptor that it names."""
    # One link at a time: the system would go through a descriptor to the file behind it.
    place = path
    for _ in range(_MOST_LINKS):
        if _descriptor_of(place) is not None:
            return place
        place = Path(os.path.realpath(place.parent)) / place.name
        # A descriptor of another process leads to a file that is not ours to replace.
        is_system_link = place.is_relative_to("/proc")
        if is_system_link or not place.is_symlink():
            return place
        place = place.parent / place.readlink()
    raise WriteError(f"{path} must be a file, but is a circle of links")


def _descriptor_of(path: Path) -> int | None:
    """Return the number of the descriptor that a path names, or None."""
    text = str(path)
    if text in _STANDARD:
        return _STANDARD[text]
    match = re.fullmatch(_DESCRIPTOR.format(process=os.getpid()), text)
    return int(match[1]) if match else None


def _write_to(descriptor: int, content: bytes) -> None:
    # What Python has buffered for the same descriptor comes first.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _replace(target: Path, content: bytes) -> None:
    """Replace a file in one move."""
    # In the same folder, because only there one system call can replace the old file.
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            # The content must be on the disk before the name points to it.
            os.fsync(file.fileno())
        # mkstemp makes files that nobody else can read; an old file keeps its permissions.
        mode = _READABLE_BY_ALL
        if target.exists():
            mode = stat.S_IMODE(target.stat().st_mode)
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
