"""Replacement of a file in one move; of nothing that is no file.

Links are followed one by one. Resolving a path at once would lead from `/dev/stdout` to the file
that the output of the process is sent to, and destroy it.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from shutil import copymode

# Random bytes in the name of the new file: two writers at once must not share it.
_NAME_BYTES = 6
# As many links as Linux follows.
_MOST_LINKS = 40
# Folders whose links lead to what a process has open, whatever the link says. `/dev/stdout` and
# `/dev/fd/1` lead there.
_OPEN_FILES = ("/proc", "/dev/fd")
# What a path may lead to besides a file and a link -> how to tell.
_NO_FILES: dict[str, Callable[[int], bool]] = {
    "a folder": stat.S_ISDIR,
    "a pipe": stat.S_ISFIFO,
    "a socket": stat.S_ISSOCK,
    "a device": lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode),
}


def replace(path: str | Path, write: Callable[[Path], None]) -> None:
    """Replace a file in one move, with the permissions of the old one, or make it.

    A link stays, and the file that it leads to is replaced.

    Args:
        path: the file.
        write: writes the new content to an empty file of another name.

    Raises:
        OSError: it cannot be written to; the path leads to no file, or round in a circle. Nothing
            is changed.
    """
    target = _end_of_links(Path(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"path must be in a folder that exists, got {str(path)!r} in {str(target.parent)!r}"
        )
    new = target.with_name(f".{target.name}.{token_hex(_NAME_BYTES)}")
    try:
        # Nobody else has made it. Its mode is that of any new file, whatever becomes of it.
        new.open("xb").close()
        mode = stat.S_IMODE(new.stat().st_mode)
        write(new)
        with new.open("rb+") as file:
            # Without this a power cut after the move could leave an empty file.
            os.fsync(file.fileno())
        if target.exists():
            copymode(target, new)
        else:
            new.chmod(mode)
        new.replace(target)
    except BaseException:
        # Also at an interrupt.
        new.unlink(missing_ok=True)
        raise


def check_file(path: str | Path) -> None:
    """Raise OSError unless a path leads to a file, which alone has an end when it is read."""
    _check_mode(path, Path(path).stat().st_mode)


def _end_of_links(path: Path) -> Path:
    """Return the file that a path leads to, which need not be there."""
    at = path
    for _ in range(_MOST_LINKS):
        try:
            mode = at.lstat().st_mode
        except FileNotFoundError:
            return at
        if not stat.S_ISLNK(mode):
            _check_mode(path, mode)
            return at
        folder = at.parent.resolve()
        if any(folder.is_relative_to(other) for other in _OPEN_FILES):
            raise OSError(
                f"path must be a file, got {str(path)!r}, which leads to what a process has open"
            )
        at = at.parent / at.readlink()
    raise OSError(errno.ELOOP, "path must lead to a file, got links in a circle", str(path))


def _check_mode(path: str | Path, mode: int) -> None:
    for kind, is_kind in _NO_FILES.items():
        if is_kind(mode):
            raise OSError(f"path must be a file, got {kind}: {str(path)!r}")
