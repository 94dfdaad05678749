"""Files that are written whole or not at all."""

import os
import tempfile
from pathlib import Path

_READABLE_BY_ALL = 0o644


class WriteError(Exception):
    """A file could not be written; the message says which, why, and that nothing has changed."""


def write(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` whole: a full disk or a kill leaves the old file.

    A link is followed. A device or a pipe is written to and not replaced.

    Raises:
        WriteError: the folder is missing or full, or must not be written to. The old file remains.
    """
    temporary = None
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        # In the same folder, because only there one system call can replace the old file.
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            # The content must be on the disk before the name points to it.
            os.fsync(file.fileno())
        # mkstemp makes files that nobody else can read.
        Path(temporary).chmod(_READABLE_BY_ALL)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise WriteError(
            f"{path} could not be written: {error.strerror}; nothing was left behind"
        ) from None
