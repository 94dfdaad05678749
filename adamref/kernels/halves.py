"""LLVM code for halves, float16 and bfloat16, which kernels compute as float32, and for uint16.

`widen` follows each load, and `narrow` comes before each store.
"""

from typing import Any

from llvmlite import ir

BITS = ir.IntType(32)
HALF_BITS = ir.IntType(16)

# A bfloat16 is the upper 16 bits of a float32.
_UPPER = BITS(16)
_HALF_A_UNIT = BITS(0x7FFF)  # a little less: a tie goes up only where the kept bits are odd
_QUIET_NAN = BITS(0x00400000)  # a bit that survives the cut, so that a NaN stays a NaN


def widen(builder: Any, dtype: str, value: Any) -> Any:
    """Return a loaded half as float32, or a uint16 as uint32; others are returned unchanged.

    Args:
        builder: LLVM's builder, which adds the instructions.
        dtype: of the array in memory, by name.
        value: the 16 bits of a half or of a uint16, or the number itself.
    """
    if dtype == "float16":
        half = builder.bitcast(value, ir.HalfType())
        return builder.fpext(half, ir.FloatType())
    if dtype == "uint16":
        return builder.zext(value, BITS)
    if dtype == "bfloat16":
        bits = builder.zext(value, BITS)
        return builder.bitcast(builder.shl(bits, _UPPER), ir.FloatType())
    return value


def narrow(builder: Any, dtype: str, value: Any) -> Any:
    """Return the value to store; the arguments are those of `widen`.

    Rounding: to a half once, to nearest, ties to even; a NaN stays a NaN. A uint16 is the lower 16
        bits.
    """
    if dtype == "uint16":
        return builder.trunc(value, HALF_BITS)
    if dtype == "float16":
        half = builder.fptrunc(value, ir.HalfType())
        return builder.bitcast(half, HALF_BITS)
    if dtype != "bfloat16":
        return value
    # Not every device has an instruction for this, so the bits are rounded as an integer.
    bits = builder.bitcast(value, BITS)
    odd = builder.and_(builder.lshr(bits, _UPPER), BITS(1))
    rounded = builder.add(bits, builder.add(_HALF_A_UNIT, odd))
    quiet = builder.or_(bits, _QUIET_NAN)
    is_nan = builder.fcmp_unordered("uno", value, value)
    chosen = builder.select(is_nan, quiet, rounded)
    return builder.trunc(builder.lshr(chosen, _UPPER), HALF_BITS)
