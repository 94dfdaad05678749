"""Gradients of a row: of usual and unusual sizes, dense or sparse, with pauses."""

from collections.abc import Sequence
from math import prod

import numpy as np

from ..vectors.slices import Grad, IndexedSlices
from ..vectors.words import Array
from .rows import Row, config_of

Shapes = Sequence[tuple[int, ...]]

# So many elements of an array are written down.
TILE = 3
_CALLS = 5
_FEW_CALLS = 4

# What each element of three, and of the next parameter two later, has for gradients.
_PATTERN = ("ordinary", "falling", "zero", "tiny", "huge", "ordinary", "ordinary")
_TINY = 2.0**-34
_HUGE = 2.0**34
# By parameter: the calls in which it has no gradient.
_PAUSES = ((), (1,), (2, 3, 4), (3,), (2, 3, 4, 5))


def call_count(row: Row) -> int:
    if row["dtype"] == "float16":
        # Later ones are less exact than what they should tell apart.
        return 2
    # Pauses and schedules need their time.
    return _CALLS if any(map(row.get, ("none", "schedule", "cycle"))) else _FEW_CALLS


def gradients_of(row: Row, shapes: Shapes, calls: int) -> list[list[Grad | None]]:
    """Return the gradients of each call: dense, sparse or missing."""
    rng = np.random.default_rng(row["seed"])
    gradients: list[list[Grad | None]] = []
    for call in range(1, calls + 1):
        grads: list[Grad | None] = []
        for param, shape in enumerate(shapes):
            # Both are drawn in any case, so that a pause changes no other gradient.
            dense = _dense(row, rng, param, call, prod(shape))
            slices = _slices(row, rng, param, call, shape)
            if row.get("none") and call in _pause(row, param):
                grads.append(None)
            elif row.get("sparse") and shape and (_turn(row, param) % 2 or row["count"] <= 1):
                grads.append(slices)
            else:
                grads.append(dense)
        gradients.append(grads)
    return gradients


def _turn(row: Row, param: int) -> int:
    """Return a number that makes parameters differ, and the same parameter of other rows."""
    number: int = row["number"]
    return param + number


def _pause(row: Row, param: int) -> Sequence[int]:
    # The only parameter has a gradient in the first call and in the last one.
    if row["count"] <= 1:
        return _PAUSES[2 + row["number"] % 2]
    return _PAUSES[_turn(row, param) % len(_PAUSES)]


def _dense(row: Row, rng: np.random.Generator, param: int, call: int, size: int) -> Array:
    count = size if is_whole(row) else min(size, TILE)
    numbers = rng.integers(3, 24, count) / 8 * rng.choice((-1, 1), count)
    kinds = _kinds(row, call)
    for element in range(count):
        kind = kind_of(row, param, element)
        if kind == "falling":
            numbers[element] *= 8 if call == 1 else 2.0**-3
        elif kind in kinds:
            numbers[element] *= {"zero": 0.0, "tiny": _TINY, "huge": _HUGE}[kind]
    dense: Array = numbers.astype(row["dtype"])
    return dense


def kind_of(row: Row, param: int, element: int) -> str:
    return _PATTERN[(element % TILE + 2 * param + row["number"]) % len(_PATTERN)]


def _kinds(row: Row, call: int) -> set[str]:
    """Return the unusual kinds of gradients that a call may have.

    Where beta2 is small, v is the last square. An Adam may take it as v - (1 - beta2) (v - g^2),
    which cancels: a square far below the one before is lost, and any small denominator is right.
    """
    if row["dtype"] == "float16":
        return {"zero"} if call % 2 else set()
    forgets = config_of(row)["beta2"] < 0.1
    kinds = {"huge"} if call == call_count(row) or (call == 2 and not forgets) else set()
    if row["epsilon"] == "large" or not (forgets or row["epsilon"] == "zero"):
        kinds.add("tiny")
        if call % 2:
            kinds.add("zero")
    return kinds


def _slices(
    row: Row, rng: np.random.Generator, param: int, call: int, shape: tuple[int, ...]
) -> IndexedSlices:
    """Return slices of all kinds in turn: of some rows, repeated, repeated often, and of none."""
    rows = shape[0] if shape else 1
    kind = (_turn(row, param) // 2 + call) % 4
    # Two rows, one row three times, one eleven times beside another, and none.
    counts = (min(rows, 2), 3, 12, 0)
    indices = rng.permutation(rows)[: counts[0]]
    if kind:
        indices = np.repeat(rng.integers(0, rows), counts[kind])
        indices[1:2] = 0
    values = rng.integers(-12, 12, (len(indices), *shape[1:])) / 8
    return IndexedSlices(values.astype(row["dtype"]), indices.astype(np.int64), shape)


def is_whole(row: Row) -> bool:
    """Return whether arrays are written down whole, because norms or slices reach all of it."""
    return bool(row.get("sparse")) or "norm" in row.get("limit", "")
