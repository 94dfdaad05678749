"""Regular files: read whole. Whatever else a path leads to might have no end, and is refused."""

import os
import stat
from pathlib import Path

# Bytes that are read at once.
_PART = 2**20
# What a path may lead to besides a file -> how to tell.
_OTHERS = {
    "a folder": stat.S_ISDIR,
    "a pipe": stat.S_ISFIFO,
    "a socket": stat.S_ISSOCK,
    "a device": stat.S_ISCHR,
    "a disk": stat.S_ISBLK,
}


class UnreadableFile(Exception):
    """A file that cannot be read; the message is the reason, in a clause.

    Attributes:
        missing: whether there is nothing at its path.
    """

    def __init__(self, reason: str, missing: bool = False) -> None:
        super().__init__(reason)
        self.missing = missing


def read_regular(path: Path, most: int) -> bytes:
    """Return the content of a file; links are followed.

    Args:
        path: the file.
        most: how many bytes it may have.

    Raises:
        UnreadableFile: there is no such file, it must not be read, it is too large, or it is a
            folder, a pipe, a socket or a device.
    """
    content = b""
    try:
        # Before it is opened, because to open a device may already set something going.
        _check(path.stat(), most)
        with open(path, "rb", opener=_open_without_waiting) as file:
            # Again, because something else may have taken its place.
            _check(os.fstat(file.fileno()), most)
            # In parts, because files that the system makes up, as in /proc, tell no size.
            while len(content) <= most and (part := file.read(_PART)):
                content += part
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        raise UnreadableFile(error.strerror or str(error), missing) from None
    except ValueError as error:  # a NUL or a lone surrogate in the path
        raise UnreadableFile(str(error)) from None
    _check_size(len(content), most)
    return content


def _open_without_waiting(path: str, flags: int) -> int:
    # Without this flag a pipe is opened only when somebody writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check(status: os.stat_result, most: int) -> None:
    for kind, is_kind in _OTHERS.items():
        if is_kind(status.st_mode):
            raise UnreadableFile(f"it must be a file, but is {kind}")
    _check_size(status.st_size, most)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise UnreadableFile(f"it must have at most {most} bytes, but has more")
