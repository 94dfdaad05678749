"""Tables, gradients and conventions for the tests of deferred rows."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from adamref import Adam, AdamConfig, Convention, IndexedSlices
from adamref.convention import Arithmetic
from adamref.kernels.deferred import DeferredTable
from adamref.named_conventions import CONVENTIONS

ROWS = 12
# Two vectors of 16 and a rest.
WIDTH = 37
NOTHING = IndexedSlices(np.zeros((0, WIDTH), np.float32), np.zeros(0, np.int64))
OPTAX = replace(CONVENTIONS["optax"].convention, sparse="dense_equivalent")


class Case(NamedTuple):
    config: AdamConfig
    convention: str | Convention = "tf1"
    arithmetic: Arithmetic | None = None


CASES = {
    "tf1": Case(AdamConfig()),
    "tf1-eps": Case(AdamConfig(epsilon=1e-3, beta1=0.5)),
    "tfkeras-amsgrad": Case(AdamConfig(amsgrad=True, epsilon=1e-7), "tfkeras"),
    "paper": Case(AdamConfig(beta2=0.95), "paper"),
    "paper-amsgrad": Case(AdamConfig(amsgrad=True), "paper"),
    "paper-no-epsilon": Case(AdamConfig(epsilon=0.0), "paper"),
    "keras3-decay": Case(AdamConfig(weight_decay=0.02), "keras3"),
    "optax-amsgrad": Case(
        AdamConfig(amsgrad=True, epsilon_root=1e-12), OPTAX, Arithmetic.parse("dddTT")
    ),
    "inside": Case(AdamConfig(epsilon=1e-6), Convention(epsilon="inside")),
    "ascent": Case(AdamConfig(maximize=True), Convention(maximize="before_l2")),
    "l2": Case(AdamConfig(weight_decay=0.1), Convention(weight_decay="l2")),
    "decay-after": Case(
        AdamConfig(weight_decay=0.1), Convention(weight_decay="decoupled", decay_when="after")
    ),
    "no-correction": Case(AdamConfig(), Convention(bias_correction="none")),
}


def table(seed=0, dtype="float32", rows=ROWS, width=WIDTH):
    """Parameters over some decades, some of them 0, of both signs."""
    rng = np.random.default_rng(seed)
    found = (rng.normal(size=(rows, width)) * 10.0 ** rng.uniform(-6, 1, (rows, width))).astype(
        dtype
    )
    found[:, ::9] = 0.0
    found[:, 4::9] = -0.0
    return found


def slices(rng, indices, like):
    """Gradients over seven decades."""
    shape = (len(indices), *like.shape[1:])
    values = rng.normal(size=shape) * 10.0 ** rng.uniform(-7, 0, shape)
    return IndexedSlices(values.astype(like.dtype), np.array(indices, np.int64))


def visits(rng, rows, steps):
    """Yield indices of each step: mostly none, sometimes a few with repetitions, rarely all."""
    for _ in range(steps):
        kind = rng.uniform()
        if kind < 0.9:
            yield []
        elif kind < 0.985:
            yield rng.integers(
                0, rows - 1, rng.integers(1, 5)
            ).tolist()  # the last row is left alone
        else:
            yield rng.permutation(rows - 1).tolist()


def same_bits(one, other):
    """Whether two arrays have the same bits; any NaN is equal to any other."""
    both = np.isnan(one) & np.isnan(other)
    word = {4: np.uint32, 8: np.uint64}[one.dtype.itemsize]
    return one.dtype == other.dtype and bool((both | (one.view(word) == other.view(word))).all())


def pair(case, start):
    return DeferredTable(start, *case), Adam([start], *case)


def equal(one, adam):
    found = one.slots()
    return same_bits(one.read(), adam.params[0]) and all(
        same_bits(found[name], whole) for name, (whole,) in adam.slots().items()
    )
