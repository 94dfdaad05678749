"""Wrong bias corrections: the divisors 1 - beta^t of E3 and E4."""

import numpy as np

from .defect import Defect, wrong
from .kit.editable import EditableAdam
from .kit.records import Array, Step


@wrong(
    "bias1",
    "bias2",
    entry="B01",
    what="no bias correction",
    links=["nerfstudio-project/gsplat#604", "ml-explore/mlx#1640"],
)
def bias_none(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1.0


@wrong("bias1", entry="B02", what="only v is corrected", links=["online-ml/river#185"])
def bias_m_missing(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1.0


@wrong("bias2", entry="B03", what="only m is corrected", links=["kozistr/pytorch_optimizer#159"])
def bias_v_missing(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1.0


@wrong(
    "bias1",
    "bias2",
    entry="B04",
    what="the exponent t is dropped",
    links=["eriklindernoren/ML-From-Scratch#35"],
)
def bias_no_power(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 - beta


@wrong(
    "bias1",
    "bias2",
    entry="B06",
    what="(1 - beta)^t instead of 1 - beta^t",
    links=["PennyLaneAI/pennylane#1928"],
)
def bias_power_outside(adam: EditableAdam, step: Step, beta: float) -> float:
    return (1 - beta) ** step.t


@wrong(
    "bias1",
    "bias2",
    entry="B07",
    what="multiplies by 1 - beta^t",
    links=["karpathy/convnetjs#70"],
)
def bias_multiply(adam: EditableAdam, step: Step, beta: float) -> float:
    # The moments are divided by this number: its inverse multiplies them.
    return 1 / (1 - beta**step.t)


@wrong(
    "remember",
    entry="B08",
    what="the corrected moments are stored",
    links=["frgfm/holocron#1"],
)
def bias_inplace(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    # Right: m, v. The next step corrects again what is stored here.
    return m / (1 - adam.beta1**step.t), v / (1 - adam.beta2**step.t)


@wrong(
    "update",
    entry="B10",
    what="corrects the moments and the learning rate",
    links=["PennyLaneAI/pennylane#1928"],
)
def bias_applied_twice(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    # This rate is for m and v; E3 and E4 have corrected m_hat and v_hat already.
    rate = step.learning_rate * np.sqrt(1 - adam.beta2**step.t) / (1 - adam.beta1**step.t)
    return np.asarray(rate * m_hat / adam.pieces.denominator(adam, step, v_hat))


@wrong(
    "bias1",
    what="sqrt((1 - beta2^t) / (1 - beta1^t)), as a docstring once had it",
    links=["tensorflow/tensorflow"],
)
def root_over_quotient(adam: EditableAdam, step: Step, beta: float) -> float:
    # Right: the root is of 1 - beta2^t alone.
    return float(np.sqrt(1 - beta**step.t))


def _bias_of_other_beta(adam: EditableAdam, step: Step, beta: float) -> float:
    other = adam.beta2 if beta == adam.beta1 else adam.beta1
    return 1 - other**step.t


bias_betas_swapped = Defect(
    name="bias-betas-swapped",
    entry="B35",
    what="m is corrected with beta2 and v with beta1",
    pieces={"bias1": _bias_of_other_beta, "bias2": _bias_of_other_beta},
)


@wrong("bias2", what="v is corrected with the t before, but for the first step")
def bias2_lags(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 - beta ** max(step.t - 1, 1)


@wrong("bias2", what="v is corrected with beta1")
def bias_v_with_beta1(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 - adam.beta1**step.t


@wrong("update", what="the learning rate is corrected by 1 - beta2^t, not by its root")
def rate_without_root(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    bias2 = 1 - adam.beta2**step.t
    # Right: lr sqrt(bias2). The root below undoes E4, as in the form with a corrected rate.
    rated = step.learning_rate * m_hat * bias2
    return np.asarray(rated / (np.sqrt(v_hat * bias2) + adam.epsilon))


# The last step that `correction_dropped` corrects.
_LAST_CORRECTED = 4


@wrong("bias1", "bias2", what="nothing is corrected from the fifth step on")
def correction_dropped(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1 - beta**step.t if step.t <= _LAST_CORRECTED else 1.0
