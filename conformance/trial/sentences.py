"""Sentences: a failure in one line, and several mistakes in one phrase."""

from collections.abc import Sequence

import numpy as np

from ..vectors.storage import WIDE
from .comparison import EQUATIONS, PERMITTED_WORDS, Comparison, Discrepancy
from .outcomes import Permitted

# Of mistakes that explain the same, more than these make no sentence.
_MOST_MISTAKES = 3


def list_mistakes(mistakes: Sequence[str]) -> str:
    """Return the first of several mistakes that explain the same, each a phrase."""
    return " or ".join(mistakes[:_MOST_MISTAKES])


def failure_line(comparison: Comparison) -> str:
    """Return a failure in one line: where, what, and by how much."""
    vector = comparison.vector
    discrepancy = comparison.discrepancy
    if discrepancy is None:
        return f"{vector.id}: {comparison.reason}"
    equation = EQUATIONS[discrepancy.quantity]
    dtype = vector.dtype
    # Beside parameters of half precision moments may have more digits.
    if vector.is_about_storage and discrepancy.quantity != "params":
        dtype = WIDE
    got = _number(discrepancy.got, dtype)
    permitted = _permitted_text(discrepancy, dtype)
    return f"{vector.id} step {discrepancy.step} {equation}: got {got}, permitted {permitted}"


def _permitted_text(discrepancy: Discrepancy, dtype: str) -> str:
    if discrepancy.permitted is not Permitted.INTERVAL:
        return PERMITTED_WORDS[discrepancy.permitted]
    interval = f"{_number(discrepancy.lo, dtype)} to {_number(discrepancy.hi, dtype)}"
    # An infinite or undefined distance says nothing that the numbers do not.
    if not np.isfinite(discrepancy.ulps):
        return interval
    return f"{interval}, {discrepancy.ulps:.3g} units in the last place off"


def _number(value: float, dtype: str) -> str:
    """Return the shortest decimal that tells the number in its format."""
    return str(np.dtype(dtype).type(value))
