"""The oracle's gradients: exact numbers, negated for ascent, clipped, and of sparse ones the slices of a row summed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ..config import AdamConfig
from ..convention import Convention
from .records import ONE, ZERO, Given, Gradient, Numbers, Slices, Summed


def clipped(
    config: AdamConfig, convention: Convention, grads: Sequence[Given], l2: Sequence[Numbers]
) -> list[Gradient | None]:
    """The gradients of one call.

    Args:
        config: the limits, and whether to ascend.
        convention: order, combination and law of the clips; whether they see the slices of a row or their sum.
        grads: as given.
        l2: what is added to each gradient before it is clipped; empty for nothing.

    Raises:
        ValueError: something is to be added to a sparse gradient before it is clipped.
    """
    once = convention.clip_duplicates == "after_sum"
    signed = [
        None if grad is None else _signed(grad, -1 if config.maximize else 1, once)
        for grad in grads
    ]
    flats = [None if one is None else one.numbers for one in signed]
    for at, extra in enumerate(l2):
        one = signed[at]
        if one is not None and one.slices is not None:
            raise ValueError("grads must be dense where L2 is added before clipping, got Slices")
        flats[at] = one and tuple(g + x for g, x in zip(one.numbers, extra, strict=True))
    return [
        None
        if flat is None or one is None
        else _gathered(flat, one.slices)
        if one.slices
        else Gradient(flat)
        for flat, one in zip(_limited(config, convention, flats), signed, strict=True)
    ]


class _Signed(NamedTuple):
    """The exact numbers of a gradient, and the slices that they are of."""

    numbers: Numbers
    slices: Slices | None


def _signed(grad: Sequence[float] | Slices, sign: int, once: bool) -> _Signed:
    """The numbers times ``sign``; ``once``: with one slice a row."""
    if not isinstance(grad, Slices):
        return _Signed(tuple(sign * Decimal(g) for g in grad), None)
    numbers = tuple(sign * Decimal(g) for g in grad.values)
    if not once:
        return _Signed(numbers, grad)
    whole = _gathered(numbers, grad)
    sums = tuple(
        x for row in whole.rows for x in whole.numbers[row * grad.width : (row + 1) * grad.width]
    )
    return _Signed(sums, grad._replace(values=sums, indices=whole.rows))


def _gathered(numbers: Numbers, slices: Slices) -> Gradient:
    """The slices at their rows."""
    elements = slices.rows * slices.width
    times, total, size, squares = (
        [0] * elements,
        [ZERO] * elements,
        [ZERO] * elements,
        [ZERO] * elements,
    )
    digit = [1] * elements
    for at, x in enumerate(numbers):
        to = slices.indices[at // slices.width] * slices.width + at % slices.width
        times[to] += 1
        total[to] += x
        size[to] += abs(x)
        squares[to] += x * x
        digit[to] = max(digit[to], x.as_integer_ratio()[1])
    quanta = tuple(x * y for x, y in zip(size, digit, strict=True))
    summed = Summed(tuple(times), tuple(size), tuple(squares), quanta)
    return Gradient(tuple(total), summed, tuple(sorted(set(slices.indices))), slices.rows)


def _limited(
    config: AdamConfig, convention: Convention, grads: list[Numbers | None]
) -> list[Numbers | None]:
    limits = {"value": config.clipvalue, "norm": config.clipnorm, "global": config.global_clipnorm}
    kinds = [kind for kind in convention.clip_order.split("_") if limits[kind] is not None]
    for kind in kinds[:1] if convention.clip == "first" else kinds:
        limit = Decimal(limits[kind] or 0)
        if kind == "value":
            grads = [g and tuple(max(-limit, min(limit, x)) for x in g) for g in grads]
        elif kind == "norm":
            grads = [g and _rescaled(g, _norm(g), limit, convention) for g in grads]
        else:
            norm = _norm([x for g in grads if g for x in g])
            grads = [g and _rescaled(g, norm, limit, convention) for g in grads]
    return grads


def _norm(numbers: Sequence[Decimal]) -> Decimal:
    return sum((x * x for x in numbers), start=ZERO).sqrt()


def _rescaled(numbers: Numbers, norm: Decimal, limit: Decimal, convention: Convention) -> Numbers:
    slack = Decimal("1e-6") if convention.clip_law == "plus_1e-6" else ZERO
    factor = min(ONE, limit / (norm + slack)) if norm + slack else ONE
    return tuple(x * factor for x in numbers)
