"""Sparse gradients with wrong slices: repeated, lost, empty or wrongly clipped rows."""

from dataclasses import replace

import numpy as np

from ..truth.reference import CONVENTIONS
from ..vectors.slices import IndexedSlices, sum_slices
from .defect import Defect, wrong
from .kit.clipping import clip_of
from .kit.editable import EditableAdam
from .kit.paper import scatter
from .kit.records import Array, Grads, Step
from .kit.sparse import note_squares, step_rows, sum_of_squares


@wrong(
    "sparse_step",
    entry="S01",
    what="each slice of a row is a step of its own",
    links=["dmlc/dgl#2451"],
    convention="torch-sparse",
)
def duplicates_one_by_one(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    # Right: one step of each row, with the sum of its slices.
    for row, grad in zip(slices.indices, slices.values, strict=True):
        step_rows(adam, step, [row], grad[None])


@wrong(
    "dense_gradient",
    entry="S02",
    what="of the slices of a row only the last counts",
    links=["tensorflow/tensorflow#28090"],
)
def duplicates_last_wins(adam: EditableAdam, param: Array, slices: IndexedSlices) -> Array:
    dense = np.zeros_like(param)
    # Right: np.add.at. Assignment keeps the last slice of a repeated row.
    dense[slices.indices] = slices.values
    return dense


@wrong("dense_gradient", what="the slices of a row are averaged")
def duplicates_averaged(adam: EditableAdam, param: Array, slices: IndexedSlices) -> Array:
    counts = np.bincount(slices.indices, minlength=len(param))
    counts = np.maximum(counts, 1).astype(param.dtype)
    one_for_each_row = np.expand_dims(counts, tuple(range(1, param.ndim)))
    return np.asarray(scatter(param, slices) / one_for_each_row)


duplicates_sum_of_squares = Defect(
    name="duplicates-sum-of-squares",
    what="v takes the squares of the slices of a row, not of their sum",
    links=["https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/adam.py"],
    convention="keras3",
    pieces={"dense_gradient": note_squares, "second_moment": sum_of_squares},
)


@wrong(
    "dense_gradient",
    entry="S04",
    what="a sparse gradient without a row crashes",
    links=["pytorch/pytorch#82486"],
)
def empty_sparse_crash(adam: EditableAdam, param: Array, slices: IndexedSlices) -> Array:
    if not len(slices.indices):
        raise IndexError("index 0 is out of bounds for axis 0 with size 0")
    return scatter(param, slices)


@wrong(
    "dense_gradient",
    entry="S15",
    what="slices of the last row are taken for padding",
    links=["tensorflow/tensorflow#5252"],
)
def sparse_last_row_is_padding(adam: EditableAdam, param: Array, slices: IndexedSlices) -> Array:
    # A library that pads slices with the index -1 finds the last row there.
    keep = slices.indices != len(param) - 1
    kept = slices._replace(values=slices.values[keep], indices=slices.indices[keep])
    return scatter(param, kept)


_SUMS_FIRST = replace(CONVENTIONS["tfkeras"].convention, clip_duplicates="after_sum")

sparse_clip_after_sum = Defect(
    name="sparse-clip-after-sum",
    entry="S16",
    what="the slices of a row are summed before they are clipped",
    links=["keras-team/keras#3859"],
    convention="tfkeras",
    pieces={"clip": clip_of(_SUMS_FIRST)},
)

_EMPTY_CALLS = "calls with an empty sparse gradient"


def _count_empty(adam: EditableAdam, grads: Grads) -> None:
    is_empty = (isinstance(g, IndexedSlices) and not len(g.indices) for g in grads)
    if any(is_empty):
        adam.memory[_EMPTY_CALLS] = adam.memory.get(_EMPTY_CALLS, 0) + 1


def _calls_that_are_not_empty(adam: EditableAdam, step: Step) -> int:
    empty: int = adam.memory.get(_EMPTY_CALLS, 0)
    return adam.state.calls - empty


sparse_empty_not_counted = Defect(
    name="sparse-empty-not-counted",
    entry="S20",
    what="t does not count a call with an empty sparse gradient",
    links=["pytorch/pytorch#82486"],
    pieces={"begin": _count_empty, "step_number": _calls_that_are_not_empty},
)


@wrong("dense_gradient", what="rows are sorted, their slices are not")
def sparse_rows_sorted(adam: EditableAdam, param: Array, slices: IndexedSlices) -> Array:
    # Right: the values in the same order.
    return scatter(param, slices._replace(indices=np.sort(slices.indices)))


@wrong(
    "sparse_step",
    what="a slice of zeros is dropped, and its row does not move",
    convention="torch-sparse",
)
def sparse_zeros_dropped(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    once = sum_slices(slices)
    # Right: m is not zero, so the row moves all the same.
    keep = once.values.any(axis=tuple(range(1, once.values.ndim)))
    step_rows(adam, step, once.indices[keep], once.values[keep])
