"""adamref: the Adam that other Adams are measured with. Start at `adamref.step`."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from .adam import Adam
from .config import AdamConfig
from .convention import Arithmetic, Convention
from .gradients.indexed_slices import IndexedSlices
from .halves.storage import Storage
from .named_conventions import CONVENTIONS
from .state import AdamState, initial
from .step import step
from .variables.tape import gather
from .variables.variable import Variable

if TYPE_CHECKING:
    from . import keras, schedule, tf1

__all__ = [
    "CONVENTIONS",
    "Adam",
    "AdamConfig",
    "AdamState",
    "Arithmetic",
    "Convention",
    "IndexedSlices",
    "Storage",
    "Variable",
    "gather",
    "initial",
    "keras",
    "schedule",
    "step",
    "tf1",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    """Return a module of the two seed APIs, loaded when it is first asked for."""
    if name in ("keras", "schedule", "tf1"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"adamref has no {name!r}; it has {', '.join(__all__)}")
