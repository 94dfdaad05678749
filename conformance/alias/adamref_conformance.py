"""The judge under a name that no other project has, for projects with a package named `conformance` of their own.

    from adamref_conformance import parametrize

is `from conformance import parametrize` wherever that name is ours. Where the current folder or the path has another
package of that name, theirs stays what `import conformance` finds, and the judge is loaded beside it from where it is
installed. Its modules import each other by relative names, so that they work under any.
"""

import sys
from functools import cache
from importlib import import_module, util
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance import *  # noqa: F403

# Installed, this file is beside the package; in a checkout in a folder of it, so that it alone is on the path.
_HERE = Path(__file__).parent
_OURS = (_HERE.parent if _HERE.name == "alias" else _HERE / "conformance") / "__init__.py"
_BESIDE = "_adamref_conformance"


def __getattr__(name: str) -> Any:
    if (
        name == "pytest_plugins"
    ):  # so that `pytest -p adamref_conformance` has the options of conformance.pytest_plugin
        return [f"{_judge().__name__}.pytest_plugin"]
    if name.startswith("__"):
        raise AttributeError(f"adamref_conformance has no {name!r}")
    return getattr(_judge(), name)


def main() -> int:
    """The command line."""
    return int(import_module(f"{_judge().__name__}.cli").main())


@cache
def _judge() -> ModuleType:
    """The package `conformance` that came with this file."""
    taken = sys.modules.get("conformance")
    # The current folder counts even if it is not on the path yet: a subject named module:attribute comes from there.
    spec = taken.__spec__ if taken else PathFinder.find_spec("conformance", ["", *sys.path])
    if spec is not None and spec.origin and Path(spec.origin).resolve() == _OURS.resolve():
        return import_module("conformance")
    beside = util.spec_from_file_location(
        _BESIDE, _OURS, submodule_search_locations=[str(_OURS.parent)]
    )
    assert beside is not None
    assert beside.loader is not None
    module = sys.modules[_BESIDE] = util.module_from_spec(beside)
    beside.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
