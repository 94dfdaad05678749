"""Wrong loss scales: gradients that keep theirs, or lose it at the wrong place."""

import numpy as np

from ...truth.reference import CONVENTIONS
from ..defect import Defect, wrong
from ..kit.bfloat16 import bfloat16
from ..kit.clipping import clip_of
from ..kit.editable import EditableAdam
from ..kit.paper import all_finite, change_values, quotients, unscale
from ..kit.records import Array, Grads, Step

# Key of `EditableAdam.memory`.
_SCALE = "scale of the present call"

# --- what gradients are divided by


@wrong(
    "unscale",
    entry="B26",
    what="gradients are never divided by the loss scale",
    links=["pytorch/pytorch#186360", "apache/mxnet#15738"],
)
def scale_ignored(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    # Right: quotients(grads, scale). Adam hides it where epsilon is small.
    return grads if all_finite(grads) else None


@wrong(
    "unscale",
    what="gradients are divided by the loss scale twice",
    links=["huggingface/accelerate#115", "THUDM/slime#1842"],
)
def scale_divides_twice(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    once = unscale(adam, grads, scale)
    return None if once is None else quotients(once, scale)


@wrong("unscale", what="gradients are multiplied by the loss scale once more")
def scale_multiplies(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return unscale(adam, grads, 1 / scale)


_FIRST = "scale of the first call"


@wrong("unscale", what="the loss scale of the first call is kept for all others")
def scale_of_first_call(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return unscale(adam, grads, adam.memory.setdefault(_FIRST, scale))


_BEFORE = "scale of the call before"


@wrong(
    "unscale",
    what="gradients are divided by the loss scale of another call",
    links=["deepspeedai/DeepSpeed#8588"],
)
def scale_lags(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    before = adam.memory.get(_BEFORE, scale)
    adam.memory[_BEFORE] = scale
    return unscale(adam, grads, before)


_BACKOFF = "factor of the scale after overflows"


@wrong("unscale", what="the loss scale that is passed is halved after each overflow")
def scale_backs_off(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    # Right: the caller has passed the scale by which the gradients were multiplied.
    factor = adam.memory.setdefault(_BACKOFF, 1.0)
    if not all_finite(grads):
        adam.memory[_BACKOFF] = factor / 2
    return unscale(adam, grads, scale * factor)


@wrong("unscale", what="gradients are unscaled in float16")
def scale_in_float16(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    unscaled = unscale(adam, grads, scale)
    if unscaled is None:
        return None
    return change_values(unscaled, lambda array: array.astype(np.float16).astype(array.dtype))


@wrong("unscale", what="gradients are unscaled in bfloat16")
def scale_in_bfloat16(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    unscaled = unscale(adam, grads, scale)
    if unscaled is None:
        return None
    return change_values(unscaled, lambda array: bfloat16(array).astype(array.dtype))


@wrong(
    "unscale",
    what="the reciprocal of the loss scale is rounded to float32, also for float64",
    links=["pytorch/pytorch"],
)
def scale_reciprocal_in_float32(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    if not all_finite(grads):
        return None
    reciprocal = float(np.float32(1 / scale))
    return change_values(grads, lambda array: array * array.dtype.type(reciprocal))


# --- before or after clipping and L2

_clip = clip_of(CONVENTIONS["keras3"].convention)


def _clip_if_not_yet(adam: EditableAdam, grads: Grads) -> Grads:
    # `unscale` comes first, where there is a scale.
    return grads if _SCALE in adam.memory else _clip(adam, grads)


def _clip_then_unscale(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    adam.memory[_SCALE] = scale
    return quotients(_clip(adam, grads), scale) if all_finite(grads) else None


scale_after_clip = Defect(
    name="scale-after-clip",
    entry="B89",
    what="scaled gradients are clipped, and unscaled afterwards",
    links=["Lightning-AI/pytorch-lightning#9599", "allenai/allennlp#5426", "NVIDIA/apex#1512"],
    pieces={"unscale": _clip_then_unscale, "clip": _clip_if_not_yet},
    convention="keras3",
)


def _check_after_clip(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    adam.memory[_SCALE] = scale
    clipped = _clip(adam, quotients(grads, scale))
    return clipped if all_finite(clipped) else None


scale_check_after_clip = Defect(
    name="scale-check-after-clip",
    what="an infinity is clipped to the limit before anybody looks for it",
    pieces={"unscale": _check_after_clip, "clip": _clip_if_not_yet},
    convention="keras3",
)


def _note_scale(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    adam.memory[_SCALE] = scale
    return unscale(adam, grads, scale)


def _add_scaled_l2(adam: EditableAdam, step: Step, param: Array, grad: Array) -> Array:
    scale = adam.memory.get(_SCALE, 1.0)
    # Right: only the gradient had the scale.
    return grad + adam.pieces.weight_decay(adam) * param / param.dtype.type(scale)


scale_after_l2 = Defect(
    name="scale-after-l2",
    entry="B27",
    what="L2 is added to the scaled gradient, and divided by the scale with it",
    links=["NVIDIA/OpenSeq2Seq#127"],
    pieces={"unscale": _note_scale, "add_l2": _add_scaled_l2},
    convention="torch",
)


def _divide_square_once(adam: EditableAdam, step: Step, v: Array, grad: Array) -> Array:
    scale = grad.dtype.type(adam.memory.get(_SCALE, 1.0))
    return adam.beta2 * v + (1 - adam.beta2) * (grad * grad * scale)


scale_divides_square_once = Defect(
    name="scale-divides-square-once",
    what="v takes the square of the scaled gradient over the scale, and not over its square",
    pieces={"unscale": _note_scale, "second_moment": _divide_square_once},
)


def _no_decay_with_scale(adam: EditableAdam, step: Step, param: Array) -> Array:
    if _SCALE in adam.memory:
        return param
    return param * (1 - adam.pieces.weight_decay(adam) * step.learning_rate)


scale_without_decay = Defect(
    name="scale-without-decay",
    entry="B56",
    what="weights do not decay where there is a loss scale",
    links=["PaddlePaddle/Paddle#29794", "PaddlePaddle/Paddle#30207"],
    pieces={"unscale": _note_scale, "decay": _no_decay_with_scale},
    convention="torch-adamw",
)
