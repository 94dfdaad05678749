"""Wrong moments m and v (E1, E2), and wrong moments that are stored."""

import numpy as np

from .defect import Defect, wrong
from .kit.editable import EditableAdam
from .kit.records import Array, Step


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
