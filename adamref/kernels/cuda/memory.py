"""What the CUDA kernels are made of: loads and stores by address, and operations that name their rounding.

An ordinary Numba array is loaded element by element; here four that lie side by side are one access. Operators would be
fused into multiply-adds by NVVM, which rounds once where the reference rounds twice.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import cuda
from numba.cuda import libdevice, types
from numba.cuda.extending import intrinsic

from ..element import Operations
from ..halves import BITS, HALF_BITS, narrowed, widened
from .access import Access

_INDEX = ir.IntType(32)
# Storage -> how it lies in memory, and the Numba type in which it is computed.
_STORED: dict[str, tuple[Any, Any]] = {
    "int64": (ir.IntType(64), types.int64),
    "float32": (ir.FloatType(), types.float32),
    "float64": (ir.DoubleType(), types.float64),
    "float16": (HALF_BITS, types.float32),
    "bfloat16": (HALF_BITS, types.float32),
}
_BYTES = {"int64": 8, "float32": 4, "float64": 8, "float16": 2, "bfloat16": 2}
GLOBAL = 1  # NVVM's number of the address space that arrays are in


def function(python: Callable[..., Any]) -> Any:
    """A function for kernels to call; inlined, for a call would need a device to compile for."""
    return cuda.jit(python, device=True, inline="always")


def operations(dtype: str) -> Operations:
    """The operations of float32 or float64."""
    if dtype == "float32":
        return Operations(
            libdevice.fadd_rn,
            libdevice.fsub_rn,
            libdevice.fmul_rn,
            libdevice.fdiv_rn,
            libdevice.fsqrt_rn,
        )
    return Operations(
        libdevice.dadd_rn, _dsub_rn, libdevice.dmul_rn, libdevice.ddiv_rn, libdevice.dsqrt_rn
    )


@function
def _dsub_rn(a, b):  # type: ignore[no-untyped-def]
    return libdevice.dadd_rn(a, -b)  # libdevice has no dsub_rn


def access(storage: str) -> Access:
    """How elements of ``storage`` are accessed."""
    stored, wide = _STORED[storage]
    size = _BYTES[storage]

    @intrinsic  # type: ignore[untyped-decorator]
    def load(typing: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = builder.load(_pointer(builder, stored, args), align=size)
            return widened(builder, storage, found)

        return wide(types.int64, types.int64), codegen

    @intrinsic  # type: ignore[untyped-decorator]
    def store(typing: Any, address: Any, index: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            given = narrowed(builder, storage, args[2])
            builder.store(given, _pointer(builder, stored, args), align=size)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, wide), codegen

    load4, store4 = _four(storage, stored, wide, size)
    return Access(load, store, load4, store4)


def _four(storage: str, stored: Any, wide: Any, size: int) -> tuple[Any, Any]:
    # NVVM would take four halves as two pairs: it gets pairs, and gives them back in one access.
    pairs = stored is HALF_BITS
    vector, together = (
        ir.VectorType(BITS, 2) if pairs else ir.VectorType(stored, 4),
        types.UniTuple(wide, 4),
    )
    alignment = min(4 * size, 16)

    @intrinsic  # type: ignore[untyped-decorator]
    def load4(typing: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = builder.load(_pointer(builder, stored, args, vector), align=alignment)
            parts = [builder.extract_element(found, _INDEX(at)) for at in range(vector.count)]
            if pairs:
                parts = [builder.lshr(part, BITS(shift)) for part in parts for shift in (0, 16)]
                parts = [builder.trunc(part, HALF_BITS) for part in parts]
            return context.make_tuple(
                builder, together, [widened(builder, storage, part) for part in parts]
            )

        return together(types.int64, types.int64), codegen

    @intrinsic  # type: ignore[untyped-decorator]
    def store4(typing: Any, address: Any, index: Any, values: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            parts = [
                narrowed(builder, storage, builder.extract_value(args[2], at)) for at in range(4)
            ]
            if pairs:
                parts = [builder.zext(part, BITS) for part in parts]
                highs = [builder.shl(part, BITS(16)) for part in parts[1::2]]
                parts = [
                    builder.or_(low, high) for low, high in zip(parts[::2], highs, strict=True)
                ]
            given = ir.Constant(vector, ir.Undefined)
            for at, part in enumerate(parts):
                given = builder.insert_element(given, part, _INDEX(at))
            builder.store(given, _pointer(builder, stored, args, vector), align=alignment)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, together), codegen

    return load4, store4


def _pointer(builder: Any, stored: Any, args: Any, to: Any = None) -> Any:
    first = builder.inttoptr(args[0], stored.as_pointer(GLOBAL))
    found = builder.gep(first, [args[1]])
    return found if to is None else builder.bitcast(found, to.as_pointer(GLOBAL))
