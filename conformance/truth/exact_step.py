"""Exact steps in float64: what the bound needs to know of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .reference import Exact

Radius = NDArray[np.float64]


class Slices(NamedTuple):
    """What each element of a sparse gradient was summed from, as in the oracle's `Summed`."""

    times: Radius
    size: Radius
    squares: Radius
    quanta: Radius


class Step(NamedTuple):
    """What the bound needs to know of one exact step, as float64; arrays flat in C order.

    Fields:
        t, and the scalars as the arithmetic rounds them; power1 and power2 are 0 for a moment that is not corrected.
        param, m, v, v_max: before the step. new_param, new_m, new_v: after it.
        clipped: the gradient after clipping; grad: with L2 added. chosen: v or AMSGrad's maximum.
        denominator, update, decay: as in the oracle's `Exact`.
        slices: of a sparse gradient; None for a dense one.
    """

    t: int
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float
    epsilon_root: float
    power1: float
    power2: float
    param: Radius
    m: Radius
    v: Radius
    v_max: Radius
    clipped: Radius
    grad: Radius
    new_param: Radius
    new_m: Radius
    new_v: Radius
    chosen: Radius
    denominator: Radius
    update: Radius
    decay: Radius
    slices: Slices | None = None


def as_step(exact: Exact) -> Step:
    """An exact step, rounded to float64."""
    assert isinstance(exact.after.t, int)
    slices = exact.summed and Slices._make(np.asarray(array, np.float64) for array in exact.summed)
    before, after = exact.before, exact.after
    scalars = (exact.learning_rate, exact.beta1, exact.beta2, exact.epsilon, exact.epsilon_root)
    arrays = (
        before.param,
        before.m,
        before.v,
        before.v_max,
        exact.clipped,
        exact.grad,
        after.param,
        after.m,
        after.v,
    )
    rest = (exact.chosen, exact.denominator, exact.update, exact.decay)
    numbers = [float(number) for number in (*scalars, exact.power1, exact.power2)]
    return Step._make(
        [after.t, *numbers, *(np.asarray(array, np.float64) for array in (*arrays, *rest)), slices]
    )
