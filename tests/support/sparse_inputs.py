"""A parameter of four rows, and sparse gradients of it: rows twice, alone, none, and mixed."""

import numpy as np

from adamref import IndexedSlices

BATCHES = ([0, 0, 2], [2], [], [1, 2, 1])


def embedding(seed=0):
    return np.random.default_rng(seed).normal(size=(4, 2))


def lookups(seed=1):
    rng = np.random.default_rng(seed)
    return [
        IndexedSlices(rng.integers(-8, 9, (len(rows), 2)) / 4.0, np.array(rows, np.int64))
        for rows in BATCHES
    ]


def as_dense(slices):
    whole = np.zeros((4, 2))
    for row, values in zip(slices.indices, slices.values, strict=True):
        whole[row] += values
    return whole
