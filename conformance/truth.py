"""The only door from the judge to adamref: its oracle, configuration and conventions."""

from adamref.config import AdamConfig
from adamref.convention import ARITHMETICS, AXES, CONVENTIONS, Arithmetic, Convention
from adamref.oracle import Call, Exact, Memory, Outcome, start, trajectory

__all__ = [
    "ARITHMETICS",
    "AXES",
    "CONVENTIONS",
    "AdamConfig",
    "Arithmetic",
    "Call",
    "Convention",
    "Exact",
    "Memory",
    "Outcome",
    "start",
    "trajectory",
]
