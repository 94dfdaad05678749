"""Wrong Adams: right Adams with one wrong piece, each a bug that somebody shipped or could have.

The suite must reject them all. They measure it, and they are exercises: read `what`, guess which
vector finds it, run `adamref check conformance.defects:bias_none`. README.md says how to add one.
"""

from types import ModuleType

from . import (
    amsgrad,
    bias_correction,
    clip,
    contract,
    counting,
    decay,
    denominator,
    moments,
    numeric,
    saving,
    sparse,
    sparse_slices,
)
from .defect import Defect
from .kit.editable import EditableAdam

_MODULES: tuple[ModuleType, ...] = (
    bias_correction,
    counting,
    moments,
    denominator,
    amsgrad,
    decay,
    clip,
    contract,
    saving,
    numeric,
    sparse_slices,
    sparse,
)
# Every defect that these modules define, in the order of their text.
DEFECTS: tuple[Defect, ...] = tuple(
    value for module in _MODULES for value in vars(module).values() if isinstance(value, Defect)
)


def __getattr__(name: str) -> type[EditableAdam]:
    """Return a wrong Adam as a subject, so that ``conformance.defects:bias_none`` is one."""
    # The command line loads a subject by the name of a module and of its attribute.
    for defect in DEFECTS:
        if defect.make.__name__ == name:
            return defect.make
    raise AttributeError(
        f"conformance.defects has no {name!r}; `adamref list defects` shows what it has"
    )
