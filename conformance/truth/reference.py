"""The only door from the judge to the oracle, configuration and conventions of adamref."""

from decimal import Context, Decimal, localcontext
from math import prod

import numpy as np

from adamref.config import AdamConfig
from adamref.convention import AXES, DEFAULT_EPSILON, Arithmetic, Convention, Format
from adamref.named_conventions import ARITHMETICS, CONVENTIONS
from adamref.oracle import start, trajectory
from adamref.oracle.records import (
    Exact,
    ExactCall,
    ExactSlices,
    GivenGradient,
    Memory,
    Outcome,
    RowMemory,
    Split,
    Summed,
)

from ..vectors.slices import Grad, IndexedSlices, values_of

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
    "GivenGradient",
    "Memory",
    "Outcome",
    "RowMemory",
    "Split",
    "Summed",
    "given_gradient",
    "start",
    "trajectory",
]

# Of the quotient of a number of binary64 and a power of two, which is then exact.
_QUOTIENT_DIGITS = 800


def given_gradient(grad: Grad | None, scale: float) -> GivenGradient:
    """Return a gradient for the oracle, divided by a loss scale; what is not finite as zero."""
    if grad is None:
        return None
    array = values_of(grad).astype(np.float64).ravel()
    # Where a gradient is not finite only the class of the result is asked for.
    numbers: list[float | Decimal] = np.where(np.isfinite(array), array, 0).tolist()
    if scale != 1:
        with localcontext(Context(prec=_QUOTIENT_DIGITS)):
            numbers = [Decimal(number) / Decimal(scale) for number in numbers]
    if not isinstance(grad, IndexedSlices):
        return numbers
    rows, *row_shape = grad.dense_shape
    return ExactSlices(numbers, grad.indices.tolist(), rows, prod(row_shape))
