"""The judge under a name that no other project has.

For projects that have a package named `conformance` of their own:

    from adamref_conformance import parametrize

is `from conformance import parametrize` wherever that name is ours. If the current folder or the
path has another package of that name, `import conformance` still finds theirs, and the judge is
loaded under a second name. That works because its modules import each other by relative names.
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

# Installed, this file lies next to the package. In a checkout it has a folder in the package to
# itself, so that it alone is on the path.
_HERE = Path(__file__).parent
_PACKAGE = _HERE.parent if _HERE.name == "alias" else _HERE / "conformance"
_OURS = _PACKAGE / "__init__.py"
_SECOND_NAME = "_adamref_conformance"


def __getattr__(name: str) -> Any:
    # `pytest -p adamref_conformance` reads this name, and gets our options.
    if name == "pytest_plugins":
        return [f"{_judge().__name__}.pytest_plugin"]
    if name.startswith("__"):
        raise AttributeError(f"adamref_conformance has no {name!r}")
    return getattr(_judge(), name)


def main() -> int:
    """Run the command line."""
    return int(import_module(f"{_judge().__name__}.cli").supervised_main())


@cache
def _judge() -> ModuleType:
    """Return the package `conformance` that came with this file."""
    if _conformance_is_ours():
        return import_module("conformance")
    spec = util.spec_from_file_location(
        _SECOND_NAME, _OURS, submodule_search_locations=[str(_PACKAGE)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    # Its modules look their package up while they are loaded, so it must be registered before.
    sys.modules[_SECOND_NAME] = module
    spec.loader.exec_module(module)
    return module


def _conformance_is_ours() -> bool:
    """Return whether `import conformance` finds the package that came with this file."""
    loaded = sys.modules.get("conformance")
    # The current folder counts even if it is not on the path yet: subjects come from there.
    spec = loaded.__spec__ if loaded else PathFinder.find_spec("conformance", ["", *sys.path])
    return bool(spec and spec.origin and Path(spec.origin).resolve() == _OURS.resolve())


if __name__ == "__main__":
    sys.exit(main())
