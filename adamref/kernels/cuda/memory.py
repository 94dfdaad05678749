"""Loads and stores of the CUDA kernels by address, and operations that name their rounding.

An ordinary Numba array is loaded element by element; here four neighbouring elements are one
access. NVVM would fuse operators into multiply-adds, which round once where the reference rounds
twice.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import cuda
from numba.cuda import libdevice, types
from numba.cuda.extending import intrinsic

from ...dtypes import ITEM_BYTES
from ..element import Operations
from ..halves import BITS, HALF_BITS, narrow, widen
from ..packing import HalfOperations
from .access import ALIGNMENT, LANES, Access

_INDEX = ir.IntType(32)
# NVVM's number of the address space that arrays are in.
GLOBAL = 1


class Stored(NamedTuple):
    """How elements of one dtype are stored.

    Fields:
        dtype: its name.
        element: how LLVM sees an element in memory.
        wide: the Numba type in which it is computed.
        size: bytes of an element.
    """

    dtype: str
    element: Any
    wide: Any
    size: int


_STORED = {
    "int64": Stored("int64", ir.IntType(64), types.int64, 8),
    "float32": Stored("float32", ir.FloatType(), types.float32, ITEM_BYTES["float32"]),
    "float64": Stored("float64", ir.DoubleType(), types.float64, ITEM_BYTES["float64"]),
    "float16": Stored("float16", HALF_BITS, types.float32, ITEM_BYTES["float16"]),
    "bfloat16": Stored("bfloat16", HALF_BITS, types.float32, ITEM_BYTES["bfloat16"]),
    "uint16": Stored("uint16", HALF_BITS, types.uint32, ITEM_BYTES["uint16"]),
}


def function(python: Callable[..., Any]) -> Any:
    """Return a function for kernels to call, always inlined.

    A function that is called must be compiled for a device, and there may be none yet.
    """
    return cuda.jit(python, device=True, inline="always")


def operations(dtype: str) -> Operations:
    """Return the operations of float32 or float64."""
    if dtype == "float32":
        return Operations(
            add=libdevice.fadd_rn,
            sub=libdevice.fsub_rn,
            mul=libdevice.fmul_rn,
            div=libdevice.fdiv_rn,
            sqrt=libdevice.fsqrt_rn,
        )
    return Operations(
        add=libdevice.dadd_rn,
        sub=_dsub_rn,
        mul=libdevice.dmul_rn,
        div=libdevice.ddiv_rn,
        sqrt=libdevice.dsqrt_rn,
    )


@function
def _dsub_rn(a, b):
    # libdevice has no dsub_rn; adding -b has the same bits.
    return libdevice.dadd_rn(a, -b)


def half_operations(dtype: str) -> HalfOperations:
    """Return what packing needs for parameters of ``dtype``."""

    @intrinsic  # type: ignore[untyped-decorator]
    def rounded(typing: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return widen(builder, dtype, narrow(builder, dtype, args[0]))

        return types.float32(types.float32), codegen

    return HalfOperations(rounded, _bits, _number)


@intrinsic  # type: ignore[untyped-decorator]
def _bits(typing: Any, value: Any) -> Any:
    """Return the bits of a float32."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], BITS)

    return types.uint32(types.float32), codegen


@intrinsic  # type: ignore[untyped-decorator]
def _number(typing: Any, bits: Any) -> Any:
    """Return the float32 of some bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), codegen


def access(storage: str) -> Access:
    """Return the access to elements of ``storage``."""
    stored = _STORED[storage]
    wide = stored.wide

    @intrinsic  # type: ignore[untyped-decorator]
    def load(typing: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _pointer(builder, stored, args)
            element = builder.load(pointer, align=stored.size)
            return widen(builder, storage, element)

        return wide(types.int64, types.int64), codegen

    @intrinsic  # type: ignore[untyped-decorator]
    def store(typing: Any, address: Any, index: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            *_, number = args
            pointer = _pointer(builder, stored, args)
            element = narrow(builder, storage, number)
            builder.store(element, pointer, align=stored.size)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, wide), codegen

    load4, store4 = _four(stored)
    return Access(load, store, load4, store4)


def _four(stored: Stored) -> tuple[Any, Any]:
    """Return load4 and store4."""
    # NVVM would split four halves into two accesses. So they are two pairs, each a number of 32
    # bits.
    pairs = stored.element is HALF_BITS
    vector = ir.VectorType(stored.element, LANES)
    if pairs:
        vector = ir.VectorType(BITS, LANES // 2)
    together = types.UniTuple(stored.wide, LANES)
    alignment = min(LANES * stored.size, ALIGNMENT)

    @intrinsic  # type: ignore[untyped-decorator]
    def load4(typing: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _pointer(builder, stored, args, vector)
            loaded = builder.load(pointer, align=alignment)
            elements = [builder.extract_element(loaded, _INDEX(at)) for at in range(vector.count)]
            if pairs:
                elements = _halves_of(builder, elements)
            numbers = [widen(builder, stored.dtype, element) for element in elements]
            return context.make_tuple(builder, together, numbers)

        return together(types.int64, types.int64), codegen

    @intrinsic  # type: ignore[untyped-decorator]
    def store4(typing: Any, address: Any, index: Any, values: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            *_, numbers = args
            elements = []
            for at in range(LANES):
                number = builder.extract_value(numbers, at)
                elements.append(narrow(builder, stored.dtype, number))
            if pairs:
                elements = _pairs_of(builder, elements)
            packed = ir.Constant(vector, ir.Undefined)
            for at, element in enumerate(elements):
                packed = builder.insert_element(packed, element, _INDEX(at))
            pointer = _pointer(builder, stored, args, vector)
            builder.store(packed, pointer, align=alignment)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, together), codegen

    return load4, store4


# A pair of halves is a number of 32 bits; the first half is the lower 16 bits.
_UPPER = BITS(16)


def _halves_of(builder: Any, pairs: list[Any]) -> list[Any]:
    halves = []
    for pair in pairs:
        halves.append(builder.lshr(pair, BITS(0)))
        halves.append(builder.lshr(pair, _UPPER))
    return [builder.trunc(half, HALF_BITS) for half in halves]


def _pairs_of(builder: Any, halves: list[Any]) -> list[Any]:
    wide = [builder.zext(half, BITS) for half in halves]
    highs = [builder.shl(half, _UPPER) for half in wide[1::2]]
    lows = wide[::2]
    return [builder.or_(low, high) for low, high in zip(lows, highs, strict=True)]


def _pointer(builder: Any, stored: Stored, args: Any, vector: Any = None) -> Any:
    """Return a pointer to the element, or to the vector that begins there.

    The address and the index are the first two of ``args``.
    """
    array = builder.inttoptr(args[0], stored.element.as_pointer(GLOBAL))
    element = builder.gep(array, [args[1]])
    if vector is None:
        return element
    return builder.bitcast(element, vector.as_pointer(GLOBAL))
