"""The judge of adamref: `check(make)` says whether an Adam is right, whose it is, and where it goes wrong."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .judge import Report, check
    from .subject import Unsupported

__all__ = ["Report", "Unsupported", "check"]


def __getattr__(name: str) -> Any:
    """Load the judge when it is first asked for, so that the command line answers at once."""
    if name in ("Report", "check"):
        from . import judge

        return getattr(judge, name)
    if name == "Unsupported":
        from .subject import Unsupported

        return Unsupported
    raise AttributeError(f"conformance has no {name!r}; it has {', '.join(__all__)}")
