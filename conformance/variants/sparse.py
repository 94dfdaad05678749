"""Honest variants of sparse steps: right ways to bring the slices of a row into m and v.

A gradient is an array with one axis more than the parameter: layer k holds the k-th slice of each row, zero where
there is none. `Trial` of `dense` takes it as it is.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np

from ..vectors.slices import IndexedSlices
from .dense import Variant
from .orders import (
    Array,
    Numbers,
    corrected,
    folded_rate,
    fused_lerp_m,
    fused_lerp_v,
    hat,
    lerp_m,
    lerp_v,
    multiply_add_m,
    scaled_first_v,
    square_first_v,
    two_branch_lerp_m,
)

Order = Callable[[Numbers, Array, Array], Array]


def layers(slices: IndexedSlices) -> Array:
    """The gradient as layers of slices, in the order in which they come."""
    rows = slices.indices.tolist()
    whole = np.zeros(
        (max(map(rows.count, rows), default=1), *slices.dense_shape), slices.values.dtype
    )
    for at, (row, values) in enumerate(zip(rows, slices.values, strict=True)):
        whole[rows[:at].count(row), row] = values
    return whole


def in_order(g: Array) -> Array:
    """The slices summed one after the other."""
    return reduce(np.add, g)


def from_the_last(g: Array) -> Array:
    """The slices summed from the last to the first."""
    return reduce(np.add, g[::-1])


def in_pairs(g: Array) -> Array:
    """The slices summed as a tree."""
    while len(g) > 1:
        odd = g[len(g) // 2 * 2 :]
        g = np.concatenate([g[0 : len(g) // 2 * 2 : 2] + g[1::2], odd])
    return np.asarray(g[0])


def of_sum(order: Order, total: Callable[[Array], Array]) -> Order:
    """A dense order of operations, of the sum of the slices."""
    return lambda n, moment, g: order(n, moment, total(g))


def scattered_m(n: Numbers, m: Array, g: Array) -> Array:
    """M decays, and then each slice is added to it."""
    return reduce(lambda moment, one: moment + n.rest1 * one, g, n.beta1 * m)


def subtracted_m(n: Numbers, m: Array, g: Array) -> Array:
    """A part of m is subtracted, and then each slice added; tf_keras 2.11."""
    return reduce(lambda moment, one: moment + n.rest1 * one, g, m - m * n.rest1)


def subtracted_v(n: Numbers, v: Array, g: Array) -> Array:
    """A part of v is subtracted, and then the square of the sum added."""
    total = in_order(g)
    return (v - v * n.rest2) + n.rest2 * (total * total)


def _scattered_squares(n: Numbers, v: Array, g: Array) -> Array:
    return reduce(lambda moment, one: moment + n.rest2 * (one * one), g, n.beta2 * v)


def _summed_squares(n: Numbers, v: Array, g: Array) -> Array:
    return v + (in_order(g * g) - v) * n.rest2


SPARSE_VARIANTS = (
    Variant(
        "summed, multiply-add",
        of_sum(multiply_add_m, in_order),
        of_sum(square_first_v, in_order),
        corrected,
        hat,
    ),
    Variant(
        "summed from the last, lerp",
        of_sum(lerp_m, from_the_last),
        of_sum(lerp_v, from_the_last),
        corrected,
        hat,
    ),
    Variant(
        "summed in pairs",
        of_sum(two_branch_lerp_m, in_pairs),
        of_sum(scaled_first_v, in_pairs),
        folded_rate,
        hat,
    ),
    Variant(
        "summed, fused",
        of_sum(fused_lerp_m, in_order),
        of_sum(fused_lerp_v, in_order),
        corrected,
        hat,
    ),
    Variant("scattered", scattered_m, of_sum(square_first_v, in_order), corrected, hat),
    Variant("subtracted and scattered", subtracted_m, subtracted_v, corrected, hat),
    Variant(
        "summed, wide",
        of_sum(multiply_add_m, in_order),
        of_sum(square_first_v, in_order),
        corrected,
        hat,
        wide=True,
    ),
)
# The same where v takes the sum of the squares.
SQUARES_VARIANTS = (
    Variant("summed squares, lerp", of_sum(lerp_m, in_order), _summed_squares, corrected, hat),
    Variant("scattered squares", scattered_m, _scattered_squares, corrected, hat),
)
