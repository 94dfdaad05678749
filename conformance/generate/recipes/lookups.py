"""Sparse gradients for recipes, as embedding lookups leave them."""

from collections.abc import Sequence

import numpy as np

from .recipe import CallGrads, RowSlices, normal

# The second parameter of most recipes, of which each call moves one row.
SECOND = (3,)
# Values are multiples of 1/64: they have few digits, so that sums of slices are exact.
_PARTS = 64


def lookups(
    seed: int, batches: Sequence[Sequence[int] | None], width: int = 3, scale: float = 1.0
) -> list[CallGrads]:
    """Return the sparse gradients of one parameter, with a slice for each row of a batch.

    Args:
        seed: of the values.
        batches: for each call the rows, or None for no gradient.
        width: how many numbers a row has.
        scale: of the values; a power of two, so that they stay exact.
    """
    rng = np.random.default_rng(seed)
    calls: list[CallGrads] = []
    for rows in batches:
        if rows is None:
            calls.append([None])
            continue
        values = rng.normal(size=(len(rows), width))
        calls.append([RowSlices(rows, np.round(values * _PARTS) / _PARTS * scale)])
    return calls


def with_second(seed: int, calls: Sequence[CallGrads]) -> list[CallGrads]:
    """Return the calls with a gradient for a second parameter of shape `SECOND`: one row each."""
    values = normal(seed, [(1,) for _ in calls])
    pairs = zip(calls, values, strict=True)
    return [[*grads, RowSlices((call % 3,), value)] for call, (grads, value) in enumerate(pairs)]
