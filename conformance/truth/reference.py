"""The only door from the judge to the oracle, configuration and conventions of adamref."""

from adamref.config import AdamConfig
from adamref.convention import AXES, DEFAULT_EPSILON, Arithmetic, Convention, Format
from adamref.named_conventions import ARITHMETICS, CONVENTIONS
from adamref.oracle import start, trajectory
from adamref.oracle.records import (
    Exact,
    ExactCall,
    ExactSlices,
    Memory,
    Outcome,
    RowMemory,
    Split,
    Summed,
)

__all__ = [
    "ARITHMETICS",
    "AXES",
    "CONVENTIONS",
    "DEFAULT_EPSILON",
    "AdamConfig",
    "Arithmetic",
    "Convention",
    "Exact",
    "ExactCall",
    "ExactSlices",
    "Format",
    "Memory",
    "Outcome",
    "RowMemory",
    "Split",
    "Summed",
    "start",
    "trajectory",
]
