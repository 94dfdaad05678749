"""Exact steps in float64: the numbers of one step that the bound depends on.

The oracle's records are decimals. The bound needs their magnitudes only, so float64 is enough.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .reference import Exact, Summed

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
        power1, power2: beta^t; 0 for a moment that is not corrected.
        param, m, v, v_max: before the step.
        clipped: the gradient after clipping. grad: with L2 added.
        new_param, new_m, new_v: after the step.
        chosen: the second moment that is used: v, or AMSGrad's maximum.
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
    power1: float
    power2: float
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
    chosen: Radius
    denominator: Radius
    update: Radius
    decay: Radius
    slices: SliceSums | None = None


def as_step(exact: Exact) -> ExactStep:
    """Return an exact step rounded to float64."""
    before = exact.before
    after = exact.after
    return ExactStep(
        t=after.t,
        learning_rate=float(exact.learning_rate),
        beta1=float(exact.beta1),
        beta2=float(exact.beta2),
        epsilon=float(exact.epsilon),
        epsilon_root=float(exact.epsilon_root),
        power1=float(exact.power1),
        power2=float(exact.power2),
        param=_float64(before.param),
        m=_float64(before.m),
        v=_float64(before.v),
        v_max=_float64(before.v_max),
        clipped=_float64(exact.clipped),
        grad=_float64(exact.grad),
        new_param=_float64(after.param),
        new_m=_float64(after.m),
        new_v=_float64(after.v),
        chosen=_float64(exact.chosen),
        denominator=_float64(exact.denominator),
        update=_float64(exact.update),
        decay=_float64(exact.decay),
        slices=None if exact.summed is None else _slice_sums(exact.summed),
    )


def _slice_sums(summed: Summed) -> SliceSums:
    return SliceSums(*map(_float64, summed))


def _float64(numbers: object) -> Radius:
    return np.asarray(numbers, np.float64)
