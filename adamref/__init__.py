"""adamref: the Adam that other Adams are measured with. Start at `adamref.step`."""

from .adam import Adam
from .config import AdamConfig
from .convention import CONVENTIONS, Arithmetic, Convention
from .sparse import IndexedSlices
from .state import AdamState, initial
from .step import step

__all__ = [
    "CONVENTIONS",
    "Adam",
    "AdamConfig",
    "AdamState",
    "Arithmetic",
    "Convention",
    "IndexedSlices",
    "initial",
    "step",
]
__version__ = "0.1.0"
