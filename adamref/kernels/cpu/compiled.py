"""Compilation by Numba: kept on disk between processes, with a word to whoever waits for it."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import Any

import numba
from numba import njit

# The folder of adamref, of which compiled code is made.
PACKAGE = Path(__file__).parents[2]
# Seconds after which somebody who waits for the compiler is told so.
DELAY = 1.0


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """A function compiled when it is first called: strict IEEE, without the lock of the interpreter.

    What was compiled is kept in a folder named by the sources of the kernels, for Numba would look at the file of
    ``function`` alone to see whether it is still good. Where no folder can be written to, nothing is kept.
    """
    strict = {"error_model": "numpy", "fastmath": False, "nogil": True, **options}
    before = numba.config.CACHE_DIR
    folder = _folder(before)
    if not _writeable(folder):
        return njit(**strict)(function)
    numba.config.CACHE_DIR = str(folder)
    try:
        return njit(cache=True, **strict)(function)
    finally:
        numba.config.CACHE_DIR = before


@cache
def _folder(chosen: str) -> Path:
    """Where compiled code is kept: below what the user chose for Numba, or below the usual folder for caches."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "adamref"
    return (Path(chosen) if chosen else default) / f"kernels-{source_digest(PACKAGE)[:16]}"


def source_digest(package: Path) -> str:
    """Digest what kernels are made of: every file of ``package``/kernels, and the core of ``package`` that they import.

    Returns:
        The hexadecimal digits of a SHA-256 over the names and bytes of the files.
    """
    sources = sorted(
        path.relative_to(package)
        for path in (*package.glob("*.py"), *package.glob("kernels/**/*.py"))
    )
    digest = hashlib.sha256()
    for source in sources:
        content = (package / source).read_bytes()
        digest.update(f"{source.as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _writeable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


@contextmanager
def patience(what: str) -> Iterator[None]:
    """Say on a terminal that ``what`` is being compiled, if it takes longer than `DELAY`."""
    note = Timer(
        DELAY, lambda: print(f"adamref: compiling {what}, once", file=sys.stderr, flush=True)
    )
    note.daemon = True
    if sys.stderr.isatty():
        note.start()
    try:
        yield
    finally:
        note.cancel()
