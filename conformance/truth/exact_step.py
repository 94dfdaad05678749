"""Exact steps in float64: the numbers of one step that the bound depends on.

The oracle's records are decimals. The bound needs their magnitudes only, so float64 is enough.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .reference import Exact

# One float64 for each element of a parameter, flat in C order.
Radius = NDArray[np.float64]


class SliceSums(NamedTuple):
    """For each element of a sparse gradient, the slices that it was summed from.

    Fields:
        times: how many slices.
        size: the sum of their magnitudes.
        squares: the sum of their squares.
        quanta: size in units of the smallest digit of any slice: a format that has as many
            integers has exact sums.
    """

    times: Radius
    size: Radius
    squares: Radius
    quanta: Radius


class ExactStep(NamedTuple):
    """One exact step of one parameter, rounded to float64.

    Fields:
        t: counts the step, from 1.
        learning_rate, beta1, beta2, epsilon, epsilon_root: as the arithmetic rounds them.
        beta1_power, beta2_power: beta^t; 0 for a moment that is not corrected.
        param, m, v, v_max: before the step.
        clipped: the gradient after clipping. grad: with L2 added.
        new_param, new_m, new_v: after the step.
        v_used: the second moment that is used: v, or AMSGrad's maximum.
        denominator, update, decay: as in the oracle's record.
        slices: of a sparse gradient; None for a dense one.
    """

    t: int
    # Scalars.
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float
    epsilon_root: float
    beta1_power: float
    beta2_power: float
    # Before the step.
    param: Radius
    m: Radius
    v: Radius
    v_max: Radius
    # The gradient.
    clipped: Radius
    grad: Radius
    # After the step, and on the way there.
    new_param: Radius
    new_m: Radius
    new_v: Radius
    v_used: Radius
    denominator: Radius
    update: Radius
    decay: Radius
    slices: SliceSums | None = None


def as_step(*exact: Exact) -> ExactStep:
    """Return an exact step rounded to float64, or several that have the same scalars as one.

    The arrays of several stand one after the other.
    """
    first = exact[0]
    before = [one.before for one in exact]
    after = [one.after for one in exact]
    slices = None
    if first.summed is not None:
        columns = zip(*(one.summed for one in exact if one.summed is not None), strict=True)
        slices = SliceSums(*map(_float64, columns))
    return ExactStep(
        t=first.after.t,
        learning_rate=float(first.learning_rate),
        beta1=float(first.beta1),
        beta2=float(first.beta2),
        epsilon=float(first.epsilon),
        epsilon_root=float(first.epsilon_root),
        beta1_power=float(first.beta1_power),
        beta2_power=float(first.beta2_power),
        param=_float64(one.param for one in before),
        m=_float64(one.m for one in before),
        v=_float64(one.v for one in before),
        v_max=_float64(one.v_max for one in before),
        clipped=_float64(one.clipped for one in exact),
        grad=_float64(one.grad for one in exact),
        new_param=_float64(one.param for one in after),
        new_m=_float64(one.m for one in after),
        new_v=_float64(one.v for one in after),
        v_used=_float64(one.v_used for one in exact),
        denominator=_float64(one.denominator for one in exact),
        update=_float64(one.update for one in exact),
        decay=_float64(one.decay for one in exact),
        slices=slices,
    )


def _float64(parts: Iterable[Sequence[Decimal | float]]) -> Radius:
    return np.array([float(number) for part in parts for number in part], np.float64)
