"""Compilation by Numba: kept on disk between processes, and announced to a user who waits."""

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

from .cache import KernelCache

# The folder of adamref: the sources of compiled code are below it.
PACKAGE = Path(__file__).parents[2]
# Seconds after which a user who waits for the compiler is told so.
DELAY = 1.0
# Digits of the digest in the name of a folder: enough that no two versions share a folder.
_DIGITS = 16


def compile_strict(function: Callable[..., Any], **options: Any) -> Any:
    """Return a function that is compiled at its first call: strict IEEE, without Python's lock.

    Compiled code is kept in a folder that is named by the sources of all kernels. Numba alone would
    look only at the file of ``function`` to see whether the code is still valid. Nothing is kept
    where no folder can be written to, and what is damaged there is compiled anew.
    """
    strict = {"error_model": "numpy", "fastmath": False, "nogil": True, **options}
    dispatcher = njit(**strict)(function)
    users_folder = numba.config.CACHE_DIR
    folder = _folder(users_folder)
    if folder is None or not _is_writeable(folder):
        return dispatcher
    # Numba reads its setting when a cache is made, so it is changed only meanwhile.
    numba.config.CACHE_DIR = str(folder)
    try:
        # As njit(cache=True) does it, with a cache of Numba's.
        dispatcher._cache = KernelCache(function)
    except RuntimeError:
        # Only the folder of this one function cannot be written to.
        pass
    finally:
        numba.config.CACHE_DIR = users_folder
    return dispatcher


@cache
def _folder(users_folder: str) -> Path | None:
    """Return the folder of compiled code; None if there is no place for it.

    It is below the folder that the user chose for Numba, or below the usual folder for caches.
    """
    parent = Path(users_folder)
    if not users_folder:
        caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
        # A user without a home has no usual folder either.
        if caches.startswith("~"):
            return None
        parent = Path(caches) / "adamref"
    return parent / f"kernels-{source_digest(PACKAGE)[:_DIGITS]}"


def source_digest(package: Path) -> str:
    """Digest the sources of kernels: all of ``package``/kernels, and the files that they import.

    Returns:
        The hexadecimal digits of a SHA-256 over the names and bytes of the files.
    """
    core = package.glob("*.py")
    halves = package.glob("halves/*.py")
    kernels = package.glob("kernels/**/*.py")
    sources = sorted(path.relative_to(package) for path in (*core, *halves, *kernels))
    digest = hashlib.sha256()
    for source in sources:
        content = (package / source).read_bytes()
        digest.update(f"{source.as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _is_writeable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


@contextmanager
def announce_compiling(what: str) -> Iterator[None]:
    """Say on a terminal that ``what`` is being compiled, if it takes longer than `DELAY`."""
    note = Timer(DELAY, _say, [f"adamref: compiling {what}, once"])
    note.daemon = True
    if sys.stderr.isatty():
        note.start()
    try:
        yield
    finally:
        note.cancel()


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
