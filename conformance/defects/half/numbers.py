"""Numbers of a step that die in half precision: hyperparameters, t, squares, norms and updates."""

from typing import Any

import numpy as np

from ..defect import wrong_half
from ..kit.clipping import Arrays, change_each, rescale
from ..kit.half import HalfAdam
from ..kit.records import Array, Grads, Step
from .storages import MASTER, NATIVE_MOMENTS, ROUNDED

# Beyond these numbers the two formats hold only even integers.
_LAST_INTEGER = {"bfloat16": 256, "float16": 2048}


@wrong_half("set_numbers", what="epsilon is rounded to half precision", storage=ROUNDED)
def half_epsilon(adam: HalfAdam) -> None:
    # Right: epsilon of the user. float16 has no number between 0 and 6e-8.
    adam.epsilon = adam.number_in_half(adam.epsilon)


@wrong_half("set_numbers", what="beta1 is rounded to half precision", storage=ROUNDED)
def half_beta1(adam: HalfAdam) -> None:
    adam.beta1 = adam.number_in_half(adam.beta1)


@wrong_half("set_numbers", what="beta2 is rounded to half precision", storage=ROUNDED)
def half_beta2(adam: HalfAdam) -> None:
    # 0.999 is 1 in bfloat16.
    adam.beta2 = adam.number_in_half(adam.beta2)


@wrong_half("second_moment", what="1 - beta2 is taken in half precision", storage=ROUNDED)
def half_rest_of_beta2(adam: HalfAdam, step: Step, v: Array, grad: Array) -> Array:
    rest = 1 - adam.number_in_half(adam.beta2)
    return adam.beta2 * v + adam.number_in_half(rest) * (grad * grad)


@wrong_half("set_numbers", what="the learning rate is rounded to half precision", storage=ROUNDED)
def half_learning_rate(adam: HalfAdam) -> None:
    adam.learning_rate = adam.number_in_half(adam.learning_rate)


@wrong_half(
    "set_numbers",
    what="weight decay is rounded to half precision",
    storage=MASTER,
    convention="torch-adamw",
)
def half_weight_decay(adam: HalfAdam) -> None:
    adam.weight_decay = adam.number_in_half(adam.weight_decay)


@wrong_half("step_number", what="t is counted in half precision, and stands still", storage=MASTER)
def half_count(adam: HalfAdam, step: Step) -> int:
    # The next integer is a tie, which is rounded to even.
    return min(adam.state.calls, _LAST_INTEGER[adam.dtype.name])


@wrong_half("second_moment", what="gradients are squared before they are widened", storage=ROUNDED)
def half_square(adam: HalfAdam, step: Step, v: Array, grad: Array) -> Array:
    # In float16 a square above 65,504 is infinite, and below 3e-8 it is 0.
    narrow = grad.astype(adam.dtype)
    square = (narrow * narrow).astype(adam.working)
    return adam.beta2 * v + (1 - adam.beta2) * square


@wrong_half(
    "first_moment",
    what="a step uses m as it is stored, rounded to half precision",
    storage=NATIVE_MOMENTS,
)
def half_step_of_stored_m(adam: HalfAdam, step: Step, m: Array, grad: Array) -> Array:
    return adam.rounded(adam.beta1 * m + (1 - adam.beta1) * grad)


@wrong_half(
    "second_moment",
    what="a step uses v as it is stored, rounded to half precision",
    storage=NATIVE_MOMENTS,
)
def half_step_of_stored_v(adam: HalfAdam, step: Step, v: Array, grad: Array) -> Array:
    return adam.rounded(adam.beta2 * v + (1 - adam.beta2) * (grad * grad))


@wrong_half("change", what="the update is rounded to half precision", storage=MASTER)
def half_update(adam: HalfAdam, step: Step, param: Array, m_hat: Array, update: Array) -> Array:
    # Right: the master has digits for all of it.
    return adam.rounded(adam.right.change(adam, step, param, m_hat, update))


@wrong_half(
    "gradient",
    what="gradients are rounded to half precision again after they are clipped",
    storage=ROUNDED,
    convention="tfkeras",
)
def half_clipped_gradient(
    adam: HalfAdam, step: Step, param: Array, grad: Array | None
) -> Array | None:
    return None if grad is None else adam.rounded(grad)


@wrong_half(
    "clip",
    what="the norm to clip by is summed in half precision",
    storage=ROUNDED,
    convention="tfkeras",
)
def half_norm(adam: HalfAdam, grads: Arrays) -> Grads:
    limit = adam.limits.get("global_clipnorm")
    if limit is None:
        return adam.right.clip(adam, grads)
    total = adam.dtype.type(0)
    for grad in grads:
        if grad is not None:
            narrow = grad.astype(adam.dtype)
            # Right: in float64. In float16 the square of 256 is infinite.
            total += np.sum(narrow * narrow, dtype=adam.dtype)
    size = float(np.sqrt(total))
    return change_each(grads, lambda grad: rescale(grad, size, limit))


@wrong_half("working", what="every operation is rounded to half precision", storage=ROUNDED)
def half_operations(adam: HalfAdam) -> Any:
    # Right: float32, as it claims.
    return adam.dtype
