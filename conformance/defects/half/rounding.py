"""Parameters of half precision that are rounded wrongly: towards zero, away from it, at random."""

import numpy as np

from ...vectors.storage import STOCHASTIC
from ..defect import wrong_half
from ..kit.half import RIGHT, HalfAdam, neighbours
from ..kit.records import Array
from .storages import RANDOM, ROUNDED, SPLIT


@wrong_half("store", what="parameters are truncated, not rounded to nearest", storage=ROUNDED)
def half_truncated(adam: HalfAdam, weight: Array) -> Array:
    inner, _ = _inner_and_outer(adam, weight)
    return inner if _rounds_to_nearest(adam) else RIGHT.store(adam, weight)


@wrong_half("store", what="ties are rounded away from zero, not to even", storage=ROUNDED)
def half_ties_away(adam: HalfAdam, weight: Array) -> Array:
    inner, outer = _inner_and_outer(adam, weight)
    below = np.abs(weight - inner.astype(np.float32))
    above = np.abs(outer.astype(np.float32) - weight)
    rounded = np.where(below < above, inner, outer)
    return rounded if _rounds_to_nearest(adam) else RIGHT.store(adam, weight)


def _inner_and_outer(adam: HalfAdam, weight: Array) -> tuple[Array, Array]:
    """Return the neighbours of each weight, first the one nearer to zero."""
    low, high = neighbours(adam, weight)
    return np.where(weight < 0, high, low), np.where(weight < 0, low, high)


def _rounds_to_nearest(adam: HalfAdam) -> bool:
    return adam.kept.weights not in ("split", STOCHASTIC)


@wrong_half(
    "store", what="the upper half of a float32 weight is rounded, not cut off", storage=SPLIT
)
def half_split_rounded(adam: HalfAdam, weight: Array) -> Array:
    return weight.astype(adam.dtype)


@wrong_half(
    "next_start",
    what="the lower half of a float32 weight is joined to an upper half that was rounded",
    storage=SPLIT,
)
def half_split_joined(adam: HalfAdam, number: int, weight: Array) -> Array:
    # What is returned was cut off, as it must be.
    if adam.kept.weights != "split":
        return weight
    lower = weight.view(np.uint32) & np.uint32(0xFFFF)
    upper = weight.astype(adam.dtype).astype(np.float32).view(np.uint32)
    return (upper | lower).view(np.float32)


@wrong_half("coins", what="one coin rounds all elements of a tensor", storage=RANDOM)
def half_one_coin(adam: HalfAdam, weight: Array) -> Array:
    return np.full(weight.shape, adam.random.random())


@wrong_half("coins", what="more elements are rounded up than must be", storage=RANDOM)
def half_biased_coin(adam: HalfAdam, weight: Array) -> Array:
    # Of 8 bits the lowest 3 are cut off, so that a coin lies too low.
    return np.floor(32 * adam.random.random(weight.shape)) / 32


@wrong_half("coins", what="every element is rounded up", storage=RANDOM)
def half_always_up(adam: HalfAdam, weight: Array) -> Array:
    return np.zeros(weight.shape)


@wrong_half("coins", what="elements are rounded to nearest, not at random", storage=RANDOM)
def half_nearest(adam: HalfAdam, weight: Array) -> Array:
    return np.full(weight.shape, 1 / 2)


@wrong_half("coins", what="every step throws the same coins", storage=RANDOM)
def half_same_coins(adam: HalfAdam, weight: Array) -> Array:
    return np.random.default_rng(weight.size).random(weight.shape)


@wrong_half(
    "coins",
    what="an element is rounded up as often as the lower neighbour is near",
    storage=RANDOM,
)
def half_wrong_neighbour(adam: HalfAdam, weight: Array) -> Array:
    low, high = neighbours(adam, weight)
    width = np.where(high > low, high.astype(np.float32) - low.astype(np.float32), 1)
    share = (weight - low.astype(np.float32)) / width
    # Up where a fair coin is below 1 - share.
    return np.where(adam.random.random(weight.shape) < 1 - share, 0, 1)
