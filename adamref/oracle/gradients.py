"""The oracle's gradients: exact, negated for ascent, clipped, with the slices of a row summed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ..config import AdamConfig
from ..convention import Convention
from .records import ONE, ZERO, ExactSlices, GivenGradient, Gradient, Numbers, Summed, add

# The term that torch adds to a norm before it divides by it.
_TORCH_SLACK = Decimal("1e-6")


def clip_exactly(
    config: AdamConfig,
    convention: Convention,
    grads: Sequence[GivenGradient],
    l2: Sequence[Numbers | None],
) -> list[Gradient | None]:
    """Return the gradients of one call, clipped.

    Args:
        config: the limits, and whether to ascend.
        convention: order, combination and law of the clips; whether they see the slices of a row or
            their sum.
        grads: as given.
        l2: one entry a parameter: a term to add to its gradient before it is clipped, or None.

    Raises:
        ValueError: something must be added to a sparse gradient before it is clipped.
    """
    signed = [_sign(grad, config, convention) for grad in grads]
    pairs = zip(signed, l2, strict=True)
    numbers = [_with_l2(entry, term) for entry, term in pairs]
    clipped = _limit_all(config, convention, numbers)
    pairs_after = zip(signed, clipped, strict=True)
    return [_as_gradient(entry, flat) for entry, flat in pairs_after]


class _Signed(NamedTuple):
    """The exact numbers of a gradient, and the slices that they belong to."""

    numbers: Numbers
    slices: ExactSlices | None


def _sign(grad: GivenGradient, config: AdamConfig, convention: Convention) -> _Signed | None:
    """Return the exact numbers, negated for ascent, with duplicates summed if clips come after."""
    if grad is None:
        return None
    sign = -1 if config.maximize else 1
    if not isinstance(grad, ExactSlices):
        return _Signed(tuple(sign * Decimal(g) for g in grad), None)
    numbers = tuple(sign * Decimal(g) for g in grad.values)
    # Clips then see every slice by itself.
    if convention.clip_duplicates == "before_sum":
        return _Signed(numbers, grad)
    whole = _gather(numbers, grad)
    # Slices again, one for each row: clips see the sums, and none of the zeros between them.
    sums: list[Decimal] = []
    for row in whole.rows:
        first = row * grad.width
        sums.extend(whole.numbers[first : first + grad.width])
    slices = grad._replace(values=sums, indices=whole.rows)
    return _Signed(tuple(sums), slices)


def _with_l2(signed: _Signed | None, l2: Numbers | None) -> Numbers | None:
    if signed is None:
        return None
    if l2 is None:
        return signed.numbers
    # The rows without a slice would need the term too.
    if signed.slices is not None:
        raise ValueError("grads must be dense where L2 is added before clipping, got ExactSlices")
    return add(signed.numbers, l2)


def _as_gradient(signed: _Signed | None, clipped: Numbers | None) -> Gradient | None:
    if signed is None or clipped is None:
        return None
    if signed.slices is None:
        return Gradient(clipped)
    return _gather(clipped, signed.slices)


def _gather(numbers: Numbers, slices: ExactSlices) -> Gradient:
    """Return the gradient of all rows: slices at their rows, summed, zero elsewhere."""
    elements = range(slices.rows * slices.width)
    times = [0 for _ in elements]
    total = [ZERO for _ in elements]
    size = [ZERO for _ in elements]
    squares = [ZERO for _ in elements]
    # The smallest digit of each sum, as its denominator: a power of two.
    digit = [1 for _ in elements]
    for place, x in enumerate(numbers):
        row = slices.indices[place // slices.width]
        element = row * slices.width + place % slices.width
        times[element] += 1
        total[element] += x
        size[element] += abs(x)
        squares[element] += x * x
        _, denominator = x.as_integer_ratio()
        digit[element] = max(digit[element], denominator)
    quanta = tuple(x * y for x, y in zip(size, digit, strict=True))
    summed = Summed(
        times=tuple(times),
        size=tuple(size),
        squares=tuple(squares),
        quanta=quanta,
    )
    return Gradient(
        numbers=tuple(total),
        summed=summed,
        rows=tuple(sorted(set(slices.indices))),
        row_count=slices.rows,
    )


def _limit_all(
    config: AdamConfig, convention: Convention, grads: list[Numbers | None]
) -> list[Numbers | None]:
    """Return the gradients after every clip that is set, in the order of the convention."""
    limits = {
        "value": config.clipvalue,
        "norm": config.clipnorm,
        "global": config.global_clipnorm,
    }
    order = convention.clip_order.split("_")
    kinds = [kind for kind in order if limits[kind] is not None]
    if convention.clip == "first":
        kinds = kinds[:1]
    # Each clip sees the gradients after the clips before it.
    for kind in kinds:
        limit = Decimal(limits[kind] or 0)
        if kind == "value":
            grads = [_limit_values(grad, limit) for grad in grads]
        else:
            pairs = zip(grads, _norms(kind, grads), strict=True)
            grads = [_limit_norm(grad, norm, limit, convention) for grad, norm in pairs]
    return grads


def _limit_values(grad: Numbers | None, limit: Decimal) -> Numbers | None:
    if grad is None:
        return None
    return tuple(max(-limit, min(limit, x)) for x in grad)


def _limit_norm(
    grad: Numbers | None, norm: Decimal, limit: Decimal, convention: Convention
) -> Numbers | None:
    if grad is None:
        return None
    slack = _TORCH_SLACK if convention.clip_law == "plus_1e-6" else ZERO
    # A norm of zero divides nothing and is below every limit.
    divisor = norm + slack
    factor = min(ONE, limit / divisor) if divisor else ONE
    return tuple(x * factor for x in grad)


def _norms(kind: str, grads: Sequence[Numbers | None]) -> list[Decimal]:
    """Return the norm of each gradient; a global norm is the same for each."""
    if kind == "norm":
        return [_norm(grad or ()) for grad in grads]
    every_number: list[Decimal] = []
    for grad in grads:
        every_number.extend(grad or ())
    together = _norm(every_number)
    return [together for _ in grads]


def _norm(numbers: Sequence[Decimal]) -> Decimal:
    return sum((x * x for x in numbers), start=ZERO).sqrt()
