"""Subjects: the Adams under test.

A subject is a function

    make(params, learning_rate, beta1, beta2, epsilon)

with optional switches such as ``amsgrad=False``, that returns an object with
``step(grads) -> list of new parameter arrays``, or the function ``step`` itself.
"""

import inspect
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Make = Callable[..., Any]
# A place in the judge is never the place of a subject's mistake.
_JUDGE = Path(__file__).parents[1]
# Features that a subject has only if it says so, because it may take the inputs and ignore them.
_DECLARABLE = {"none", "sparse", "float16"}
_LIBRARIES = {"site-packages", "dist-packages"}
# An exception may hold a whole array as text.
_LONGEST_MESSAGE = 400


class Unsupported(Exception):
    """Raised by a subject that cannot do what a vector asks; reported, never counted as a pass."""


class SubjectError(Exception):
    """A subject that could not be loaded; the message says why and the way out."""


@dataclass(frozen=True)
class SubjectRecord:
    """What reports and waivers know of a subject: plain data, which can be pickled."""

    name: str
    version: str = ""
    device: str = "cpu"
    convention: str | None = None


@dataclass(frozen=True)
class Subject:
    """An Adam under test.

    Fields:
        name: as given on the command line, or the name of the function.
        make: the function that starts a run.
        convention: the one it declares, or None.
        version: of the library behind it, or an empty string.
        supports: `none` for None gradients, `sparse` for IndexedSlices, `float16` for parameters
            of that dtype.
        device: where it computes, for waivers that hold on one only.
    """

    name: str
    make: Make
    convention: str | None = None
    version: str = ""
    supports: frozenset[str] = field(default_factory=frozenset)
    device: str = "cpu"

    @property
    def record(self) -> SubjectRecord:
        """The subject as a report knows it, without its function."""
        return SubjectRecord(self.name, self.version, self.device, self.convention)

    def refuses(self, positional: int, switches: Iterable[str]) -> str | None:
        """Return Python's reason why `make` cannot be called with these arguments, or None."""
        signature = signature_of(self.make)
        if signature is None:
            return None
        # Only the count of the arguments matters for `bind`, not their values.
        try:
            signature.bind(*range(positional), **dict.fromkeys(switches))
        except TypeError as error:
            return str(error)
        return None

    def lacks(self, switches: Iterable[str]) -> str | None:
        """Return the first of ``switches`` that `make` has no parameter for, or None."""
        signature = signature_of(self.make)
        if signature is None:
            return None
        kinds = {parameter.kind for parameter in signature.parameters.values()}
        # With **kwargs nobody can tell; such a subject raises Unsupported itself.
        if inspect.Parameter.VAR_KEYWORD in kinds:
            return None
        return next((switch for switch in switches if switch not in signature.parameters), None)


def signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    """Return the signature, or None if it cannot be told, as for some functions of C."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def from_make(make: Make, name: str | None = None) -> Subject:
    """Return a subject; its convention, version, supports and device are attributes of ``make``.

    Raises:
        SubjectError: ``make`` is not callable, or its ``supports`` is not a set of known words.
    """
    # A callable object has no name of its own.
    label = name or str(getattr(make, "__name__", repr(make)))
    if not callable(make):
        raise SubjectError(
            f"subject {label} must be a function make(params, learning_rate, ...), "
            f"got {type(make).__name__}"
        )
    return Subject(
        label,
        make,
        convention=getattr(make, "convention", None),
        version=str(getattr(make, "version", "")),
        supports=_supports_of(make, label),
        device=str(getattr(make, "device", "cpu")),
    )


def _supports_of(make: Make, label: str) -> frozenset[str]:
    declared = getattr(make, "supports", ())
    # A string is a set of letters to Python.
    if isinstance(declared, str):
        raise SubjectError(
            f"supports of {label} must be a set, such as {{'none'}}, got {declared!r}"
        )
    supports = frozenset(declared)
    if unknown := supports - _DECLARABLE:
        known = ", ".join(repr(word) for word in sorted(_DECLARABLE))
        raise SubjectError(f"supports of {label} must be out of {known}, got {min(unknown)!r}")
    return supports


def describe(error: BaseException) -> str:
    """Return an exception in one line: its class, its message, and the place that raised it."""
    place = place_of(error)
    return message_of(error) + (f" ({place})" if place else "")


def message_of(error: BaseException) -> str:
    """Return class and message of an exception in one line, cut if it is long."""
    text = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {text[:_LONGEST_MESSAGE]}"


def place_of(error: BaseException) -> str:
    """Return file and line of the subject that raised, else of its library, else ''."""
    files = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not _is_machinery(frame.filename)
    ]
    # The author of a subject looks for the line in it, not for one deep in a library.
    outside_libraries = [
        frame for frame in files if not _LIBRARIES.intersection(Path(frame.filename).parts)
    ]
    for frame in reversed(outside_libraries or files):
        return f"{frame.filename}:{frame.lineno}"
    return ""


def _is_machinery(filename: str) -> bool:
    """Return whether a file is the judge or Python's import."""
    path = Path(filename)
    is_import = filename.startswith("<frozen") or "importlib" in path.parts
    return is_import or _JUDGE in path.parents
