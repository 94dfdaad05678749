"""Subjects: the Adams under test.

A subject is a function

    make(params, learning_rate, beta1, beta2, epsilon, amsgrad=False)

that returns an object with ``step(grads) -> list of new parameter arrays``, or that function itself.
"""

import inspect
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Make = Callable[..., Any]
# Frames of the judge are no frames of a subject.
_JUDGE = Path(__file__).parents[1]
_DECLARABLE = {"none", "sparse", "float16"}


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
        name: as given on the command line.
        make: the function that starts a run.
        convention: the one it declares, or None.
        version: of the library behind it, or an empty string.
        supports: `none` for None gradients, `sparse` for IndexedSlices, `float16` for parameters of that dtype.
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
        """The subject as a report knows it: plain data, without its function."""
        return SubjectRecord(self.name, self.version, self.device, self.convention)

    def refuses(self, positional: int, switches: Iterable[str]) -> str | None:
        """Why `make` cannot be called with so many arguments and ``switches``, as Python says it."""
        signature = signature_of(self.make)
        if signature is None:
            return None
        try:
            signature.bind(*range(positional), **dict.fromkeys(switches))
        except TypeError as error:
            return str(error)
        return None

    def lacks(self, switches: Iterable[str]) -> str | None:
        """The first of ``switches`` that the signature of `make` has no parameter for."""
        signature = signature_of(self.make)
        if signature is None or any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
            return None
        return next((switch for switch in switches if switch not in signature.parameters), None)


def signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    """The signature, or None for what does not tell, as some functions of C."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def from_make(make: Make, name: str | None = None) -> Subject:
    """A subject from its function; convention, version, supports and device are its attributes, where it has them.

    Raises:
        SubjectError: it is not callable, or its ``supports`` is not a set of known words.
    """
    label = name or str(getattr(make, "__name__", repr(make)))
    if not callable(make):
        raise SubjectError(
            f"subject {label} must be a function make(params, learning_rate, ...), got {type(make).__name__}"
        )
    declared = getattr(make, "supports", ())
    if isinstance(declared, str):
        raise SubjectError(
            f"supports of {label} must be a set, such as {{'none'}}, got {declared!r}"
        )
    supports = frozenset(declared)
    if unknown := supports - _DECLARABLE:
        known = ", ".join(repr(word) for word in sorted(_DECLARABLE))
        raise SubjectError(
            f"supports of {label} must be out of {known}, got {sorted(unknown)[0]!r}"
        )
    version, device = str(getattr(make, "version", "")), str(getattr(make, "device", "cpu"))
    return Subject(label, make, getattr(make, "convention", None), version, supports, device)


def describe(error: BaseException) -> str:
    """Return an exception in one line: its class, its message, and the place that raised it."""
    place = place_of(error)
    return message_of(error) + (f" ({place})" if place else "")


def message_of(error: BaseException) -> str:
    """Return class and message of an exception in one line, cut after 400 characters."""
    text = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {text[:400]}"


def place_of(error: BaseException) -> str:
    """Return file and line of the subject that raised, else of its library, else an empty string."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen")
        and _JUDGE not in Path(frame.filename).parents
        and "importlib" not in Path(frame.filename).parts
    ]
    own = [
        frame
        for frame in frames
        if not {"site-packages", "dist-packages"} & set(Path(frame.filename).parts)
    ]
    last = (own or frames)[-1:]
    return f"{last[0].filename}:{last[0].lineno}" if last else ""
