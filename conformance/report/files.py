"""Files are written whole or not at all."""

import os
import tempfile
from pathlib import Path


class WriteError(Exception):
    """A file could not be written; the message says which, why, and that nothing has changed."""


def write(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` by way of a file beside it, so that a full disk or a kill leaves no half file.

    Raises:
        WriteError: the folder is missing or full, or must not be written to. What was there before is still there.

    A link is followed. A device or a pipe is written to and not replaced.
    """
    temporary = None
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise WriteError(
            f"{path} could not be written: {error.strerror}; nothing was left behind"
        ) from None
