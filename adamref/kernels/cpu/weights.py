"""Weights of halves on processors: loads and stores, chosen by the storage of what is kept."""

import operator
from functools import cache
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from ..element import Operations
from ..packing import HalfOperations, Packing, packing
from ..table import KEPT, PARAM
from .memory import load, store, to_bits, to_half, to_number

OPERATIONS = Operations(
    add=operator.add,
    sub=operator.sub,
    mul=operator.mul,
    div=operator.truediv,
    sqrt=np.sqrt,
)
# Type of the storage of what is kept -> its dtype.
_DTYPES = {
    types.float32: "float32",
    types.uint32: "uint16",
    types.int16: "float16",
    types.uint16: "bfloat16",
}
# Type of the storage of a half -> a value of it.
_VALUES = {types.int16: np.int16(0), types.uint16: np.uint16(0)}


def load_weight(to_param: Any, to_kept: Any, i: Any, param: Any, kept: Any) -> Any:
    """Return the weight of element ``i``, float32 or as it is.

    Args:
        to_param: address of the parameter.
        to_kept: address of what is kept besides it.
        i: number of the element.
        param: `STORAGE` of the parameter.
        kept: `STORAGE` of what is kept; None where nothing is.
    """
    raise NotImplementedError("only compiled code calls this")


def store_weight(to_param: Any, to_kept: Any, i: Any, param: Any, kept: Any, weight: Any) -> None:
    """Write a weight as the parameter and what is kept; the arguments are as in `load_weight`."""
    raise NotImplementedError("only compiled code calls this")


@cache
def _packing(param: Any, kept: Any) -> Packing:
    """Return packing for the types of two storages."""
    half = _VALUES.get(param)

    @njit
    def rounded(value):
        return to_half(half, value)

    halves = HalfOperations(rounded, to_bits, to_number)
    chosen = packing(_DTYPES.get(kept), OPERATIONS, halves)
    return Packing(njit(chosen.unpack), njit(chosen.pack))


@overload(load_weight)
def _load_weight(to_param, to_kept, i, param, kept):
    unpack = _packing(param, kept).unpack

    def load_both(to_param, to_kept, i, param, kept):
        element = load(to_param, i, param, PARAM)
        return unpack(element, load(to_kept, i, kept, KEPT))

    def load_one(to_param, to_kept, i, param, kept):
        return load(to_param, i, param, PARAM)

    return load_one if kept == types.none else load_both


@overload(store_weight)
def _store_weight(to_param, to_kept, i, param, kept, weight):
    pack = _packing(param, kept).pack

    def store_both(to_param, to_kept, i, param, kept, weight):
        element, other = pack(weight)
        store(to_param, i, param, PARAM, element)
        store(to_kept, i, kept, KEPT, other)

    def store_one(to_param, to_kept, i, param, kept, weight):
        store(to_param, i, param, PARAM, weight)

    return store_one if kept == types.none else store_both
