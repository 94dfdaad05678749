"""The oracle: Adam in 80-digit decimals, written from the paper and not from `adamref.step`.

It shares only configuration and convention with the reference, so that a mistake in one shows in
the other. Start with `exact`, which walks through the calls; `equations` has one step.
"""

from .exact import DIGITS, start, trajectory
from .records import Exact, ExactCall, ExactSlices, Memory, Outcome, RowMemory, Split, Summed
from .rounded import nearest

__all__ = [
    "DIGITS",
    "Exact",
    "ExactCall",
    "ExactSlices",
    "Memory",
    "Outcome",
    "RowMemory",
    "Split",
    "Summed",
    "nearest",
    "start",
    "trajectory",
]
