"""Wrong moments m and v (E1, E2), wrong moments that are stored, and wrong complex moments."""

from typing import Any

import numpy as np

from .defect import Defect, Piece, wrong
from .kit.complex_numbers import AdamOfParts, as_numbers, as_parts, squared_modulus
from .kit.editable import EditableAdam
from .kit.paper import adam_update, denominator, largest
from .kit.records import Array, Hyperparameters, Step


@wrong("first_moment", entry="B29", what="m = beta1 m + g")
def m_missing_1_b1(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    # Right: (1 - adam.beta1) * grad.
    return adam.beta1 * m + grad


@wrong("second_moment", entry="B30", what="v = beta2 v + g^2", links=["fastai/fastbook#342"])
def v_missing_1_b2(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    # Right: (1 - adam.beta2) * (grad * grad).
    return adam.beta2 * v + grad * grad


@wrong("second_moment", entry="B31", what="v = beta2 v + (1 - beta2): the gradient is lost")
def v_drops_gsq(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    # Right: (1 - adam.beta2) * (grad * grad). Here v_hat is 1 at every step.
    return adam.beta2 * v + (1 - adam.beta2)


@wrong("second_moment", entry="B32", what="v is made of |g|")
def v_uses_abs(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    return np.asarray(adam.beta2 * v + (1 - adam.beta2) * np.abs(grad))


def _m_with_beta2(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    return adam.beta2 * m + (1 - adam.beta2) * grad


def _v_with_beta1(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    return adam.beta1 * v + (1 - adam.beta1) * (grad * grad)


betas_swapped = Defect(
    name="betas-swapped",
    entry="B35",
    what="beta1 is used for v and beta2 for m",
    links=["FluxML/Optimisers.jl#197"],
    pieces={"first_moment": _m_with_beta2, "second_moment": _v_with_beta1},
)


@wrong("numbers", what="beta1 is taken for beta2, and beta2 for beta1, in all formulas")
def betas_exchanged(given: Hyperparameters) -> Hyperparameters:
    return given._replace(beta1=given.beta2, beta2=given.beta1)


@wrong("first_moment", what="m = beta1 m + beta1 g")
def m_takes_beta1_of_g(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    # Right: (1 - adam.beta1) * grad.
    return adam.beta1 * m + adam.beta1 * grad


def _m_with_inverted_beta(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    return (1 - adam.beta1) * m + adam.beta1 * grad


def _bias_of_inverted_beta(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 - (1 - beta) ** step.t


beta1_inverted = Defect(
    name="beta1-inverted",
    entry="B36",
    what="beta1 is read as 1 - beta1",
    links=["mila-iqia/blocks#1159"],
    pieces={"first_moment": _m_with_inverted_beta, "bias1": _bias_of_inverted_beta},
)


@wrong(
    "remember",
    entry="B38",
    what="each step starts from zero moments",
    links=["raskr/rust-autograd#16"],
)
def moments_never_stored(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    return 0 * m, 0 * v


@wrong("remember", entry="B39", what="v starts from zero at each step", links=["explosion/thinc"])
def v_reset_every_call(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    return m, 0 * v


def _m_with_usual_beta(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    return 0.9 * m + 0.1 * grad


def _bias_of_usual_beta(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 - 0.9**step.t


betas_default = Defect(
    name="betas-default",
    entry="B50",
    what="the betas given are ignored",
    links=["PaddlePaddle/Paddle#43013"],
    pieces={"first_moment": _m_with_usual_beta, "bias1": _bias_of_usual_beta},
)


@wrong(
    "remember",
    entry="C21",
    what="epsilon is added to the v that is remembered",
    links=["juntang-zhuang/Adabelief-Optimizer#32"],
)
def eps_in_stored_v(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    return m, v + adam.epsilon


# AdamNC's lambda, by which beta1 shrinks.
_SHRINKAGE = 0.99


@wrong(
    "first_moment",
    entry="C24",
    what="beta1 shrinks from step to step, as in AdamNC",
    links=["mila-iqia/blocks#1144"],
)
def beta1_decays(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    beta1 = adam.beta1 * _SHRINKAGE**adam.state.calls
    return beta1 * m + (1 - beta1) * grad


_GRADIENT = "the gradient of this step"
# TensorFlow has this step as an option, use_nesterov.
_TENSORFLOW = (
    "https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/kernels/training_ops.cc"
)


def _m_and_gradient(adam: EditableAdam, step: Step, m: Array, grad: Array) -> Array:
    adam.memory[_GRADIENT] = grad
    return adam.beta1 * m + (1 - adam.beta1) * grad


def _update_ahead(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    bias1 = np.float64(adam.pieces.bias1(adam, step, adam.beta1))
    # Right: m_hat, which contains the gradient once already.
    ahead = adam.beta1 * m_hat + (1 - adam.beta1) * adam.memory[_GRADIENT] / bias1
    rated = step.learning_rate * ahead.astype(m_hat.dtype)
    return np.asarray(rated / adam.pieces.denominator(adam, step, v_hat))


looks_ahead = Defect(
    name="looks-ahead",
    what="the step is of beta1 m + (1 - beta1) g, as in Nesterov's momentum",
    links=[_TENSORFLOW],
    pieces={"first_moment": _m_and_gradient, "update": _update_ahead},
)


# --- complex parameters: the last axis of an array has both parts of a number

modulus_where_components = Defect(
    name="modulus-where-components",
    entry="C18",
    what="both parts of a complex number share the v of its modulus",
    links=["neuraloperator/neuraloperator#420"],
    convention="torch",
    pieces={"second_moment": squared_modulus},
)


def _complex_square(adam: AdamOfParts, step: Step, v: Array, grad: Array) -> Array:
    if not adam.is_complex:
        return squared_modulus(adam, step, v, grad)
    number = as_numbers(grad)
    # Right: |number|^2.
    return adam.beta2 * v + (1 - adam.beta2) * as_parts(number * number)


def _complex_root(adam: AdamOfParts, step: Step, v_hat: Array) -> Array:
    if not adam.is_complex:
        return denominator(adam, step, v_hat)
    inside = adam.pieces.epsilon_inside(adam, step)
    outside = adam.pieces.epsilon_outside(adam, step)
    return as_parts(np.sqrt(as_numbers(v_hat) + inside) + outside)


def _complex_update(adam: AdamOfParts, step: Step, m_hat: Array, v_hat: Array) -> Array:
    if not adam.is_complex:
        return adam_update(adam, step, m_hat, v_hat)
    divisor = as_numbers(_complex_root(adam, step, v_hat))
    return as_parts(step.learning_rate * as_numbers(m_hat) / divisor)


complex_square = Defect(
    name="complex-square",
    entry="B77",
    what="v is made of the complex square g g, and not of |g|^2",
    links=["pytorch/pytorch#59998", "tensorflow/tensorflow#38541"],
    convention="optax",
    pieces={"second_moment": _complex_square, "update": _complex_update},
)


def _with_amsgrad(wrong_piece: Piece, right_piece: Piece) -> Piece:
    def piece(adam: AdamOfParts, *arguments: Any) -> Any:
        return (wrong_piece if adam.amsgrad else right_piece)(adam, *arguments)

    return piece


complex_square_with_amsgrad = Defect(
    name="complex-square-with-amsgrad",
    entry="B78",
    what="with AMSGrad, v is made of the complex square, and else of |g|^2",
    links=["pytorch/pytorch#59998"],
    convention="optax",
    pieces={
        "second_moment": _with_amsgrad(_complex_square, squared_modulus),
        "update": _with_amsgrad(_complex_update, adam_update),
    },
)


@wrong(
    "largest",
    entry="B73",
    what="AMSGrad's maximum of complex numbers is the one with the larger real part",
    links=["pytorch/pytorch#104989"],
    convention="torch",
)
def maximum_of_real_parts(
    adam: AdamOfParts, step: Step, v_max: Array, v: Array
) -> tuple[Array, Array]:
    if not adam.is_complex:
        return largest(adam, step, v_max, v)
    # Right: the maximum of each part. NumPy orders complex numbers by their real parts.
    maximum = as_parts(np.maximum(as_numbers(v_max), as_numbers(v)))
    return maximum, maximum


@wrong("ascend", what="the conjugate of a complex gradient is used", convention="optax")
def conjugate_moves(adam: AdamOfParts, step: Step, grad: Array) -> Array:
    return as_parts(as_numbers(grad).conj()) if adam.is_complex else grad


@wrong("update", what="the imaginary part of a complex parameter stays", convention="optax")
def only_real_part_moves(adam: AdamOfParts, step: Step, m_hat: Array, v_hat: Array) -> Array:
    update = adam_update(adam, step, m_hat, v_hat)
    if adam.is_complex:
        update[..., 1] = 0
    return update
