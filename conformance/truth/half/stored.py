"""Stored states: what half precision makes of the exact numbers between two steps.

A step is taken in float32, and its result is rounded where it is stored. The largest error of the
step is far less than half a unit in the last place of the format, so that rounding hides it
nearly everywhere: every right Adam stores the same number. Where it does not, the answer has
each number that some right Adam may store.
"""

from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import frexp, ldexp, log2
from typing import NamedTuple

import ml_dtypes
import numpy as np

from ...vectors.interval import INTERVAL
from ...vectors.storage import HALVES, NATIVE, STOCHASTIC, WIDE, DeclaredStorage
from ..bound import Radii
from ..exact_state import ExactState
from ..exact_step import Radius
from ..formats import FORMATS, is_binary32
from ..reference import Memory

Numbers = tuple[Decimal, ...]
# As many as any number of a half precision has.
_DIGITS = 160
# The largest number of each format.
_LARGEST = {dtype: float(ml_dtypes.finfo(dtype).max) for dtype in HALVES}
# Far more than binary64 rounds, and far less than half precision does.
_DOUBT = 2.0**-48
# Smaller numbers are rounded as fractions: near zero the error of binary64 is not relative.
_LEAST = 2.0**-900


class Kept(NamedTuple):
    """One parameter after a step.

    Fields:
        shown: what a subject shows: the stored parameter and moments.
        carried: what the next step starts from: the weight in the place of the parameter.
    """

    shown: ExactState
    carried: ExactState


class _Rounded(NamedTuple):
    """Numbers of a format, and how far those that right Adams store may be from them."""

    numbers: Numbers
    radius: Radius


def dtypes_of(storage: DeclaredStorage, dtype: str) -> dict[str, str]:
    """Return the format of each quantity that is shown."""
    v_dtype = dtype if storage.v == NATIVE else WIDE
    m_dtype = dtype if storage.m == NATIVE else WIDE
    param_dtype = WIDE if storage.weights == STOCHASTIC else dtype
    return {"params": param_dtype, "m": m_dtype, "v": v_dtype, "v_max": v_dtype}


def store(storage: DeclaredStorage, state: ExactState, dtype: str) -> Kept:
    """Return what is kept of a state after a step in float32.

    Raises:
        ValueError: a number overflows in ``dtype``, or rows have counts of their own.
    """
    memory = state.memory
    if not isinstance(memory, Memory):
        raise ValueError(  # noqa: TRY004  (an input without an answer)
            "half precision must have one t for each parameter, got one for each row"
        )
    m = _kept_moment(memory.m, state.radii.m, storage.m, dtype)
    v = _kept_moment(memory.v, state.radii.v, storage.v, dtype)
    v_max = _kept_moment(memory.v_max, state.radii.v_max, storage.v, dtype)
    weight = _Rounded(memory.param, state.radii.param)
    # A change is kept by nobody, so it is rounded to no format.
    param = weight
    if storage.weights != STOCHASTIC:
        param = _round_all(weight, dtype, truncates=storage.weights == "split")
    start = _next_start(storage, weight, param, dtype)
    _check_intervals(state)
    stored = state._replace(
        memory=Memory(memory.t, param.numbers, m.numbers, v.numbers, v_max.numbers),
        radii=Radii(param.radius, m.radius, v.radius, v_max.radius),
    )
    carried = stored._replace(
        memory=stored.memory._replace(param=start.numbers),
        radii=stored.radii._replace(param=start.radius),
    )
    return Kept(shown=stored, carried=carried)


def _kept_moment(numbers: Numbers, radius: Radius, form: str, dtype: str) -> _Rounded:
    exact = _Rounded(numbers, radius)
    # Without AMSGrad v_max has no numbers.
    return _round_all(exact, dtype) if form == NATIVE and numbers else exact


def at_zero(state: ExactState) -> ExactState:
    """Return a state with parameters of zero: the next step leads to the change that it makes."""
    assert isinstance(state.memory, Memory)
    zeros = (Decimal(0),) * len(state.memory.param)
    return state._replace(
        memory=state.memory._replace(param=zeros),
        radii=state.radii._replace(param=np.zeros(len(zeros))),
    )


def _check_intervals(state: ExactState) -> None:
    for codes in state.classes:
        if (codes != INTERVAL).any():
            raise ValueError("half precision must stay finite, got numbers that overflow")


def _next_start(
    storage: DeclaredStorage, weight: _Rounded, param: _Rounded, dtype: str
) -> _Rounded:
    """Return the weight that the next step starts from."""
    if storage.weights in ("rounded", STOCHASTIC):
        return param
    if storage.weights != "compensated":
        # A master, or both halves of one.
        return weight
    total = []
    radius = []
    rows = zip(weight.numbers, param.numbers, weight.radius, param.radius, strict=True)
    for exact, stored, error, spread in rows:
        lost = Fraction(exact) - Fraction(stored)
        if spread:
            # Which parameter is stored is open. Its sum with what was lost is the weight, but for
            # the rounding of what was lost, which is at most a unit in the last place.
            total.append(exact)
            unit = 2 * FORMATS[dtype].roundoff * float(abs(exact))
            radius.append(error + FORMATS[dtype].roundoff * unit)
            continue
        rest, open_digits = _rounded_between(lost, error, dtype)
        start = Fraction(stored) + rest
        total.append(_decimal(start))
        # The next step begins with this sum, which may be rounded in float32.
        rounding = 0.0 if is_binary32(start) else FORMATS[WIDE].roundoff * float(abs(start))
        radius.append(open_digits + rounding)
    return _Rounded(tuple(total), np.array(radius, np.float64))


def _round_all(exact: _Rounded, dtype: str, truncates: bool = False) -> _Rounded:
    """Return numbers rounded to a format, and how far another right Adam may be from each."""
    numbers = []
    radius = []
    for number, error in zip(exact.numbers, exact.radius.tolist(), strict=True):
        clear = _clearly_rounded(float(number), error, dtype, truncates)
        if clear is not None:
            numbers.append(Decimal(clear))
            radius.append(0.0)
            continue
        stored, spread = _rounded_between(Fraction(number), error, dtype, truncates)
        numbers.append(_decimal(stored))
        radius.append(spread)
    return _Rounded(tuple(numbers), np.array(radius, np.float64))


def _clearly_rounded(number: float, error: float, dtype: str, truncates: bool) -> float | None:
    """Return what a number is rounded to if all within ``error`` of it are; None if in doubt.

    Nearly all are clear, and binary64 is far quicker than fractions.
    """
    if number == 0 and error == 0:
        return 0.0
    if not _LEAST <= abs(number) <= _LARGEST[dtype] / 2:
        return None
    # Binary64 itself has rounded the number, and rounds both ends.
    reach = error * (1 + _DOUBT) + abs(number) * _DOUBT
    low = _round_double(number - reach, dtype, truncates)
    high = _round_double(number + reach, dtype, truncates)
    return low if low == high else None


def _round_double(number: float, dtype: str, truncates: bool) -> float:
    """Return a number of binary64 rounded to a format, ties to even, or towards zero."""
    number_format = FORMATS[dtype]
    _, exponent = frexp(max(abs(number), number_format.tiny))
    # A power of two, so that the quotient and the product are exact.
    unit = ldexp(number_format.roundoff, exponent)
    units = number / unit
    return unit * (int(units) if truncates else round(units))


def _rounded_between(
    value: Fraction, error: float, dtype: str, truncates: bool = False
) -> tuple[Fraction, float]:
    """Return a number rounded, and how far numbers within ``error`` of it may be rounded."""
    if not np.isfinite(error):
        raise ValueError(f"a bound must be finite, got {error}")
    stored = round_to(value, dtype, truncates)
    # Rounding is monotonic, so what lies between rounds to numbers in between.
    lowest = round_to(value - Fraction(error), dtype, truncates)
    highest = round_to(value + Fraction(error), dtype, truncates)
    return stored, float(max(stored - lowest, highest - stored))


def _decimal(number: Fraction) -> Decimal:
    # Exact, because its denominator is a power of two: 2^-149 has 105 digits.
    with localcontext(Context(prec=_DIGITS)):
        return Decimal(number.numerator) / Decimal(number.denominator)


def round_to(value: Fraction, dtype: str, truncates: bool = False) -> Fraction:
    """Return a number rounded to a format, ties to even, or towards zero.

    Raises:
        ValueError: it is beyond the largest number of the format.
    """
    if not value:
        return value
    number_format = FORMATS[dtype]
    # Subnormal numbers are as far apart as the smallest normal ones.
    exponent = max(_exponent(value), round(log2(number_format.tiny)))
    unit = Fraction(2) ** exponent * 2 * Fraction(number_format.roundoff)
    units = value / unit
    rounded = unit * (int(units) if truncates else round(units))
    if abs(rounded) > _LARGEST[dtype]:
        raise ValueError(f"a number must be in the range of {dtype}, got {float(value)}")
    return rounded


def _exponent(value: Fraction) -> int:
    """Return the exponent of the largest power of two that is at most |value|."""
    size = abs(value)
    # Near enough to correct by one: a logarithm may be rounded up to the next integer.
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    return exponent if Fraction(2) ** exponent <= size else exponent - 1
