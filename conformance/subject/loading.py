"""Loading: a subject is found by its name, a shipped one or ``module:attribute``."""

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from ..process.signals import from_outside
from .folder import hidden_modules, import_from_folder
from .guard import guard
from .kinds import adapt, kind_of, read_settings, written
from .messages import describe, shown, text_or
from .program.connect import HERE, Running, connect, is_program, isolate, require_readable
from .program.respondent import Respondent
from .shipped import SHIPPED
from .subject import Make, Subject, SubjectError, from_make


class UnknownSubject(Exception):
    """No subject has this name."""


def as_subject(
    make: "Make | Subject | str", name: str | None = None, running: Running = HERE
) -> Subject:
    """Return the subject that is meant by a Subject, a name, or the function that starts a run.

    Args:
        make: also an optimizer class of a known kind, or a functools.partial of it.
        name: of a subject that has none of its own; None is the name of the function or class.
        running: whether it gets a process of its own, and the limits of a program.

    Raises:
        UnknownSubject: a name has no known form.
        SubjectError: it cannot be loaded, or cannot be a subject; or it shall have a process of its
            own, in which nobody can import it.
    """
    if isinstance(make, str):
        return load(make, running)
    subject = make if isinstance(make, Subject) else _subject_of(make, name, {})
    if not running.isolate or isinstance(subject.make, Respondent):
        return subject
    target = subject.written or ":".join(origin(subject))
    if target.startswith(":"):
        raise SubjectError(
            f"subject {subject.name} must be importable for a process of its own; define it at the "
            "top of a module"
        )
    return replace(load(target, running), name=subject.name)


def installed_subjects() -> list[str]:
    """Return the shipped subjects whose library is installed, without importing it.

    Subjects that must be alone in a process, or need a device, are left out.
    """
    return [
        name
        for name, shipped in SHIPPED.items()
        if not shipped.alone and version_of(shipped.distribution)
    ]


def version_of(distribution: str) -> str:
    """Return the installed version, or an empty string."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def require_known(name: str) -> None:
    """Raise UnknownSubject unless ``name`` is of a form that can be loaded."""
    try:
        if is_program(name):
            require_readable(name)
            return
        target = read_settings(name).target
    except ValueError as error:
        raise UnknownSubject(f"{error}, in the name {name!r} of a subject") from None
    module, _, attribute = target.partition(":")
    is_file = module.endswith(".py")
    is_module = not is_file and all(part.isidentifier() for part in module.split("."))
    if name in SHIPPED or (is_module and attribute):
        return
    # The most likely slip decides the hint: a file for a module, a misspelt name, no idea.
    close = get_close_matches(name, SHIPPED, 1)
    hint = "`adamref list subjects` shows the shipped ones"
    program = name.split()[:1] or [""]
    if is_file:
        hint = f"write {Path(module).stem}:{attribute or 'make'}"
    elif not attribute and Path(f"{name}.py").is_file():
        hint = f"{name}.py is here: write {name}:NAME, with the class or function in it"
    elif "/" in program[0] and Path(program[0]).is_file():
        hint = f"for a program that speaks the line protocol write cmd:{name}"
    elif close:
        hint = f"did you mean {close[0]}?"
    elif is_module and "." in module and not attribute:
        path, _, last = module.rpartition(".")
        hint = f"a class or function has a colon before it: {path}:{last}"
    raise UnknownSubject(
        "subject must be a shipped name, module:attribute, cmd:PROGRAM or file:ANSWERS, "
        f"got {name!r}; {hint}"
    )


def load(name: str, running: Running = HERE) -> Subject:
    """Return the subject with this name.

    Args:
        name: of a shipped subject, or ``module:attribute``; the module is looked for in the
            current folder, then on Python's path. The folder comes last on the path. A class of a
            known kind may have settings, as ``torch.optim:Adam(fused=True)``. Or `cmd:` and a
            command, or `file:` and a file of answers.
        running: whether a Python subject gets a process of its own, and the limits of a program.

    Raises:
        UnknownSubject: the name is neither.
        SubjectError: the module cannot be imported, or has no such attribute.
    """
    require_known(name)
    if is_program(name):
        return connect(name, running)
    if running.isolate:
        return isolate(name, running)
    if name in SHIPPED:
        shipped = SHIPPED[name]
        version = version_of(shipped.distribution)
        # Found out here, because the error of the import would name a module of ours.
        if not version:
            raise SubjectError(
                f"subject {name} needs {shipped.distribution}: pip install {shipped.distribution}"
            )
        _require_visible(name, shipped.distribution)
        # The name is ours; what the adapter declares beyond it is its own.
        loaded = from_make(_import(name, shipped.target, importlib.import_module), name)
        # An earlier subject may have put the folder in front on the path.
        _require_visible(name, shipped.distribution)
        return replace(loaded, convention=shipped.convention, version=version)
    target, settings = read_settings(name)
    return _subject_of(_import(name, target, import_from_folder), name, settings)


def _subject_of(made: Any, name: str | None, settings: Mapping[str, Any]) -> Subject:
    """Return the subject that a function is, or a class of a known kind through its adapter."""
    with guard():
        kind = kind_of(made)
        if kind is None and not settings and kind_of(type(made)) is None:
            return from_make(made, name)
        own = name or text_or("", lambda: made.__name__)
        label = own or written(made, settings) or shown(made)
        if kind is None and kind_of(type(made)) is not None:
            raise SubjectError(
                f"subject {label} must be the class or function that makes an optimizer, because "
                f"each vector has other numbers; got an object of {type(made).__name__}"
            )
        if kind is None:
            raise SubjectError(
                f"subject {label} must be a class of a known kind to have settings in parentheses; "
                "it is called as make(params, learning_rate, ...)"
            )
        try:
            make = adapt(made, kind, settings)
        except SubjectError as error:
            raise SubjectError(f"subject {label}: {error}") from error
        except BaseException as error:
            if from_outside(error):
                raise
            raise SubjectError(f"subject {label}: {describe(error)}") from error
        return replace(from_make(make, label), written=written(made, settings))


def origin(subject: Subject) -> tuple[str, str]:
    """Return the module that a script can import a subject from, and its name there.

    The module is empty if nobody can import it: a local function, or one of the main program.
    """
    target = subject.served or subject.name
    if target in SHIPPED:
        target = SHIPPED[target].target
    if is_program(target):
        return "", "make"
    module, _, attribute = target.partition(":")
    # A name with a colon was loaded from there.
    if attribute:
        return module, attribute
    module = text_or("", lambda: subject.make.__module__)
    name = text_or("make", lambda: subject.make.__qualname__)
    importable = module != "__main__" and _leads_to(module, name, subject.make)
    return (module, name) if importable else ("", "make")


def _leads_to(module: str, name: str, make: Make) -> bool:
    """Return whether a script that imports this name gets the same function."""
    found: Any = sys.modules.get(module)
    try:
        for part in name.split("."):
            found = getattr(found, part, None)
    except BaseException as error:
        # Looking up an attribute may run code of the subject.
        if from_outside(error):
            raise
        return False
    return found is make


def _require_visible(name: str, distribution: str) -> None:
    """Raise SubjectError if a file of the user is loaded in the place of the library."""
    if hidden := hidden_modules(distribution):
        raise SubjectError(
            f"subject {name} needs the installed {hidden[0]}, but a file of this name in the "
            "current folder is loaded; rename it, or check this subject alone"
        )


def _import(name: str, target: str, import_module: Callable[[str], ModuleType]) -> Make:
    """Return the attribute of a module; ``name`` is the subject, for errors."""
    module, _, attribute = target.partition(":")
    failure = f"importing {module} failed: "
    with guard():
        try:
            loaded = import_module(module)
            # Looking up an attribute may run code of the module, too.
            failure = ""
            return _attribute(loaded, attribute)
        except _NoAttribute as error:
            raise SubjectError(f"subject {name}: {module} has no {error}") from None
        except BaseException as error:
            if from_outside(error):
                raise
            raise SubjectError(f"subject {name}: {failure}{describe(error)}") from error


class _NoAttribute(Exception):
    """No attribute has this name; the message goes on with similar names."""


def _attribute(loaded: Any, path: str) -> Make:
    """Return the attribute at the end of a path such as ``Class.make``; it may run code."""
    for part in path.split("."):
        if not hasattr(loaded, part):
            names = [name for name in dir(loaded) if isinstance(name, str)]
            close = get_close_matches(part, names, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise _NoAttribute(f"{part!r}{hint}")
        loaded = getattr(loaded, part)
    return loaded  # type: ignore[no-any-return]
