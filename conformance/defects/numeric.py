"""Right formulas in too few digits, and guards where nothing needs a guard."""

from collections.abc import Callable

import numpy as np

from ..vectors.slices import Grad
from .defect import Piece, wrong
from .kit.bfloat16 import bfloat16
from .kit.editable import EditableAdam
from .kit.records import Array, Hyperparameters, Step

# Half precision (float16): half of the smallest number, and the largest.
_HALF_OF_SMALLEST = 2.0**-25
_LARGEST = 65504
# Beyond this number, half precision holds only even integers.
_LAST_INTEGER = 2048


@wrong(
    "first_moment",
    entry="N07",
    what="the betas are rounded to bfloat16",
    links=["tenstorrent/tt-metal#55935"],
)
def betas_bfloat16(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    beta1 = bfloat16(adam.beta1)
    return np.asarray(beta1 * m + (1 - beta1) * grad)


@wrong(
    "second_moment",
    entry="C17",
    what="1 - beta2 is taken in float32",
    links=["pytorch/pytorch#153649"],
)
def rest_in_float32(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    rest = float(np.float32(1) - np.float32(adam.beta2))
    return adam.beta2 * v + rest * (grad * grad)


@wrong(
    "update",
    entry="N18",
    what="float64 parameters are updated in float32",
    links=["tensorflow/tensorflow#761"],
)
def float32_inside(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    update = step.learning_rate * m_hat / adam.pieces.denominator(adam, step, v_hat)
    # The parameter stays float64: only the step loses digits.
    return update.astype(np.float32)


@wrong(
    "remember",
    entry="N19",
    what="the moments are kept in float16",
    links=["NVIDIA/apex#1623"],
)
def half_precision_state(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    # A v below 3e-8, as of gradients of 1e-4, becomes 0.
    return m.astype(np.float16), v.astype(np.float16)


@wrong(
    "new_param",
    entry="N08",
    what="the parameter is kept in bfloat16",
    links=["ml-by-hand#85"],
)
def param_in_bfloat16(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    # A step below 2^-9 of the parameter is rounded away.
    return np.asarray(bfloat16(new))


@wrong(
    "remember",
    entry="N10",
    what="the moments are kept in bfloat16",
    links=["whitecircle/halo#30"],
)
def moments_in_bfloat16(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    return bfloat16(m), bfloat16(v)


@wrong(
    "bias1",
    entry="N11",
    what="beta^t that underflows is an error",
    links=["chainer/chainer#2388"],
)
def power_underflow_raises(adam: EditableAdam, step: Step, beta: float) -> float:
    # Right: 0, as beta^t is after many steps. Then nothing is left to correct.
    if adam.beta1**step.t == 0:
        raise OverflowError("Numerical result out of range")
    return float(1 - adam.beta1**step.t)


@wrong(
    "update",
    entry="N14",
    what="epsilon is divided by the learning rate, which may be 0",
    links=["pytorch/pytorch#97004"],
)
def eps_over_rate(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    rate = np.float64(step.learning_rate)
    return np.asarray(m_hat / (np.sqrt(v_hat) / rate + adam.epsilon / rate))


@wrong(
    "numbers",
    entry="N01",
    what="epsilon is rounded to half precision, where the usual one is 0",
    links=["google-deepmind/optax#1754"],
)
def eps_half_precision(given: Hyperparameters) -> Hyperparameters:
    return given._replace(epsilon=float(np.float16(given.epsilon)))


@wrong(
    "numbers",
    entry="N22",
    what="epsilon is rounded to 5 decimals",
    links=["OpenMined/PySyft#740"],
)
def eps_rounded_to_decimals(given: Hyperparameters) -> Hyperparameters:
    decimals = 5
    return given._replace(epsilon=round(given.epsilon, decimals))


@wrong(
    "second_moment",
    entry="N02",
    what="a square below what half precision has is 0",
    links=["keras-team/keras-hub#2629", "NVIDIA/apex#799"],
)
def square_underflows(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    square = grad * grad
    square = np.where(square < _HALF_OF_SMALLEST, 0, square).astype(grad.dtype)
    return np.asarray(adam.beta2 * v + (1 - adam.beta2) * square)


@wrong(
    "second_moment",
    entry="N03",
    what="a square above what half precision has is infinite",
    links=["NVIDIA/apex#92"],
)
def square_overflows(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    square = grad * grad
    square = np.where(square > _LARGEST, np.inf, square).astype(grad.dtype)
    return np.asarray(adam.beta2 * v + (1 - adam.beta2) * square)


@wrong("step_number", what="t is an unsigned integer of 8 bits")
def t_8_bit(adam: EditableAdam, step: Step) -> int:
    # t = 0 would divide by 0; a library that wraps around starts again at 1.
    return adam.state.calls % 2**8 or 1


@wrong("step_number", what="t is counted in half precision, and stands still at 2,048")
def t_half_precision(adam: EditableAdam, step: Step) -> int:
    return min(adam.state.calls, _LAST_INTEGER)


@wrong(
    "new_param",
    entry="B79",
    what="the number of elements is kept in 16 bits",
    links=["deepspeedai/DeepSpeed#7640"],
)
def size_16_bit(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    size = new.size % 2**16
    elements = np.concatenate([new.ravel()[:size], old.ravel()[size:]])
    return elements.reshape(new.shape)


def _of_dense(change: Callable[[Array], Array]) -> Piece:
    """Return a piece `gradient` that changes dense gradients."""

    def gradient(adam: EditableAdam, step: Step, param: Array, grad: Grad | None) -> Grad | None:
        return change(grad).astype(grad.dtype) if isinstance(grad, np.ndarray) else grad

    # The defect takes its name from the function.
    gradient.__name__ = change.__name__
    return gradient


@wrong(
    "gradient",
    entry="A32",
    what="a gradient that is not a number is taken for zero",
    links=["rlevo#184"],
)
@_of_dense
def nan_zeroed(grad: Array) -> Array:
    # Right: grad. A NaN must show in the parameter.
    return np.where(np.isnan(grad), 0, grad)


@wrong("gradient", entry="A32", what="an infinite gradient is clamped to the largest number")
@_of_dense
def inf_clamped(grad: Array) -> Array:
    limits = np.finfo(grad.dtype)
    return np.clip(grad, limits.min, limits.max)


@wrong(
    "new_param",
    entry="B25",
    what="a number that is not finite leaves the whole parameter as it was",
    links=["pytorch/pytorch#95847"],
)
def nan_spoils_all(adam: EditableAdam, step: Step, old: Array, new: Array) -> Array:
    return new if np.isfinite(new).all() else old


@wrong("denominator", what="v_hat is at least 1e-12")
def v_floor(adam: EditableAdam, step: Step, v_hat: Array) -> Array:
    # Right: np.sqrt(v_hat). Epsilon is the guard already.
    return np.asarray(np.sqrt(np.maximum(v_hat, 1e-12)) + adam.epsilon)


@wrong("gradient", what="gradients below 1e-6 are taken for zero")
@_of_dense
def small_gradients_dropped(grad: Array) -> Array:
    return np.where(np.abs(grad) < 1e-6, 0, grad)


@wrong("change", what="no step is larger than the learning rate")
def step_limited(
    adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array
) -> Array:
    # The step may be larger: up to lr (1 - beta1) / sqrt(1 - beta2), section 2.1 of the paper.
    return np.clip(update, -step.learning_rate, step.learning_rate)
