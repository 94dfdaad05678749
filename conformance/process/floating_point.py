"""Floating-point environments: what processors keep of them is shared by all code of a thread.

A library that was compiled with -ffast-math makes its thread flush subnormal numbers to zero, at
import or later. A subject may do so, and the bound allows it. The judge must not, because it would
take a wrong subnormal for a right zero. So the judge works in the default environment, inside
`own_floating_point`, and a subject runs in its own, inside `subject_floating_point`.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

# The smallest positive float64, which a thread that flushes subnormals takes for 0.
_SMALLEST = 5e-324
# FE_DFL_ENV of <fenv.h>, in all C libraries of Linux.
_DEFAULT = ctypes.c_void_p(-1)
# A fenv_t has 32 bytes on x86-64, and no more elsewhere.
_BYTES = 256


class _Library(NamedTuple):
    """The functions of <fenv.h> that read and set the environment of this thread."""

    read: Any
    write: Any


class _Nesting:
    """How many contexts of the judge are open, and what the subject left when it last returned."""

    depth = 0
    of_subject: Any = None


@contextmanager
def own_floating_point() -> Iterator[None]:
    """Do work of the judge inside this context; also a decorator."""
    found = _read()
    if _Nesting.depth == 0:
        _Nesting.of_subject = found
    _Nesting.depth += 1
    _write(_DEFAULT)
    try:
        yield
    finally:
        _Nesting.depth -= 1
        # A library sets it once: it must find its environment the next time.
        _write(found if _Nesting.depth else _Nesting.of_subject)


@contextmanager
def subject_floating_point() -> Iterator[None]:
    """Call a subject inside this context; also a decorator."""
    if _Nesting.depth == 0:
        yield
        return
    ours = _read()
    _write(_Nesting.of_subject)
    try:
        yield
    finally:
        _Nesting.of_subject = _read()
        _write(ours)


def flushes_subnormals() -> bool:
    """Return whether this thread takes subnormal numbers for zero, as operands or results."""
    return not (np.array([_SMALLEST]) * np.array([1.0]) > 0).all()


def _read() -> Any:
    environment = ctypes.create_string_buffer(_BYTES)
    if _LIBRARY is not None:
        _LIBRARY.read(environment)
    return environment


def _write(environment: Any) -> None:
    if _LIBRARY is not None:
        _LIBRARY.write(environment)


def _find_library() -> _Library | None:
    """Return the functions, or None where they or their constants are not known."""
    if sys.platform != "linux":
        return None
    try:
        library = ctypes.CDLL(None)
        return _Library(library.fegetenv, library.fesetenv)
    except (OSError, AttributeError):
        return None


_LIBRARY = _find_library()
