"""Wrong Adams: a right one with one line changed, as somebody once shipped it.

The suite must reject them all. They measure it, and they are exercises: read `what`, guess which vector finds it, run
`adamref check conformance.defects:bias_none`.
"""

from .clip import CLIP
from .contract import CONTRACT
from .decay import DECAY
from .defect import Defect
from .formula import FORMULA
from .kit.editable import Plain
from .numeric import NUMERIC
from .sparse import SPARSE

DEFECTS: tuple[Defect, ...] = (*FORMULA, *DECAY, *CLIP, *CONTRACT, *NUMERIC, *SPARSE)


def __getattr__(name: str) -> type[Plain]:
    """A wrong Adam as a subject: ``conformance.defects:bias_none``."""
    for one in DEFECTS:
        if one.make.__name__ == name:
            return one.make
    raise AttributeError(
        f"conformance.defects has no {name!r}; `adamref list defects` shows what it has"
    )
