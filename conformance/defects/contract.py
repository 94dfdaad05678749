"""Wrong handling of parameters, gradients that are missing or do not fit, and learning rates."""

import numpy as np

from ..vectors.slices import Grad, IndexedSlices
from .defect import wrong
from .kit.checks import (
    check_count,
    check_dtype,
    check_grads,
    check_rows,
    check_shape,
    check_slices,
    check_sparse,
)
from .kit.editable import EditableAdam
from .kit.records import Array, Grads, Step


@wrong(
    "new_param",
    entry="A35",
    what="step returns without doing anything",
    links=["cool-japan/scirs#98"],
)
def no_update(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    return old


@wrong(
    "new_param",
    entry="B80",
    what="an empty parameter keeps the one before it from moving",
    links=["pytorch/pytorch#100701"],
)
def empty_swallows_others(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    # An early return for empty arrays, taken one parameter too early.
    following = adam.state.params[step.parameter + 1 :]
    return old if following and following[0].size == 0 else new


# Elements that fit into one register.
_WIDTH = 4


@wrong(
    "new_param",
    entry="B82",
    what="the elements of a last, partial register stay",
    links=["deepspeedai/DeepSpeed#3109"],
)
def simd_tail(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    # A parameter smaller than a register takes another path, which is right.
    if new.size <= _WIDTH:
        return new
    tail = new.size - new.size % _WIDTH
    kept = new.ravel().copy()
    kept[tail:] = old.ravel()[tail:]
    return kept.reshape(new.shape)


@wrong(
    "new_param",
    entry="B83",
    what="a scalar parameter is never updated",
    links=["cool-japan/scirs#98"],
)
def scalar_unchanged(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    return old if old.ndim == 0 else new


@wrong(
    "schedule",
    entry="B88",
    what="the learning rate of the first step is baked in",
    links=["pytorch/pytorch#185382"],
)
def schedule_ignored(adam: EditableAdam, learning_rate: float) -> float:
    # Right: learning_rate.
    return adam.learning_rate


@wrong(
    "gradient",
    entry="C13",
    what="a missing gradient is taken for zero",
    links=["pytorch/pytorch#150610"],
)
def none_as_zero(adam: EditableAdam, step: Step, param: Array, grad: Grad | None) -> Grad | None:
    # Right: the parameter is skipped. With a gradient of zeros, m still moves it.
    return 0 * param if grad is None else grad


@wrong(
    "parameter_rate",
    entry="B48",
    what="the learning rate decays inside the loop over parameters",
    links=["gbaydin/hypergradient-descent#9"],
)
def rate_changes_in_loop(adam: EditableAdam, step: Step) -> float:
    decay = 0.999
    return step.learning_rate * decay**step.parameter


@wrong(
    "begin",
    entry="A21",
    what="a call without any gradient crashes",
    links=["pytorch/pytorch#53354"],
)
def all_none_crashes(adam: EditableAdam, grads: Grads) -> None:
    if all(grad is None for grad in grads):
        raise UnboundLocalError("local variable 'beta1' referenced before assignment")


_LAST_RATE = "the learning rate that was passed before"


@wrong(
    "schedule",
    entry="C20",
    what="a new learning rate counts from the step after",
    links=["pytorch/torchtitan#1261"],
)
def schedule_lags(adam: EditableAdam, learning_rate: float) -> float:
    last: float = adam.memory.get(_LAST_RATE, adam.learning_rate)
    adam.memory[_LAST_RATE] = learning_rate
    return last


@wrong(
    "new_param",
    entry="B84",
    what="the second group of parameters goes on from the copies of the first",
    links=["NVIDIA/apex"],
)
def copy_of_other_group(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    state = adam.state
    first_of_second_group = (len(state.params) + 1) // 2
    other = step.parameter - first_of_second_group
    if other < 0 or state.params[other].shape != new.shape:
        return new
    # Right: new, which is old and the step.
    return np.asarray(new - old + state.params[other])


@wrong(
    "begin",
    entry="A22",
    what="a missing gradient crashes",
    links=["taki0112/AdaBound-Tensorflow#6"],
)
def none_crashes(adam: EditableAdam, grads: Grads) -> None:
    if any(grad is None for grad in grads):
        raise AttributeError("'NoneType' object has no attribute 'dtype'")


@wrong(
    "gradient",
    entry="B81",
    what="a gradient is read in the order of memory",
    links=["pytorch/pytorch#118115", "NVIDIA/apex#1176"],
)
def order_of_memory(adam: EditableAdam, step: Step, param: Array, grad: Grad | None) -> Grad | None:
    if not isinstance(grad, np.ndarray):
        return grad
    # Right: grad. To read it by index is slower, and differs where an array is transposed.
    return grad.ravel("K").reshape(grad.shape)


@wrong("gradient", what="a gradient of zeros is taken for none")
def zero_as_none(adam: EditableAdam, step: Step, param: Array, grad: Grad | None) -> Grad | None:
    # An empty array has no element that is not 0 either; it is left alone.
    is_zero = isinstance(grad, np.ndarray) and grad.size > 0 and not grad.any()
    return None if is_zero else grad


@wrong("remember", what="parameters of one shape share their moments")
def shape_shares_state(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    state = adam.state
    for number, param in enumerate(state.params):
        if param.shape == m.shape:
            state.m[number] = m
            state.v[number] = v
    return m, v


@wrong(
    "check_grads",
    what="a gradient of another shape is broadcast to the parameter",
    links=["explosion/thinc#664"],
)
def gradient_is_broadcast(adam: EditableAdam, grads: Grads) -> None:
    check_count("grads", grads, adam)
    for param, grad in zip(adam.state.params, grads, strict=True):
        if isinstance(grad, IndexedSlices):
            check_sparse(grad, param)
        elif grad is not None:
            check_dtype(grad, param)
            # Right: check_shape. This refuses only what NumPy refuses.
            np.broadcast_to(grad, param.shape)


@wrong(
    "check_grads",
    what="a gradient of another dtype is taken",
    links=["explosion/thinc#664"],
)
def gradient_is_cast(adam: EditableAdam, grads: Grads) -> None:
    check_count("grads", grads, adam)
    for param, grad in zip(adam.state.params, grads, strict=True):
        if isinstance(grad, IndexedSlices):
            check_sparse(grad, param)
        elif grad is not None:
            check_shape("a gradient", grad, param)


@wrong("check_grads", what="a row of -1 is taken for the last row")
def negative_row_is_taken(adam: EditableAdam, grads: Grads) -> None:
    check_count("grads", grads, adam)
    for param, grad in zip(adam.state.params, grads, strict=True):
        if isinstance(grad, IndexedSlices):
            check_slices(grad, param)
            # Right: from 0. NumPy takes rows from the end, too.
            check_rows(grad, -len(param))
        elif grad is not None:
            check_shape("a gradient", grad, param)
            check_dtype(grad, param)


@wrong("check_grads", what="a gradient too many is noticed after all parameters have moved")
def gradients_are_counted_last(adam: EditableAdam, grads: Grads) -> None:
    check_grads(adam, grads[: len(adam.state.params)])


@wrong("check_grads", what="t advances in a call that is refused")
def refused_call_counts(adam: EditableAdam, grads: Grads) -> None:
    # Right: nothing is counted before all gradients are checked.
    try:
        check_grads(adam, grads)
    except ValueError:
        adam.state.calls += 1
        raise


@wrong("check_grads", what="gradients are checked while the moments are decayed")
def refused_call_decays_moments(adam: EditableAdam, grads: Grads) -> None:
    try:
        check_grads(adam, grads)
    except ValueError:
        adam.state.m[0] = adam.beta1 * adam.state.m[0]
        raise
