"""adamref: the Adam that other Adams are measured with. Start at `adamref.step`."""

from .adam import Adam
from .config import AdamConfig
from .convention import CONVENTIONS, Arithmetic, Convention
from .gradient import gather
from .sparse import IndexedSlices
from .state import AdamState, initial
from .step import step
from .variable import Variable

__all__ = [
    "CONVENTIONS",
    "Adam",
    "AdamConfig",
    "AdamState",
    "Arithmetic",
    "Convention",
    "IndexedSlices",
    "Variable",
    "gather",
    "initial",
    "step",
]
__version__ = "0.1.0"
