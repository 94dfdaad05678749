"""Wrong weight decay: too much, too little, at the wrong place, or of the wrong number.

Most pretend to be AdamW (`torch-adamw`): before the step, the parameter is multiplied by
1 - lr weight_decay.
"""

import numpy as np

from ..vectors.slices import Grad
from .defect import Defect, wrong
from .kit.bfloat16 import bfloat16
from .kit.editable import EditableAdam
from .kit.paper import no_decay, no_l2
from .kit.records import Array, Step


def _l2(adam: EditableAdam, step: Step, param: Array, grad: Array) -> Array:
    return grad + adam.weight_decay * param


def _shrink(adam: EditableAdam, step: Step, param: Array) -> Array:
    return param * (1 - step.learning_rate * adam.weight_decay)


# In torch-adamw the two places of weight decay are the pieces `add_l2` and `decay`.
wd_l2_instead = Defect(
    name="wd-l2-instead",
    entry="B51",
    what="AdamW that adds its decay to the gradient",
    links=["keras-team/keras#19051"],
    convention="torch-adamw",
    pieces={"add_l2": _l2, "decay": no_decay},
)

wd_decoupled_instead = Defect(
    name="wd-decoupled-instead",
    entry="B52",
    what="Adam's weight_decay that shrinks the parameter",
    links=["flagos-ai/FlagGems#4989"],
    convention="torch",
    pieces={"add_l2": no_l2, "decay": _shrink},
)


def _update_with_adapted_decay(
    adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array
) -> Array:
    # update / m_hat is lr / (sqrt(v_hat) + epsilon), where m_hat is not 0.
    rate = np.divide(update, m_hat, out=np.zeros_like(param), where=m_hat != 0)
    return update + adam.weight_decay * param * rate


wd_inside_adaptive = Defect(
    name="wd-inside-adaptive",
    entry="B53",
    what="the decay is divided by the root of v",
    links=["cybertronai/pytorch-lamb#3"],
    convention="torch-adamw",
    pieces={"decay": no_decay, "change": _update_with_adapted_decay},
)


@wrong(
    "decay",
    entry="B55",
    what="the decay keeps the first learning rate",
    links=["PaddlePaddle/Paddle#30207"],
    convention="torch-adamw",
)
def wd_not_following_schedule(adam: EditableAdam, step: Step, param: Array) -> Array:
    # Right: step.learning_rate, which a schedule changes.
    return param * (1 - adam.learning_rate * adam.weight_decay)


@wrong(
    "decay",
    entry="A27",
    what="weight_decay is accepted and does nothing",
    links=["huggingface/transformers#18946"],
    convention="torch-adamw",
)
def wd_ignored(adam: EditableAdam, step: Step, param: Array) -> Array:
    return param


@wrong(
    "decay",
    entry="B60",
    what="the decay lets weights grow",
    links=["harvard-edge/cs249r_book#2058"],
    convention="torch-adamw",
)
def wd_sign(adam: EditableAdam, step: Step, param: Array) -> Array:
    # Right: 1 - lr weight_decay.
    return param * (1 + step.learning_rate * adam.weight_decay)


@wrong(
    "decay",
    entry="C09",
    what="the decay is not scaled by the learning rate",
    links=["pytorch/pytorch#38853"],
    convention="torch-adamw",
)
def wd_unscaled(adam: EditableAdam, step: Step, param: Array) -> Array:
    # Right: 1 - lr weight_decay. The usual 0.01 is 1,000 times as strong now.
    return param * (1 - adam.weight_decay)


def _update_and_decay(
    adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array
) -> Array:
    # param - update is the parameter after the step; AdamW decays the parameter before it.
    return update + step.learning_rate * adam.weight_decay * (param - update)


wd_after = Defect(
    name="wd-after",
    entry="C11",
    what="the decay comes after the step",
    links=["huggingface/transformers#14539"],
    convention="torch-adamw",
    pieces={"decay": no_decay, "change": _update_and_decay},
)


@wrong(
    "gradient",
    entry="B63",
    what="a parameter without a gradient decays",
    links=["KellerJordan/Muon#54"],
    convention="torch-adamw",
)
def wd_on_gradless(adam: EditableAdam, step: Step, param: Array, grad: Grad | None) -> Grad | None:
    # Right: the parameter is skipped. The decay is in place, because no step follows.
    if grad is None:
        param *= param.dtype.type(1 - step.learning_rate * adam.weight_decay)
    return grad


@wrong(
    "ascend",
    entry="B75",
    what="maximize is accepted and does nothing",
    links=["kozistr/pytorch_optimizer#528"],
    convention="torch",
)
def maximize_ignored(adam: EditableAdam, step: Step, grad: Array) -> Array:
    return grad


def _never_negated(adam: EditableAdam, step: Step, grad: Array) -> Array:
    return grad


def _signed_update(
    adam: EditableAdam, step: Step, param: Array, m_hat: Array, update: Array
) -> Array:
    # With L2 in the gradient, the decay changes its sign too: it lets weights grow.
    return -update if adam.maximize else update


maximize_by_lr = Defect(
    name="maximize-by-lr",
    entry="B76",
    what="maximize turns the learning rate around, and the decay with it",
    links=["pytorch/pytorch#68164"],
    convention="torch",
    pieces={"ascend": _never_negated, "change": _signed_update},
)


@wrong(
    "decay",
    entry="B58",
    what="every parameter decays by the first element of the first",
    links=["mlverse/torch#821"],
    convention="torch-adamw",
)
def wd_wrong_operand(adam: EditableAdam, step: Step, param: Array) -> Array:
    first = adam.state.params[0].flat[0]
    # Right: param, not first.
    return np.asarray(param - step.learning_rate * adam.weight_decay * first)


def _shrink_by_epsilon(adam: EditableAdam, step: Step, param: Array) -> Array:
    return param * (1 - step.learning_rate * adam.epsilon)


def _weight_decay_as_epsilon(adam: EditableAdam, step: Step) -> float:
    # Without weight decay there is nothing to swap.
    return adam.weight_decay or adam.epsilon


wd_swapped_with_eps = Defect(
    name="wd-swapped-with-eps",
    entry="B65",
    what="weight_decay and epsilon change places",
    links=["FluxML/Optimisers.jl#197"],
    convention="torch-adamw",
    pieces={"decay": _shrink_by_epsilon, "epsilon_outside": _weight_decay_as_epsilon},
)


@wrong(
    "decay",
    entry="N15",
    what="1 - lr weight_decay is taken in float32",
    links=["mila-iqia/blocks#1176"],
    convention="torch-adamw",
)
def wd_factor_in_float32(adam: EditableAdam, step: Step, param: Array) -> Array:
    return param * float(np.float32(1 - step.learning_rate * adam.weight_decay))


@wrong(
    "decay",
    entry="B64",
    what="a negative weight_decay does nothing",
    links=["flagos-ai/FlagGems#4989"],
    convention="torch-adamw",
)
def wd_only_positive(adam: EditableAdam, step: Step, param: Array) -> Array:
    return param * (1 - step.learning_rate * max(adam.weight_decay, 0.0))


@wrong(
    "decay",
    entry="C23",
    what="only what has rows and columns decays",
    links=["OverLordGoldDragon/keras-adamw#52", "google-deepmind/optax#1635"],
    convention="torch-adamw",
)
def wd_not_of_vectors(adam: EditableAdam, step: Step, param: Array) -> Array:
    # Many training scripts exclude biases. An optimizer cannot know which parameters are biases.
    if param.ndim <= 1:
        return param
    return param * (1 - step.learning_rate * adam.weight_decay)


@wrong(
    "add_l2",
    entry="B90",
    what="the gradient is multiplied by 1 + weight_decay param",
    links=["apache/mxnet#8925"],
    convention="torch",
)
def wd_multiplies_gradient(adam: EditableAdam, step: Step, param: Array, grad: Array) -> Array:
    # Right: grad + adam.weight_decay * param.
    return grad * (1 + adam.weight_decay * param)


@wrong(
    "bias1",
    "bias2",
    entry="C15",
    what="no bias correction, which is an option that is off",
    links=["ml-explore/mlx#1640", "microsoft/onnxruntime#3301"],
    convention="torch-adamw",
)
def adamw_without_correction(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1.0


@wrong(
    "add_l2",
    what="the decay is added to the gradient, and shrinks the parameter too",
    convention="torch-adamw",
)
def wd_twice(adam: EditableAdam, step: Step, param: Array, grad: Array) -> Array:
    # Right: grad. The piece `decay` of AdamW shrinks the parameter as well.
    return grad + adam.weight_decay * param


@wrong(
    "decay",
    entry="N09",
    what="1 - lr weight_decay is rounded to bfloat16",
    links=["Nerogar/OneTrainer#996"],
    convention="torch-adamw",
)
def wd_factor_in_bfloat16(adam: EditableAdam, step: Step, param: Array) -> Array:
    return np.asarray(param * bfloat16(np.float32(1 - step.learning_rate * adam.weight_decay)))
