"""Sparse gradients that are taken for what they are not."""

from typing import Any

import numpy as np

from ..vectors.slices import IndexedSlices, summed
from .defect import defect
from .kit.by_convention import noting_squares, only_rows, row_t, sum_of_squares
from .kit.clipping import clipping
from .kit.editable import Array, Plain, scattered


def _one_by_one(a: Plain, i: int, slices: IndexedSlices) -> None:
    for row, grad in zip(slices.indices, slices.values, strict=True):
        a.rows(i, [row], grad[None])


def _last_wins(a: Plain, p: Array, slices: IndexedSlices) -> Array:
    dense = np.zeros_like(p)
    dense[slices.indices] = slices.values
    return dense


def _mean(a: Plain, p: Array, slices: IndexedSlices) -> Array:
    times = np.maximum(np.bincount(slices.indices, minlength=len(p)), 1).astype(p.dtype)
    return np.asarray(scattered(p, slices) / times.reshape(-1, *[1] * (p.ndim - 1)))


def _needs_rows(a: Plain, p: Array, slices: IndexedSlices) -> Array:
    if not len(slices.indices):
        raise IndexError("index 0 is out of bounds for axis 0 with size 0")
    return scattered(p, slices)


def _decaying_all(a: Plain, i: int, slices: IndexedSlices) -> None:
    once = summed(slices)
    rest = np.setdiff1d(np.arange(len(a.params[i])), once.indices)
    a.rows(i, once.indices, once.values)
    for slot, beta in ((a.m, a.beta1), (a.v, a.beta2)):
        slot[i][rest] *= beta


def _frozen_moments(a: Plain, i: int, slices: IndexedSlices) -> None:
    """All rows move, but only the moments of those with a slice decay."""
    rest = np.setdiff1d(np.arange(len(a.params[i])), slices.indices)
    before = [slot[i].copy() for slot in (a.m, a.v)]
    a.one(i, scattered(a.params[i], slices))
    for slot, old in zip((a.m, a.v), before, strict=True):
        slot[i][rest] = old[rest]


def _catching_up(a: Plain, i: int, slices: IndexedSlices) -> None:
    """Rows come to life again with the decay that they missed, which moves no parameter."""
    once = summed(slices)
    seen = a.by_row.setdefault(i, np.zeros(len(a.params[i]), int))
    for row, grad in zip(once.indices, once.values, strict=True):
        missed = a.calls - 1 - seen[row]
        a.m[i][row] *= a.beta1**missed
        a.v[i][row] *= a.beta2**missed
        seen[row] = a.calls
        a.rows(i, [row], grad[None])


def _apart(a: Plain, grads: Any) -> None:
    """Moments for sparse gradients, and moments for dense ones."""
    for i, grad in enumerate(grads):
        kind = isinstance(grad, IndexedSlices)
        last, own = a.by_row.get(i, (kind, [np.zeros_like(a.params[i]) for _ in range(2)]))
        if grad is not None and kind != last:
            (a.m[i], a.v[i]), own = own, [a.m[i], a.v[i]]
        a.by_row[i] = (last if grad is None else kind, own)


def _first_rate(a: Plain, i: int, slices: IndexedSlices) -> None:
    now, a.lr = a.lr, a.first_lr
    a.one(i, scattered(a.params[i], slices))
    a.lr = now


def _moving_back(a: Plain, i: int, slices: IndexedSlices) -> None:
    """Decay of the rows with a slice alone."""
    rest = np.setdiff1d(np.arange(len(a.params[i])), slices.indices)
    kept, before = a.weight_decay, a.params[i].copy()
    a.one(i, scattered(before, slices))
    a.params[i][rest] += before[rest] * (a.lr * kept)


def _rooted(a: Plain, v_max: Array, v: Array) -> tuple[Array, Array]:
    largest = np.maximum(v_max, v)
    return (np.sqrt(largest) if a.on_rows else largest), largest


def _flat_put(a: Plain, v_max: Array, v: Array) -> tuple[Array, Array]:
    largest = np.maximum(v_max, v)
    stored = largest.copy()
    if a.on_rows and stored.ndim > 1:
        stored[:, 1:] = v_max[:, 1:]
    return stored, largest


def _counting_full(a: Plain, i: int) -> int:
    return int(a.calls - a.empty_calls)


def _noting_empty(a: Plain, grads: Any) -> None:
    a.empty_calls += any(isinstance(g, IndexedSlices) and not len(g.indices) for g in grads)


def _inner(a: Plain, p: Array, slices: IndexedSlices) -> Array:
    keep = slices.indices != len(p) - 1
    return scattered(p, slices._replace(values=slices.values[keep], indices=slices.indices[keep]))


def _sorted(a: Plain, p: Array, slices: IndexedSlices) -> Array:
    return scattered(p, slices._replace(indices=np.sort(slices.indices)))


def _without_zeros(a: Plain, i: int, slices: IndexedSlices) -> None:
    once = summed(slices)
    keep = once.values.any(axis=tuple(range(1, once.values.ndim)))
    a.rows(i, once.indices[keep], once.values[keep])


# fmt: off
SPARSE = (
    defect("duplicates-one-by-one", "S01", "each slice of a row is a step of its own", "dmlc/dgl#2451",
           of="torch-sparse", sparse=_one_by_one),
    defect("duplicates-last-wins", "S02", "of the slices of a row only the last counts", "tensorflow/tensorflow#28090",
           scattered=_last_wins),
    defect("duplicates-averaged", "own", "the slices of a row are averaged",
           scattered=_mean),
    defect("duplicates-sum-of-squares", "own", "v takes the squares of the slices of a row, not of their sum",
           "https://github.com/keras-team/keras/blob/v3.15.1/keras/src/optimizers/adam.py",
           of="keras3", scattered=noting_squares, second=sum_of_squares),
    defect("empty-sparse-crash", "S04", "a sparse gradient without a row crashes", "pytorch/pytorch#82486",
           scattered=_needs_rows),
    defect("sparse-maximum-is-rooted", "S05", "AMSGrad's maximum is stored as its root, of sparse gradients",
           "pytorch/pytorch#4314", of="tfkeras",
           maximum=_rooted),
    defect("sparse-maximum-is-lost", "S06", "AMSGrad's maximum is taken and not stored, of sparse gradients",
           "pytorch/pytorch#4034", of="tfkeras",
           maximum=lambda a, v_max, v: (v_max if a.on_rows else np.maximum(v_max, v), np.maximum(v_max, v))),
    defect("sparse-maximum-of-first-column", "S07", "AMSGrad's maximum is stored for the first number of a row only",
           "pytorch/pytorch#4034", of="tfkeras", maximum=_flat_put),
    defect("sparse-epsilon-elsewhere", "S08", "epsilon stands elsewhere for sparse gradients than for dense ones",
           "https://github.com/pytorch/pytorch/blob/v2.13.0/torch/optim/_functional.py",
           outside=lambda a, t: a.epsilon / np.sqrt(1 - a.beta2**t) if a.on_rows else a.epsilon),
    defect("lazy-decays-all-rows", "S09", "the moments of rows without a slice decay, where they must stay",
           "tensorflow/tensorflow#6460", of="torch-sparse", sparse=_decaying_all),
    defect("lazy-where-dense", "S10", "rows without a slice stay as they are", "apache/mxnet#9177",
           sparse=only_rows),
    defect("lazy-adam", "C12", "rows without a slice stay as they are", "tensorflow/tensorflow#23668",
           of="tfkeras", sparse=only_rows),
    defect("dense-where-lazy", "S14", "the path for sparse gradients is never taken", "tensorflow/models#7398",
           of="torch-sparse", sparse=lambda a, i, slices: a.one(i, scattered(a.params[i], slices))),
    defect("sparse-row-t", "C22", "each row is corrected by the number of its own gradients",
           "nerfstudio-project/gsplat#604", of="torch-sparse", sparse=row_t),
    defect("sparse-moments-frozen", "own", "all rows move, but the moments of those without a slice do not decay",
           sparse=_frozen_moments),
    defect("sparse-decay-of-rows", "S12", "weights decay in the rows with a slice only",
           "tensorflow/tensorflow#17438", of="keras3", sparse=_moving_back),
    defect("sparse-v-uncorrected", "S13", "v is not corrected, of sparse gradients", "ooples/AiDotNet#1526",
           bias2=lambda a, t: 1 if a.on_rows else 1 - a.beta2**t),
    defect("sparse-last-row-is-padding", "S15", "slices of the last row are taken for padding",
           "tensorflow/tensorflow#5252", scattered=_inner),
    defect("sparse-clip-after-sum", "S16", "the slices of a row are summed before they are clipped",
           "keras-team/keras#3859", of="tfkeras",
           clipped=clipping({"clip_law": "exact", "clip_order": "value_norm_global", "clip": "cumulative",
                             "clip_duplicates": "after_sum"})),
    defect("sparse-moments-apart", "S18", "sparse and dense gradients of a parameter have moments of their own",
           "apache/mxnet#10664", called=_apart),
    defect("sparse-catches-up", "S19", "missed decay is applied to a row when it is hit again, and moves nothing",
           "pytorch/pytorch#3137", sparse=_catching_up),
    defect("sparse-empty-not-counted", "S20", "t does not count a call with an empty sparse gradient",
           "pytorch/pytorch#82486", called=_noting_empty, t=_counting_full),
    defect("sparse-rate-of-before", "own", "sparse gradients take the learning rate of the first step",
           sparse=_first_rate),
    defect("sparse-t-not-loaded", "own", "sparse gradients are counted from 0 again after loading",
           t=lambda a, i: a.gradients[i] if a.on_rows else a.calls),
    defect("sparse-rows-sorted", "own", "rows are sorted, their slices are not",
           scattered=_sorted),
    defect("sparse-zeros-dropped", "own", "a slice of zeros is dropped, and its row does not move",
           of="torch-sparse", sparse=_without_zeros),
)
