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
from .half import MODULES as HALF_MODULES
from .kit.editable import EditableAdam
from .options import accumulation, groups, loss_scale, overflow

_MODULES: tuple[ModuleType, ...] = (
    bias_correction,
    counting,
    moments,
    denominator,
    amsgrad,
    decay,
    clip,
    contract,
    accumulation,
    groups,
    loss_scale,
    overflow,
    saving,
    numeric,
    sparse_slices,
    sparse,
    *HALF_MODULES,
)
# Every defect that these modules define, in the order of their text.
DEFECTS: tuple[Defect, ...] = tuple(
    value for module in _MODULES for value in vars(module).values() if isinstance(value, Defect)
)

# Real defects that no subject can express. For example, B21 needs several processes.
# Why -> their numbers in the catalogue, apart by spaces.
_NUMBERS_BY_REASON = {
    # What a run consists of.
    "all parameters of a run have one dtype and one device": "B16 B62 B85 N21 A17 A30 A34",
    "one process takes the steps": "B21",
    # What the judge passes to a subject.
    "gradients are final: nothing computes them again from a loss": "B68 A23",
    "arrays are copies, which nobody else uses again": "B41",
    "vectors set no number that may be refused": "A01 A02 C26 A28 A29",
    "it is a matter of a library's own interface": (
        "A03 A06 A07 A08 A09 A10 A14 A15 A18 A19 A20 A24 A33 C25"
    ),
    # What the judge compares.
    "right Adams may do it": "C16 N12 N23",
    "t is wrong only after a skipped step, where nobody asks for it": "B24",
    "no formula of it is known": "N20",
    "moments are floats, not codes": "N16 N17",
    "after an infinity nothing is compared": "N04",
}
INEXPRESSIBLE: dict[str, str] = {
    number: reason for reason, numbers in _NUMBERS_BY_REASON.items() for number in numbers.split()
}


def __getattr__(name: str) -> type[EditableAdam]:
    """Return a wrong Adam as a subject, so that ``conformance.defects:bias_none`` is one."""
    # The command line loads a subject by the name of a module and of its attribute.
    for defect in DEFECTS:
        if defect.make.__name__ == name:
            return defect.make
    raise AttributeError(
        f"conformance.defects has no {name!r}; `adamref list defects` shows what it has"
    )
