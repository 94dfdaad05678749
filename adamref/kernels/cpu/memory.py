"""Loads and stores of elements by address, in compiled code for processors.

Numba's arrays would do, but for three things: LLVM would have to test at run time that they do not overlap, a thousand
of them cannot be passed at once, and Numba has none of half precision.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..halves import HALF_BITS, narrowed, widened

# A value whose type says how an element is stored. Numba knows no halves: integers of their size stand for them.
# Of the others the value is what a maximum begins with.
STORAGE: dict[str, Any] = {
    "float32": np.float32(-np.inf),
    "float64": np.float64(-np.inf),
    "float16": np.int16(0),
    "bfloat16": np.uint16(0),
}
_FORMATS = {
    types.float32: ir.FloatType(),
    types.float64: ir.DoubleType(),
    types.int16: HALF_BITS,
    types.uint16: HALF_BITS,
}
_HALVES = {types.int16: "float16", types.uint16: "bfloat16"}


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def load(typing: Any, address: Any, index: Any, storage: Any, stream: Any) -> Any:
    """Element ``index`` of the array at ``address``; halves as float32.

    ``storage`` is one of `STORAGE`, ``stream`` a literal number. Arrays of different streams do not overlap: the caller
    has made sure.
    """
    wide = types.float64 if storage == types.float64 else types.float32

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        found = builder.load(_pointer(builder, args, storage), align=1)
        _mark(builder, found, stream.literal_value)
        return widened(builder, _HALVES.get(storage, ""), found)

    return wide(address, index, storage, stream), codegen


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def store(typing: Any, address: Any, index: Any, storage: Any, stream: Any, value: Any) -> Any:
    """Write element ``index``; the arguments are those of `load`.

    Rounding: to a half once, to nearest, ties to even.
    """
    if value not in (types.float32, types.float64) or (value == types.float64) != (
        storage == types.float64
    ):
        return None

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        given = narrowed(builder, _HALVES.get(storage, ""), args[4])
        _mark(
            builder,
            builder.store(given, _pointer(builder, args, storage), align=1),
            stream.literal_value,
        )
        return context.get_dummy_value()

    return types.none(address, index, storage, stream, value), codegen


def _pointer(builder: Any, args: Any, storage: Any) -> Any:
    pointer = builder.inttoptr(args[0], _FORMATS[storage].as_pointer())
    return builder.gep(pointer, [args[1]])


def _mark(builder: Any, access: Any, stream: int) -> None:
    """Tell LLVM that an access is of one stream and touches no other."""
    module = builder.module
    domain = module.add_metadata(["adamref"])
    scopes = [module.add_metadata([f"stream {at}", domain]) for at in range(6)]
    access.set_metadata("alias.scope", module.add_metadata([scopes[stream]]))
    access.set_metadata(
        "noalias", module.add_metadata([scope for at, scope in enumerate(scopes) if at != stream])
    )
