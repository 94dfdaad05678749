"""Subjects: the Adams under test, and how one is found by its name.

A subject is a function

    make(params, learning_rate, beta1, beta2, epsilon, amsgrad=False)

that returns an object with ``step(grads) -> list of new parameter arrays``, or that function itself.
"""

import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from typing import Any

from .subjects import SHIPPED

Make = Callable[..., Any]
_HERE = Path(__file__).parent
_DECLARABLE = {"none", "sparse", "float16"}


class Unsupported(Exception):
    """Raised by a subject that cannot do what a vector asks; reported, never counted as a pass."""


class UnknownSubject(Exception):
    """No subject goes by this name."""


class SubjectError(Exception):
    """A subject that could not be loaded; the message says why and the way out."""


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
        raise SubjectError(f"supports of {label} must be a set, such as {{'none'}}, got {declared!r}")
    supports = frozenset(declared)
    if unknown := supports - _DECLARABLE:
        known = ", ".join(repr(word) for word in sorted(_DECLARABLE))
        raise SubjectError(f"supports of {label} must be out of {known}, got {sorted(unknown)[0]!r}")
    version, device = str(getattr(make, "version", "")), str(getattr(make, "device", "cpu"))
    return Subject(label, make, getattr(make, "convention", None), version, supports, device)


def as_subject(make: "Make | Subject | str") -> Subject:
    """The subject that is meant: one already, a name as on the command line, or the function that starts a run."""
    return make if isinstance(make, Subject) else load(make) if isinstance(make, str) else from_make(make)


def installed() -> list[str]:
    """The shipped subjects that a process can have together and whose library is installed, without importing it."""
    return [name for name, one in SHIPPED.items() if version_of(one.distribution) and not one.alone]


def version_of(distribution: str) -> str:
    """The installed version, or an empty string."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def is_known(name: str) -> None:
    """Raise UnknownSubject unless ``name`` is a shipped one or has the form ``module:attribute``."""
    module, _, attribute = name.partition(":")
    is_module = all(part.isidentifier() for part in module.split(".")) and not module.endswith(".py")
    if name in SHIPPED or (is_module and attribute):
        return
    close = get_close_matches(name, SHIPPED, 1)
    hint = f"did you mean {close[0]}?" if close else "`adamref list subjects` shows the shipped ones"
    if module.endswith(".py"):
        hint = f"write {Path(module).stem}:{attribute or 'make'}"
    raise UnknownSubject(f"subject must be a shipped name or module:attribute, got {name!r}; {hint}")


def load(name: str) -> Subject:
    """The subject that goes by ``name``: a shipped one, or ``module:attribute`` from the current folder or the path.

    Raises:
        UnknownSubject: the name is neither.
        SubjectError: the module cannot be imported, or has no such attribute.
    """
    if name in SHIPPED:
        shipped = SHIPPED[name]
        version = version_of(shipped.distribution)
        if not version:
            raise SubjectError(f"subject {name} needs {shipped.distribution}: pip install {shipped.distribution}")
        loaded = from_make(_import(name, shipped.target), name)
        return replace(loaded, convention=shipped.convention, version=version)
    is_known(name)
    return from_make(_import(name, name), name)


def origin(subject: Subject) -> tuple[str, str]:
    """The module that a subject is imported from, and its name there; an empty module where nobody can import it."""
    target = SHIPPED[subject.name].target if subject.name in SHIPPED else subject.name
    module, _, attribute = target.partition(":")
    if attribute:
        return module, attribute
    module, name = str(getattr(subject.make, "__module__", "")), str(getattr(subject.make, "__qualname__", "make"))
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is subject.make and module != "__main__" else ("", "make")


def _import(name: str, target: str) -> Make:
    module, _, attribute = target.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        loaded: Any = importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise SubjectError(f"subject {name}: importing {module} failed: {described(error)}") from error
    for part in attribute.split("."):
        try:
            there = hasattr(loaded, part)
        except Exception as error:
            raise SubjectError(f"subject {name}: {described(error)}") from error
        if not there:
            close = get_close_matches(part, dir(loaded), 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise SubjectError(f"subject {name}: {module} has no {part!r}{hint}")
        loaded = getattr(loaded, part)
    return loaded  # type: ignore[no-any-return]


def described(error: BaseException) -> str:
    """An exception in one line: its class, its message, and the line of the subject, or of its library, that raised."""
    text = " ".join(str(error).split()) or "no message"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen")
        and _HERE not in Path(frame.filename).parents
        and "importlib" not in Path(frame.filename).parts
    ]
    own = [frame for frame in frames if not {"site-packages", "dist-packages"} & set(Path(frame.filename).parts)]
    last = (own or frames)[-1:]
    place = f" ({last[0].filename}:{last[0].lineno})" if last else ""
    return f"{type(error).__name__}: {text[:400]}{place}"
