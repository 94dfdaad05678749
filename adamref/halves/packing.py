"""Packing: a float32 weight as a parameter of half precision and what is kept besides it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# A bfloat16 is the upper 16 bits of a float32.
UPPER = 16
QUIET_NAN = 0x00400000  # a bit that survives the cut, so that a NaN stays a NaN


class Packed(NamedTuple):
    """A parameter and what is kept besides it; None if nothing is."""

    param: Array
    kept: Array | None


@np.errstate(all="ignore")
def first_kept(weights: str, param: Array) -> Array | None:
    """Return what is kept besides a parameter before the first step.

    Args:
        weights: as in `Storage`.
        param: of half precision.

    Returns:
        The parameter in float32 for `master`; zeros for `split` and `compensated`; else None.
    """
    if weights == "master":
        return param.astype(np.float32)
    if weights == "split":
        return np.zeros(param.shape, np.uint16)
    return np.zeros(param.shape, param.dtype) if weights == "compensated" else None


@np.errstate(all="ignore")
def unpack_weight(weights: str, param: Array, kept: Array | None) -> Array:
    """Return the float32 weight; the arguments are those of `pack_weight` and what it returned.

    Rounding: the sum of `compensated` once; all others are exact.
    """
    if weights == "master":
        assert kept is not None
        return kept
    if weights == "split":
        assert kept is not None
        upper = param.view(np.uint16).astype(np.uint32)
        bits = np.asarray(upper << UPPER | kept)
        return bits.view(np.float32)
    weight = param.astype(np.float32)
    if weights == "compensated":
        assert kept is not None
        weight = weight + kept.astype(np.float32)
    return np.asarray(weight)


@np.errstate(all="ignore")
def pack_weight(weights: str, weight: Array, dtype: "np.dtype[Any]") -> Packed:
    """Return the parameter and what is kept.

    Args:
        weights: as in `Storage`.
        weight: float32.
        dtype: of the parameter, of half precision.

    A NaN stays a NaN. Nothing makes up for an infinite parameter: the compensation of an infinity
    or a NaN is 0, so an overflow of the parameter is an infinity from then on.

    Rounding: the parameter to nearest, ties to even, but for `split`, which truncates; what is
        kept of `compensated` is subtracted in float32 and rounded once to ``dtype``.
    """
    if weights == "split":
        bits = np.asarray(weight).view(np.uint32)
        bits = np.where(np.isnan(weight), bits | QUIET_NAN, bits)
        upper = np.asarray(bits >> UPPER).astype(np.uint16)
        # The cast keeps the lower 16 bits.
        return Packed(upper.view(dtype), bits.astype(np.uint16))
    param = np.asarray(weight).astype(dtype)
    if weights == "master":
        return Packed(param, np.asarray(weight))
    if weights == "compensated":
        rounded = param.astype(np.float32)
        lost = np.where(np.isfinite(rounded), weight - rounded, 0)
        return Packed(param, lost.astype(dtype))
    return Packed(param, None)
