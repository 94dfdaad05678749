"""Loads and stores of elements by address, in compiled code for processors.

Numba's own arrays would not do, for three reasons: LLVM would have to test at run time that they do
not overlap, a thousand of them cannot be passed at once, and Numba has no arrays of halves.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..halves import BITS, HALF_BITS, narrow, widen
from ..table import STREAMS

# Dtype -> a value; kernels are compiled for the type of the value, which says how an element is
# stored. Numba has no halves: integers of their size stand for them. So uint32 stands for uint16,
# whose elements are computed as uint32. The other values are -inf, with which a maximum begins.
STORAGE: dict[str, Any] = {
    "float32": np.float32(-np.inf),
    "float64": np.float64(-np.inf),
    "float16": np.int16(0),
    "bfloat16": np.uint16(0),
    "uint16": np.uint32(0),
}
_HALVES = {types.int16: "float16", types.uint16: "bfloat16", types.uint32: "uint16"}
# How LLVM sees an element in memory.
_FORMATS = {
    types.float32: ir.FloatType(),
    types.float64: ir.DoubleType(),
    types.int16: HALF_BITS,
    types.uint16: HALF_BITS,
    types.uint32: HALF_BITS,
}
# Types of storages that are not computed in float32.
_WIDE = {types.float64: types.float64, types.uint32: types.uint32}


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def load(typing: Any, address: Any, index: Any, storage: Any, stream: Any) -> Any:
    """Return element ``index`` of the array at ``address``; a half as float32.

    Args:
        typing: Numba's.
        address: of the array.
        index: of the element.
        storage: a value of `STORAGE`.
        stream: column of the array in a table, a literal. The caller has made sure that arrays of
            different streams do not overlap.
    """
    wide = _WIDE.get(storage, types.float32)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        # Elements may lie at any address: an alignment of 1 promises nothing.
        pointer = _pointer(builder, args, storage)
        element = builder.load(pointer, align=1)
        _mark(builder, element, stream.literal_value)
        return widen(builder, _name(storage), element)

    return wide(address, index, storage, stream), codegen


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def store(typing: Any, address: Any, index: Any, storage: Any, stream: Any, value: Any) -> Any:
    """Write element ``index``; the arguments are those of `load`, and the value.

    Rounding: to a half once, to nearest, ties to even.
    """
    wide = _WIDE.get(storage, types.float32)
    if value != wide:
        # Numba then says that there is no such function: a value must not be rounded on its way.
        return None

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *_, number = args
        element = narrow(builder, _name(storage), number)
        pointer = _pointer(builder, args, storage)
        written = builder.store(element, pointer, align=1)
        _mark(builder, written, stream.literal_value)
        return context.get_dummy_value()

    return types.none(address, index, storage, stream, value), codegen


@intrinsic  # type: ignore[untyped-decorator]
def to_half(typing: Any, storage: Any, value: Any) -> Any:
    """Return a float32 as the nearest half of ``storage``, in float32."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        half = narrow(builder, _name(storage), args[1])
        return widen(builder, _name(storage), half)

    return types.float32(storage, types.float32), codegen


@intrinsic  # type: ignore[untyped-decorator]
def to_bits(typing: Any, value: Any) -> Any:
    """Return the bits of a float32."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], BITS)

    return types.uint32(types.float32), codegen


@intrinsic  # type: ignore[untyped-decorator]
def to_number(typing: Any, bits: Any) -> Any:
    """Return the float32 of some bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), codegen


def _name(storage: Any) -> str:
    """Return what `halves` calls a storage; nothing for a number that is loaded as it is."""
    return _HALVES.get(storage, "")


def _pointer(builder: Any, args: Any, storage: Any) -> Any:
    """Return a pointer to the element, from the address and the index in ``args``."""
    pointer = builder.inttoptr(args[0], _FORMATS[storage].as_pointer())
    return builder.gep(pointer, [args[1]])


def _mark(builder: Any, access: Any, stream: int) -> None:
    """Tell LLVM that an access belongs to one stream and touches no other."""
    module = builder.module
    domain = module.add_metadata(["adamref"])
    scopes = [module.add_metadata([f"stream {at}", domain]) for at in range(STREAMS)]
    own = scopes.pop(stream)
    access.set_metadata("alias.scope", module.add_metadata([own]))
    access.set_metadata("noalias", module.add_metadata(scopes))
