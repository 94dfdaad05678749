"""The pieces of Algorithm 1, as the paper writes it. Every wrong piece replaces one of these.

`EditableAdam.step_array` calls them, E1 first. `PAPER`, at the end, gives each piece its function.

Source: Kingma & Ba, arXiv:1412.6980v9, Algorithm 1.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from ...vectors.slices import Grad, IndexedSlices, values_of
from ...vectors.switches import own_numbers as numbers_by_parameter
from .checks import check_grads, check_state
from .editable import EditableAdam, Pieces
from .records import Array, Grads, Hyperparameters, Settings, Slots, State, Step

# --- the equations


def first_moment(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    return adam.beta1 * m + (1 - adam.beta1) * grad  # E1


def second_moment(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    return adam.beta2 * v + (1 - adam.beta2) * (grad * grad)  # E2


def bias(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 - beta**step.t  # E3, E4


def denominator(adam: EditableAdam, step: Step, v_hat: Array) -> Array:
    inside = adam.pieces.epsilon_inside(adam, step)
    outside = adam.pieces.epsilon_outside(adam, step)
    return np.asarray(np.sqrt(v_hat + inside) + outside)


def adam_update(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    return step.learning_rate * m_hat / adam.pieces.denominator(adam, step, v_hat)  # E5


# Other conventions have another epsilon, or the same at another place.
def epsilon_inside(adam: EditableAdam, step: Step) -> float:
    return 0.0


def epsilon_outside(adam: EditableAdam, step: Step) -> float:
    return adam.epsilon


def step_number(adam: EditableAdam, step: Step) -> int:
    return adam.state.calls


# Only with AMSGrad; without it, E4 takes v.
def largest(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> tuple[Array, Array]:
    v_max = np.maximum(v_max, v)
    return v_max, v_max


# --- what Algorithm 1 leaves unchanged


def as_given(numbers: Hyperparameters) -> Hyperparameters:
    return numbers


def start(adam: EditableAdam) -> None:
    """Do nothing."""


def begin(adam: EditableAdam, grads: Grads) -> None:
    """Do nothing."""


def unscale(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return quotients(grads, scale) if all_finite(grads) else None


def all_finite(grads: Grads) -> bool:
    return all(np.isfinite(values_of(grad)).all() for grad in grads if grad is not None)


def quotients(grads: Grads, scale: float) -> Grads:
    """Return gradients divided by a number, in their own dtype."""

    def divide(array: Array) -> Array:
        return np.asarray(array / array.dtype.type(scale))

    return change_values(grads, divide)


def change_values(grads: Grads, to_others: Callable[[Array], Array]) -> Grads:
    """Return the gradients of all parameters with other numbers; None stays None."""
    changed: list[Grad | None] = []
    for grad in grads:
        if isinstance(grad, IndexedSlices):
            changed.append(grad._replace(values=to_others(grad.values)))
        else:
            changed.append(None if grad is None else to_others(grad))
    return changed


# The mean of the gradients of several calls, if the user wants fewer updates.
def accumulate(adam: EditableAdam, grads: Grads) -> Grads | None:
    if adam.accumulation_steps == 1:
        return grads
    calls = collect(adam, grads)
    return None if calls is None else mean_of(calls)


def collect(adam: EditableAdam, grads: Grads) -> list[Grads] | None:
    """Return the gradients of all calls of an update; None where the call only waits for more."""
    state = adam.state
    state.waiting.append(grads)
    if len(state.waiting) < adam.accumulation_steps:
        return None
    calls = state.waiting
    state.waiting = []
    return calls


def mean_of(calls: Sequence[Grads]) -> Grads:
    """Return the mean gradient of each parameter."""
    # With gradient accumulation all gradients are dense.
    columns: Any = zip(*calls, strict=True)
    return [np.mean(column, axis=0, dtype=column[0].dtype) for column in columns]


# A call in which no parameter has a gradient.
def counts_empty_call(adam: EditableAdam) -> bool:
    return True


def clip(adam: EditableAdam, grads: Grads) -> Grads:
    return grads


def schedule(adam: EditableAdam, learning_rate: float) -> float:
    return learning_rate


def gradient(adam: EditableAdam, step: Step, param: Array, grad: Grad | None) -> Grad | None:
    return grad


# With parameter groups.
def own_numbers(adam: EditableAdam, step: Step) -> dict[str, float]:
    return numbers_by_parameter(adam.groups, len(adam.state.params))[step.parameter]


def late_numbers(adam: EditableAdam, numbers: dict[str, float]) -> dict[str, float]:
    return numbers


def parameter_rate(adam: EditableAdam, step: Step) -> float:
    return step.learning_rate


def ascend(adam: EditableAdam, step: Step, grad: Array) -> Array:
    return -grad if adam.maximize else grad


def no_l2(adam: EditableAdam, step: Step, param: Array, grad: Array) -> Array:
    return grad


def no_decay(adam: EditableAdam, step: Step, param: Array) -> Array:
    return param


def weight_decay(adam: EditableAdam) -> float:
    return adam.weight_decay


def change(adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array) -> Array:
    return update


def remember(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    return m, v


def new_param(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    return new


# --- sparse gradients, which move every row here, as the same gradient in an array would


def sparse_step(adam: EditableAdam, step: Step, slices: IndexedSlices) -> None:
    param = adam.state.params[step.parameter]
    adam.step_array(step, adam.pieces.dense_gradient(adam, param, slices))


def dense_gradient(adam: EditableAdam, param: Array, slices: IndexedSlices) -> Array:
    return scatter(param, slices)


def scatter(param: Array, slices: IndexedSlices) -> Array:
    """Return the array that slices stand for: zero in other rows, slices of one row summed."""
    dense = np.zeros_like(param)
    np.add.at(dense, slices.indices, slices.values)
    return dense


# --- saving and loading


def save(adam: EditableAdam, state: State) -> State:
    return deepcopy(state)


# A saved state may be restored again, so that it stays as it is.
def restore(adam: EditableAdam, saved: State) -> State:
    return deepcopy(saved)


def restore_settings(adam: EditableAdam, saved: Settings) -> Settings:
    return saved


def load(adam: EditableAdam, slots: Slots, t: Sequence[int]) -> tuple[Slots, Sequence[int]]:
    return slots, t


PAPER = Pieces(
    numbers=as_given,
    start=start,
    check_grads=check_grads,
    begin=begin,
    unscale=unscale,
    accumulate=accumulate,
    counts_empty_call=counts_empty_call,
    clip=clip,
    schedule=schedule,
    gradient=gradient,
    own_numbers=own_numbers,
    late_numbers=late_numbers,
    parameter_rate=parameter_rate,
    sparse_step=sparse_step,
    dense_gradient=dense_gradient,
    step_number=step_number,
    ascend=ascend,
    add_l2=no_l2,
    decay=no_decay,
    weight_decay=weight_decay,
    first_moment=first_moment,
    second_moment=second_moment,
    largest=largest,
    bias1=bias,
    bias2=bias,
    epsilon_inside=epsilon_inside,
    epsilon_outside=epsilon_outside,
    denominator=denominator,
    update=adam_update,
    change=change,
    remember=remember,
    new_param=new_param,
    save=save,
    restore=restore,
    restore_settings=restore_settings,
    check_state=check_state,
    load=load,
)
