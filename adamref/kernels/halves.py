"""What LLVM has to be told of halves: both kinds are float32 between a load and a store."""

from typing import Any

from llvmlite import ir

BITS, HALF_BITS = ir.IntType(32), ir.IntType(16)


def widened(builder: Any, dtype: str, value: Any) -> Any:
    """The float32 of what was loaded: the 16 bits of a half; of another dtype it is the value itself."""
    if dtype == "float16":
        return builder.fpext(builder.bitcast(value, ir.HalfType()), ir.FloatType())
    if dtype == "bfloat16":
        return builder.bitcast(builder.shl(builder.zext(value, BITS), BITS(16)), ir.FloatType())
    return value


def narrowed(builder: Any, dtype: str, value: Any) -> Any:
    """What is stored of a float32: 16 bits, rounded to nearest, ties to even; a NaN stays one."""
    if dtype == "float16":
        return builder.bitcast(builder.fptrunc(value, ir.HalfType()), HALF_BITS)
    if dtype != "bfloat16":
        return value
    bits = builder.bitcast(value, BITS)
    odd = builder.and_(builder.lshr(bits, BITS(16)), BITS(1))
    rounded = builder.add(bits, builder.add(BITS(0x7FFF), odd))
    quiet = builder.or_(bits, BITS(0x00400000))
    chosen = builder.select(builder.fcmp_unordered("uno", value, value), quiet, rounded)
    return builder.trunc(builder.lshr(chosen, BITS(16)), HALF_BITS)
