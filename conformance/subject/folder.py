"""Folder: modules of the user in the current folder, which must not hide anybody else's.

A file named xml.py or optax.py in that folder would be imported in the place of the real module, by
the judge and by every library. The folder therefore comes last on the path, and only the module
that the user named is looked for in it first.
"""

import sys
from importlib import import_module, metadata
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path, PurePath
from types import ModuleType

# What the judge imports when it needs it. A subject may change the path, so this is loaded before.
NEEDED = (
    "ast",
    "autograd",
    "concurrent.futures",
    "contextlib",
    "decimal",
    "fastjsonschema",
    "fractions",
    "glob",
    "hashlib",
    "jinja2",
    "json",
    "rich.console",
    "tomlkit",
    "tomllib",
    "xml.etree.ElementTree",
)


def import_from_folder(module: str) -> ModuleType:
    """Import a module: from the current folder, else from Python's path.

    Raises:
        ImportError: it does not exist, or its first name belongs to a module that is loaded.
    """
    for name in NEEDED:
        import_module(name)
    folder = str(Path.cwd())
    _add_to_path(folder)
    top = module.partition(".")[0]
    spec = PathFinder.find_spec(top, [folder])
    # A folder without __init__.py is a package only if nothing else has its name.
    if spec is not None and spec.origin is not None:
        loaded = sys.modules.get(top)
        if loaded is None:
            _load(spec)
        elif _origin(loaded) != spec.origin:
            raise ImportError(f"{top} must not have the name of a module in use; rename the file")
    return import_module(module)


def _add_to_path(folder: str) -> None:
    # The judge has a second name where the user has a package of its first name. That package must
    # be found, and the judge needs nothing by its first name.
    has_second_name = __name__.startswith("_")
    if has_second_name and sys.path[0] not in ("", folder):
        sys.path.insert(0, folder)
    elif folder not in sys.path and "" not in sys.path:
        sys.path.append(folder)


def _load(spec: ModuleSpec) -> None:
    module = module_from_spec(spec)
    # The module may import itself by its name.
    sys.modules[spec.name] = module
    assert spec.loader is not None
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(spec.name, None)
        raise


def hidden_modules(distribution: str) -> list[str]:
    """Return the modules of an installed library in whose place a file of the user is loaded."""
    folder = Path.cwd()
    elsewhere = [entry for entry in sys.path if entry not in ("", str(folder))]
    hidden = []
    for name, module in list(sys.modules.items()):
        place = Path(_origin(module))
        if "." in name or folder not in (place.parent, place.parent.parent):
            continue
        installed = PathFinder.find_spec(name, elsewhere)
        if installed is not None and installed.origin not in (None, str(place)):
            hidden.append(name)
    # The files of a library are many, and are read only if something is hidden at all.
    if hidden:
        hidden = sorted(_packages_of(distribution).intersection(hidden))
    return hidden


def _origin(module: ModuleType) -> str:
    spec = getattr(module, "__spec__", None)
    return str(getattr(spec, "origin", None) or "")


def _packages_of(distribution: str) -> set[str]:
    files = metadata.files(distribution) or ()
    return {PurePath(file.parts[0]).stem for file in files}
