"""The only door from the judge to adamref: its oracle, configuration and conventions."""

from adamref.config import AdamConfig
from adamref.convention import ARITHMETICS, AXES, CONVENTIONS, DEFAULT_EPSILON, Arithmetic, Convention
from adamref.oracle import start, trajectory
from adamref.oracle_records import Call, Exact, Memory, Outcome, Slices, Split, Summed

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
    "Memory",
    "Outcome",
    "Slices",
    "Split",
    "Summed",
    "start",
    "trajectory",
]
