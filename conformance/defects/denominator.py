"""Wrong denominators, places of epsilon, and signs of the step (E5)."""

import numpy as np

from .defect import wrong
from .kit.editable import EditableAdam
from .kit.records import Array, Hyperparameters, Step


@wrong("update", entry="B42", what="multiplies by the root of v", links=["oracle/tribuo#401"])
def denominator_multiplies(adam: EditableAdam, step: Step, m_hat: Array, v_hat: Array) -> Array:
    return step.learning_rate * m_hat * adam.pieces.denominator(adam, step, v_hat)


@wrong("denominator", what="divides by v instead of its root")
def root_missing(adam: EditableAdam, step: Step, v_hat: Array) -> Array:
    return v_hat + adam.epsilon


@wrong(
    "epsilon_outside",
    entry="B44",
    what="sqrt(v_hat) - epsilon",
    links=["tensorflow/tensorflow#61411"],
)
def eps_subtracted(adam: EditableAdam, step: Step) -> float:
    return -adam.epsilon


@wrong(
    "denominator",
    entry="B45",
    what="epsilon never arrives",
    links=["deeplearning4j/deeplearning4j#2705"],
)
def eps_ignored(adam: EditableAdam, step: Step, v_hat: Array) -> Array:
    # 1e-37 only keeps 0 / 0 away: it is smaller than every root here that is not 0.
    return np.asarray(np.sqrt(v_hat) + v_hat.dtype.type(1e-37))


@wrong("change", entry="B46", what="adds the step", links=["libfann/fann#159"])
def update_sign(adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array) -> Array:
    # What is returned here is subtracted from the parameter.
    return -update


@wrong(
    "epsilon_outside",
    entry="C01",
    what="epsilon outside the bias correction, under the name of Algorithm 1",
    links=["tensorflow/tensorflow#9047"],
)
def eps_hat(adam: EditableAdam, step: Step) -> float:
    hat: float = adam.epsilon / np.sqrt(1 - adam.beta2**step.t)
    return hat


@wrong("denominator", entry="C02", what="epsilon under the root", links=["FluxML/Flux.jl#448"])
def eps_in_sqrt(adam: EditableAdam, step: Step, v_hat: Array) -> Array:
    return np.asarray(np.sqrt(v_hat + adam.epsilon))


@wrong(
    "epsilon_outside",
    entry="C05",
    what="epsilon scaled the wrong way",
    links=["PaddlePaddle/Paddle#28325"],
)
def eps_times_bias(adam: EditableAdam, step: Step) -> float:
    # Epsilon-hat is divided by this root.
    scaled: float = adam.epsilon * np.sqrt(1 - adam.beta2**step.t)
    return scaled


@wrong(
    "epsilon_inside",
    entry="C04",
    what="a second epsilon under the root",
    links=["google-deepmind/optax#1754"],
)
def eps_root_extra(adam: EditableAdam, step: Step) -> float:
    return adam.epsilon


@wrong(
    "epsilon_outside",
    entry="C14",
    what="the epsilon given is ignored for the library's own",
    links=["FluxML/Optimisers.jl#151"],
)
def eps_default(adam: EditableAdam, step: Step) -> float:
    return 1e-7


@wrong("denominator", what="the larger of root and epsilon, not their sum")
def eps_as_floor(adam: EditableAdam, step: Step, v_hat: Array) -> Array:
    return np.asarray(np.maximum(np.sqrt(v_hat), v_hat.dtype.type(adam.epsilon)))


@wrong(
    "numbers",
    what="an epsilon of 0 is not replaced by the default, where it should be",
    convention="tfkeras",
)
def epsilon_zero_as_given(given: Hyperparameters) -> Hyperparameters:
    return Hyperparameters(
        learning_rate=float(np.float32(given.learning_rate)),
        beta1=float(np.float32(given.beta1)),
        beta2=float(np.float32(given.beta2)),
        # Right: 1e-7 if it is 0.
        epsilon=given.epsilon,
    )


@wrong("change", what="the learning rate is divided by the root of t")
def rate_over_root_of_t(
    adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array
) -> Array:
    # The paper's regret bound assumes this rate; Algorithm 1 has a constant one.
    return np.asarray(update / np.sqrt(param.dtype.type(step.t)))
