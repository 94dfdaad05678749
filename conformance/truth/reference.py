"""The only door from the judge to adamref: its oracle, configuration and conventions."""

from adamref.config import AdamConfig
from adamref.convention import AXES, DEFAULT_EPSILON, Arithmetic, Convention, Format
from adamref.named_conventions import ARITHMETICS, CONVENTIONS
from adamref.oracle import start, trajectory
from adamref.oracle.records import Call, Exact, Memory, Outcome, Slices, Split, Summed

__all__ = [
    "ARITHMETICS",
    "AXES",
    "CONVENTIONS",
    "DEFAULT_EPSILON",
    "AdamConfig",
    "Arithmetic",
    "Call",
    "Convention",
    "Exact",
    "Format",
    "Memory",
    "Outcome",
    "Slices",
    "Split",
    "Summed",
    "start",
    "trajectory",
]
