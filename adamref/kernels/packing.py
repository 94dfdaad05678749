"""Weights of halves, one element at a time: `halves.packing` in operations that backends supply."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..halves.packing import QUIET_NAN as _QUIET_NAN
from ..halves.packing import UPPER
from .element import Operations

# dtype of what is kept besides a half -> weights of a `Storage`; in the dtype of the half they are
# compensated.
_WEIGHTS = {"float32": "master", "uint16": "split"}
# Of 32 bits, for compilers that take Python's numbers for wider ones.
LOWER_BITS = np.uint32((1 << UPPER) - 1)
UPPER_BITS = ~LOWER_BITS
QUIET_NAN = np.uint32(_QUIET_NAN)
ZERO = np.float32(0)


class HalfOperations(NamedTuple):
    """What packing needs of a backend.

    Fields:
        rounded: float32 -> the nearest half, as float32.
        bits: float32 -> its bits, uint32.
        number: bits -> the float32.
    """

    rounded: Callable[[Any], Any]
    bits: Callable[[Any], Any]
    number: Callable[[Any], Any]


class Packing(NamedTuple):
    """Two functions of one element.

    Fields:
        unpack: (param, kept) -> the weight, float32. Halves have been widened.
        pack: weight -> param, kept, each of which a store rounds to its format.
    """

    unpack: Callable[..., Any]
    pack: Callable[..., Any]


def packing(kept: str | None, operations: Operations, halves: HalfOperations) -> Packing:
    """Return the two functions for what is kept in the dtype ``kept``; None is nothing."""
    weights = "rounded" if kept is None else _WEIGHTS.get(kept, "compensated")
    if weights == "split":
        return _split(halves)
    if weights == "compensated":
        return _compensation(operations, halves)

    # What is kept of a rounded weight is never stored.
    def unpack_param(param, kept):  # noqa: ARG001
        return param

    def unpack_kept(param, kept):  # noqa: ARG001
        return kept

    def pack(weight):
        return weight, weight

    return Packing(unpack_kept if weights == "master" else unpack_param, pack)


def _split(halves: HalfOperations) -> Packing:
    _, bits, number = halves

    def unpack(param, kept):
        return number(bits(param) | kept)

    def pack(weight):
        whole = bits(weight)
        # The lower bits may be all that tells a NaN from an infinity.
        whole = whole | QUIET_NAN if weight != weight else whole
        return number(whole & UPPER_BITS), np.uint32(whole & LOWER_BITS)

    return Packing(unpack, pack)


def _compensation(operations: Operations, halves: HalfOperations) -> Packing:
    add = operations.add
    sub = operations.sub
    rounded = halves.rounded

    def unpack(param, kept):
        return add(param, kept)

    def pack(weight):
        param = rounded(weight)
        lost = sub(weight, param)
        # Nothing makes up for an infinite parameter.
        is_finite = sub(lost, lost) == ZERO
        return param, lost if is_finite else ZERO

    return Packing(unpack, pack)
