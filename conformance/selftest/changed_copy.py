"""A second copy of adamref with one place changed, loaded under another name.

Nothing is written to disk, and the package `adamref` stays unchanged: a finder reads the source
files of adamref again, as modules of a package `adamref_changed_<number>`.
"""

import ast
import importlib
import sys
from functools import cache, lru_cache
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import count
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from ..subject.subject import Unsupported
from ..truth.point import Point
from .mutants import RULE, Mutant, PlaceChanger, folder_of_reference

# Each copy needs a name of its own, because Python keeps modules by their names.
_NUMBERS = count()


class ChangedCopy(NamedTuple):
    """The modules of a changed adamref that start a run."""

    adam: ModuleType
    config: ModuleType
    convention: ModuleType


def changed_adam(mutant: Mutant, point: Point) -> Any:
    """Return a subject's `make` that starts the changed reference at a point."""
    copy = _load(mutant)

    def make(
        params: Any,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        groups: Any = (),
        **switches: Any,
    ) -> Any:
        # The copy has classes of its own.
        convention = copy.convention.Convention(**point.values)
        arithmetic = copy.convention.Arithmetic.parse(point.arithmetic.code)
        try:
            config = copy.config.AdamConfig(
                learning_rate=learning_rate,
                beta1=beta1,
                beta2=beta2,
                epsilon=epsilon,
                **switches,
            )
            return copy.adam.Adam(params, config, convention, arithmetic, groups=groups)
        except ValueError as error:
            raise Unsupported(str(error)) from None

    make.supports = {"none", "sparse", "float16", "loss_scale"}  # type: ignore[attr-defined]
    return make


# A search runs one mutant at many points; older copies are never needed again.
@lru_cache(maxsize=1)
def _load(mutant: Mutant) -> ChangedCopy:
    package = f"adamref_changed_{next(_NUMBERS)}"
    finder: Any = _Finder(package, mutant)
    sys.meta_path.insert(0, finder)
    try:
        modules = [importlib.import_module(f"{package}.{name}") for name in ChangedCopy._fields]
    finally:
        sys.meta_path.remove(finder)
        # The copy lives on in what is returned; nobody else may import it.
        for name in list(sys.modules):
            if name.partition(".")[0] == package:
                del sys.modules[name]
    return ChangedCopy(*modules)


class _Finder:
    """Finds the modules of one copy of the package."""

    def __init__(self, package: str, mutant: Mutant) -> None:
        self.package = package
        self.mutant = mutant

    def find_spec(
        self,
        fullname: str,
        path: Any = None,
        target: Any = None,
    ) -> ModuleSpec | None:
        """Return where the source of a module of the copy lies; None for other packages."""
        package, *inside = fullname.split(".")
        if package != self.package:
            return None
        place = folder_of_reference().joinpath(*inside)
        is_package = place.is_dir()
        file = place / "__init__.py" if is_package else place.with_suffix(".py")
        if not file.exists():
            return PathFinder.find_spec(fullname, path, target)
        loader = _Loader(fullname, str(file))
        loader.mutant = self.mutant
        folders = [str(place)] if is_package else None
        return spec_from_file_location(
            fullname, file, loader=loader, submodule_search_locations=folders
        )


class _Loader(SourceFileLoader):
    """Loads a module of the copy; the module of the mutant with its place changed."""

    mutant: Mutant

    def get_code(self, fullname: str) -> Any:
        module = fullname.partition(".")[2]
        if module != self.mutant.module:
            return _code_of(self.path)
        tree = ast.parse(self.get_data(self.path))
        tree = PlaceChanger(RULE[module], self.mutant).visit(tree)
        ast.fix_missing_locations(tree)
        return self.source_to_code(tree, self.path)


# The same for every copy: code has no state.
@cache
def _code_of(path: str) -> CodeType:
    return InspectLoader.source_to_code(Path(path).read_bytes(), path)
