"""Variants of sparse steps: right ways to bring the slices of a row into m and v.

A gradient is an array with one more axis than the parameter: layer k holds the k-th slice of each
row, and zeros for rows with fewer slices. `VariantOnArray` passes it on to the functions here.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np

from ..vectors.slices import IndexedSlices
from .orders import (
    Array,
    RoundedNumbers,
    as_printed,
    fma_lerp_m,
    fma_lerp_v,
    folded_rate,
    hat,
    lerp_m,
    lerp_v,
    multiply_add_m,
    scale_first_v,
    square_first_v,
    two_branch_lerp_m,
)
from .variant import Order, Variant


def layers(slices: IndexedSlices) -> Array:
    """Return the gradient as layers of slices, in the order in which they come."""
    rows = slices.indices.tolist()
    count = max((rows.count(row) for row in rows), default=1)
    # A row that is named k times needs k layers.
    whole = np.zeros((count, *slices.dense_shape), slices.values.dtype)
    for number, (row, values) in enumerate(zip(rows, slices.values, strict=True)):
        layer = rows[:number].count(row)
        whole[layer, row] = values
    return whole


# --- sums of the slices of a row


def in_order(grad: Array) -> Array:
    """Return the slices summed one after the other."""
    return reduce(np.add, grad)


def from_the_last(grad: Array) -> Array:
    """Return the slices summed from the last to the first."""
    return reduce(np.add, grad[::-1])


def in_pairs(grad: Array) -> Array:
    """Return the slices summed as a tree."""
    while len(grad) > 1:
        even = len(grad) // 2 * 2
        # An odd slice waits for the next level of the tree.
        grad = np.concatenate([grad[0:even:2] + grad[1:even:2], grad[even:]])
    return np.asarray(grad[0])


def of_sum(order: Order, total: Callable[[Array], Array]) -> Order:
    """Return a dense order of operations that takes the sum of the slices."""

    def order_of_sum(n: RoundedNumbers, moment: Array, grad: Array) -> Array:
        return order(n, moment, total(grad))

    return order_of_sum


# --- moments that take the slices one by one


# Each slice rounds m again, as a scatter-add in the memory of m does.
def scatter_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    """Return m decayed, with each slice added to it."""
    m = n.beta1 * m
    for layer in grad:
        m = m + n.one_minus_beta1 * layer
    return m


def subtract_and_scatter_m(n: RoundedNumbers, m: Array, grad: Array) -> Array:
    """Return m without a part of it, with each slice added to it; tf_keras 2.11."""
    m = m - m * n.one_minus_beta1
    for layer in grad:
        m = m + n.one_minus_beta1 * layer
    return m


def subtract_v(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    """Return v without a part of it, with the square of the sum added to it."""
    total = in_order(grad)
    return (v - v * n.one_minus_beta2) + n.one_minus_beta2 * (total * total)


def scatter_squares(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    """Return v decayed, with the square of each slice added to it."""
    v = n.beta2 * v
    for layer in grad:
        v = v + n.one_minus_beta2 * (layer * layer)
    return v


def lerp_of_squares(n: RoundedNumbers, v: Array, grad: Array) -> Array:
    # The squares are summed before they meet v.
    return v + (in_order(grad * grad) - v) * n.one_minus_beta2


SPARSE_VARIANTS = (
    Variant(
        "summed, multiply-add",
        first_moment=of_sum(multiply_add_m, in_order),
        second_moment=of_sum(square_first_v, in_order),
        update=as_printed,
        hat_update=hat,
    ),
    Variant(
        "summed from the last, lerp",
        first_moment=of_sum(lerp_m, from_the_last),
        second_moment=of_sum(lerp_v, from_the_last),
        update=as_printed,
        hat_update=hat,
    ),
    Variant(
        "summed in pairs",
        first_moment=of_sum(two_branch_lerp_m, in_pairs),
        second_moment=of_sum(scale_first_v, in_pairs),
        update=folded_rate,
        hat_update=hat,
    ),
    Variant(
        "summed, fused",
        first_moment=of_sum(fma_lerp_m, in_order),
        second_moment=of_sum(fma_lerp_v, in_order),
        update=as_printed,
        hat_update=hat,
    ),
    Variant(
        "scattered",
        first_moment=scatter_m,
        second_moment=of_sum(square_first_v, in_order),
        update=as_printed,
        hat_update=hat,
    ),
    Variant(
        "subtracted and scattered",
        first_moment=subtract_and_scatter_m,
        second_moment=subtract_v,
        update=as_printed,
        hat_update=hat,
    ),
    Variant(
        "summed, wide",
        first_moment=of_sum(multiply_add_m, in_order),
        second_moment=of_sum(square_first_v, in_order),
        update=as_printed,
        hat_update=hat,
        wide=True,
    ),
)
# The same where v takes the sum of the squares, not the square of the sum.
SQUARES_VARIANTS = (
    Variant(
        "summed squares, lerp",
        first_moment=of_sum(lerp_m, in_order),
        second_moment=lerp_of_squares,
        update=as_printed,
        hat_update=hat,
    ),
    Variant(
        "scattered squares",
        first_moment=scatter_m,
        second_moment=scatter_squares,
        update=as_printed,
        hat_update=hat,
    ),
)
