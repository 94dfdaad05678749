"""The oracle: Adam in 80-digit decimals, written from the paper and not from `adamref.step`. Start with `exact`.

It shares only configuration and convention with the reference, so that a mistake in one is seen by the other.
"""

from .exact import DIGITS, nearest, start, trajectory
from .records import Call, Exact, Memory, Outcome, Slices, Split, Summed

__all__ = [
    "DIGITS",
    "Call",
    "Exact",
    "Memory",
    "Outcome",
    "Slices",
    "Split",
    "Summed",
    "nearest",
    "start",
    "trajectory",
]
