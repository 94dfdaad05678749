"""How a subject is found by its name: a shipped one, or ``module:attribute``."""

import importlib
import sys
from dataclasses import replace
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from typing import Any

from .shipped import SHIPPED
from .subject import Make, Subject, SubjectError, describe, from_make


class UnknownSubject(Exception):
    """No subject goes by this name."""


def as_subject(make: "Make | Subject | str") -> Subject:
    """The subject that is meant: one already, a name as on the command line, or the function that starts a run."""
    return (
        make
        if isinstance(make, Subject)
        else load(make)
        if isinstance(make, str)
        else from_make(make)
    )


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
    is_module = all(part.isidentifier() for part in module.split(".")) and not module.endswith(
        ".py"
    )
    if name in SHIPPED or (is_module and attribute):
        return
    close = get_close_matches(name, SHIPPED, 1)
    hint = (
        f"did you mean {close[0]}?" if close else "`adamref list subjects` shows the shipped ones"
    )
    if module.endswith(".py"):
        hint = f"write {Path(module).stem}:{attribute or 'make'}"
    raise UnknownSubject(
        f"subject must be a shipped name or module:attribute, got {name!r}; {hint}"
    )


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
            raise SubjectError(
                f"subject {name} needs {shipped.distribution}: pip install {shipped.distribution}"
            )
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
    module, name = (
        str(getattr(subject.make, "__module__", "")),
        str(getattr(subject.make, "__qualname__", "make")),
    )
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
        raise SubjectError(
            f"subject {name}: importing {module} failed: {describe(error)}"
        ) from error
    for part in attribute.split("."):
        try:
            there = hasattr(loaded, part)
        except Exception as error:
            raise SubjectError(f"subject {name}: {describe(error)}") from error
        if not there:
            close = get_close_matches(part, dir(loaded), 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise SubjectError(f"subject {name}: {module} has no {part!r}{hint}")
        loaded = getattr(loaded, part)
    return loaded  # type: ignore[no-any-return]
