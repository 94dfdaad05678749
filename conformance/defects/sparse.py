"""Sparse gradients that move the wrong rows, or that are treated unlike dense gradients."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..vectors.slices import IndexedSlices, sum_slices
from .defect import Defect, wrong
from .kit.editable import EditableAdam
from .kit.paper import scatter
from .kit.records import Array, Grads, Step
from .kit.sparse import row_counts, step_own_rows, step_own_rows_by_own_t, step_rows

# The piece `largest` returns two arrays: the maximum to remember, and the v of which E4 is taken.
Largest = tuple[Array, Array]


def _other_rows(param: Array, slices: IndexedSlices) -> NDArray[Any]:
    """Return the rows that have no slice."""
    return np.setdiff1d(np.arange(len(param)), slices.indices)


# --- AMSGrad and epsilon


@wrong(
    "largest",
    entry="S05",
    what="AMSGrad's maximum is stored as its root, of sparse gradients",
    links=["pytorch/pytorch#4314"],
    convention="tfkeras",
)
def sparse_maximum_is_rooted(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    largest = np.maximum(v_max, v)
    stored = np.sqrt(largest) if step.is_sparse else largest
    return stored, largest


@wrong(
    "largest",
    entry="S06",
    what="AMSGrad's maximum is taken and not stored, of sparse gradients",
    links=["pytorch/pytorch#4034"],
    convention="tfkeras",
)
def sparse_maximum_is_lost(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    largest = np.maximum(v_max, v)
    stored = v_max if step.is_sparse else largest
    return stored, largest


@wrong(
    "largest",
    entry="S07",
    what="AMSGrad's maximum is stored for the first number of a row only",
    links=["pytorch/pytorch#4034"],
    convention="tfkeras",
)
def sparse_maximum_of_first_column(
    adam: EditableAdam, step: Step, v_max: Array, v: Array
) -> Largest:
    largest = np.maximum(v_max, v)
    stored = largest.copy()
    if step.is_sparse and stored.ndim > 1:
        stored[:, 1:] = v_max[:, 1:]
    return stored, largest


@wrong(
    "epsilon_outside",
    entry="S08",
    what="epsilon stands elsewhere for sparse gradients than for dense ones",
    links=["https://github.com/pytorch/pytorch/blob/v2.13.0/torch/optim/_functional.py"],
)
def sparse_epsilon_elsewhere(adam: EditableAdam, step: Step) -> float:
    epsilon_hat = adam.epsilon / np.sqrt(1 - adam.beta2**step.t)
    return epsilon_hat if step.is_sparse else adam.epsilon


# --- rows without a slice


@wrong(
    "sparse_step",
    entry="S09",
    what="the moments of rows without a slice decay, where they must stay",
    links=["tensorflow/tensorflow#6460"],
    convention="torch-sparse",
)
def lazy_decays_all_rows(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    state = adam.state
    number = step.parameter
    rest = _other_rows(state.params[number], slices)
    step_own_rows(adam, step, slices)
    state.m[number][rest] *= adam.beta1
    state.v[number][rest] *= adam.beta2


lazy_where_dense = Defect(
    name="lazy-where-dense",
    entry="S10",
    what="rows without a slice stay as they are",
    links=["apache/mxnet#9177"],
    pieces={"sparse_step": step_own_rows},
)

lazy_adam = Defect(
    name="lazy-adam",
    entry="C12",
    what="rows without a slice stay as they are",
    links=["tensorflow/tensorflow#23668"],
    convention="tfkeras",
    pieces={"sparse_step": step_own_rows},
)


@wrong(
    "sparse_step",
    entry="S14",
    what="the path for sparse gradients is never taken",
    links=["tensorflow/models#7398"],
    convention="torch-sparse",
)
def dense_where_lazy(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    # Right in torch-sparse: a step of the rows that have a slice.
    adam.step_array(step, scatter(adam.state.params[step.parameter], slices))


sparse_row_t = Defect(
    name="sparse-row-t",
    entry="C22",
    what="each row is corrected by the number of its own gradients",
    links=["nerfstudio-project/gsplat#604"],
    convention="torch-sparse",
    pieces={"sparse_step": step_own_rows_by_own_t},
)


@wrong("sparse_step", what="all rows move, but the moments of those without a slice do not decay")
def sparse_moments_frozen(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    state = adam.state
    number = step.parameter
    rest = _other_rows(state.params[number], slices)
    m = state.m[number].copy()
    v = state.v[number].copy()
    adam.step_array(step, scatter(state.params[number], slices))
    state.m[number][rest] = m[rest]
    state.v[number][rest] = v[rest]


@wrong(
    "sparse_step",
    entry="S12",
    what="weights decay in the rows with a slice only",
    links=["tensorflow/tensorflow#17438"],
    convention="keras3",
)
def sparse_decay_of_rows(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    param = adam.state.params[step.parameter].copy()
    adam.step_array(step, scatter(param, slices))
    # The step has decayed every row; this undoes it in the rows without a slice.
    rest = _other_rows(param, slices)
    decayed = param[rest] * (step.learning_rate * adam.weight_decay)
    adam.state.params[step.parameter][rest] += decayed


_LAST_CALLS = "the call of the last gradient of each row"


@wrong(
    "sparse_step",
    entry="S19",
    what="missed decay is applied to a row when it is hit again, and moves nothing",
    links=["pytorch/pytorch#3137"],
)
def sparse_catches_up(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    state = adam.state
    number = step.parameter
    last_calls = row_counts(adam, _LAST_CALLS, number)
    once = sum_slices(slices)
    for row, grad in zip(once.indices, once.values, strict=True):
        # Right: in each missed call, m would have moved the row as well.
        missed = state.calls - 1 - last_calls[row]
        state.m[number][row] *= adam.beta1**missed
        state.v[number][row] *= adam.beta2**missed
        last_calls[row] = state.calls
        step_rows(adam, step, [row], grad[None])


# --- state that sparse and dense gradients do not share


@wrong(
    "bias2",
    entry="S13",
    what="v is not corrected, of sparse gradients",
    links=["ooples/AiDotNet#1526"],
)
def sparse_v_uncorrected(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 if step.is_sparse else 1 - beta**step.t


_OTHER_MOMENTS = "m and v of the other kind of gradients"
_LAST_KIND = "whether the last gradient was sparse"


@wrong(
    "begin",
    entry="S18",
    what="sparse and dense gradients of a parameter have moments of their own",
    links=["apache/mxnet#10664"],
)
def sparse_moments_apart(adam: EditableAdam, grads: Grads) -> None:
    state = adam.state
    last_kind = adam.memory.setdefault(_LAST_KIND, {})
    others = adam.memory.setdefault(_OTHER_MOMENTS, {})
    for number, grad in enumerate(grads):
        if grad is None:
            continue
        is_sparse = isinstance(grad, IndexedSlices)
        if last_kind.setdefault(number, is_sparse) == is_sparse:
            continue
        # The kind has changed: the moments of the two kinds change places.
        zero = np.zeros_like(state.params[number])
        m, v = others.get(number, (zero, zero.copy()))
        others[number] = (state.m[number], state.v[number])
        state.m[number] = m
        state.v[number] = v
        last_kind[number] = is_sparse


@wrong("sparse_step", what="sparse gradients take the learning rate of the first step")
def sparse_rate_of_before(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    # Right: step, with the learning rate that a schedule has changed.
    first = step._replace(learning_rate=adam.learning_rate)
    adam.step_array(first, scatter(adam.state.params[step.parameter], slices))


@wrong("step_number", what="sparse gradients are counted from 0 again after loading")
def sparse_t_not_loaded(adam: EditableAdam, step: Step) -> int:
    # Loading sets the number of calls, not the numbers of gradients.
    return adam.state.gradients[step.parameter] if step.is_sparse else adam.state.calls
