"""The judge of adamref.

`check(make)` says whether an Adam is right and where it goes wrong. `identify(make)` says which
convention it follows.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .gate.marks import Conformance, parametrize
    from .identity.identity import Identity
    from .judge.check import check
    from .judge.identify import identify
    from .judge.verdict import Report
    from .subject.program.connect import Running
    from .subject.subject import Unsupported
    from .vectors.slices import IndexedSlices

__all__ = [
    "Conformance",
    "Identity",
    "IndexedSlices",
    "Report",
    "Running",
    "Unsupported",
    "check",
    "identify",
    "parametrize",
]

# Public name -> its module.
_HOMES = {
    "Conformance": "gate.marks",
    "Identity": "identity.identity",
    "IndexedSlices": "vectors.slices",
    "Report": "judge.verdict",
    "Running": "subject.program.connect",
    "Unsupported": "subject.subject",
    "check": "judge.check",
    "identify": "judge.identify",
    "parametrize": "gate.marks",
}


def __getattr__(name: str) -> Any:
    # The judge is loaded at the first use, so that the help of the command line appears at once.
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"conformance has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    # For completion and `help`, which would not see what is loaded late.
    return sorted({*globals(), *__all__})
