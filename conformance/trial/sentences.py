"""Failures and mistakes in a line."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .compare import DUE, EQUATIONS, Comparison, Discrepancy


def in_words(mistakes: Sequence[str]) -> str:
    """The first of several mistakes that explain the same, each a sentence."""
    return " or ".join(mistakes[:3])


def in_a_line(one: Comparison) -> str:
    """A failure in one line: where, what, and by how much."""
    if one.discrepancy is None:
        return f"{one.vector.id}: {one.reason}"
    d, kind = one.discrepancy, np.dtype(one.vector.dtype).type
    return f"{one.vector.id} step {d.step} {EQUATIONS[d.of]}: got {kind(d.got)!s}, permitted {_permitted(d, kind)}"


def _permitted(d: Discrepancy, kind: Any) -> str:
    if d.due != "interval":
        return DUE[d.due]
    off = f", {d.ulps:.3g} units in the last place off" if np.isfinite(d.ulps) else ""
    return f"{kind(d.lo)!s} to {kind(d.hi)!s}{off}"
