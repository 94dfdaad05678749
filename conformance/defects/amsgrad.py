"""Wrong maxima of AMSGrad, and wrong corrections where it is on."""

import numpy as np

from .defect import Defect, wrong
from .kit.editable import EditableAdam
from .kit.records import Array, Step

# The piece `largest` returns two arrays: the maximum to remember, and the v of which E4 is taken.
Largest = tuple[Array, Array]


@wrong(
    "largest",
    entry="B69",
    what="AMSGrad's maximum is used but not remembered",
    links=["pytorch/pytorch#78807"],
)
def ams_max_not_stored(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    return v_max, np.maximum(v_max, v)


@wrong(
    "largest",
    entry="B70",
    what="amsgrad is accepted and does nothing",
    links=["ooples/AiDotNet#1350"],
)
def ams_flag_ignored(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    return np.maximum(v_max, v), v


@wrong(
    "bias2",
    entry="B71",
    what="with AMSGrad v is not corrected",
    links=["ooples/AiDotNet#1526"],
)
def ams_v_uncorrected(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1.0 if adam.amsgrad else 1 - beta**step.t


@wrong("largest", what="AMSGrad's maximum decays with v")
def ams_max_decays(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    # Right: v_max, which never shrinks. That is the whole point of AMSGrad.
    v_max = np.maximum(adam.beta2 * v_max, v)
    return v_max, v_max


@wrong(
    "largest",
    entry="C07",
    what="AMSGrad's maximum is taken of v_hat",
    links=["google-deepmind/optax#1389"],
)
def ams_max_of_corrected(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    bias2 = 1 - adam.beta2**adam.state.calls
    v_max = np.maximum(v_max, v / bias2)
    # E4 divides by bias2 once more.
    return v_max, v_max * bias2


@wrong(
    "bias1",
    "bias2",
    entry="C08",
    what="with AMSGrad nothing is corrected",
    links=["online-ml/river#185"],
)
def ams_no_bias_correction(adam: EditableAdam, step: Step, beta: float) -> float:
    return 1.0 if adam.amsgrad else 1 - beta**step.t


_MAXIMUM = "AMSGrad's maximum of this step"


def _remembered_maximum(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    v_max = np.maximum(v_max, v)
    adam.memory[_MAXIMUM] = v_max
    return v_max, v_max


def _maximum_as_v(adam: EditableAdam, step: Step, m: Array, v: Array) -> tuple[Array, Array]:
    # Right: v. The maximum must stay beside it.
    return m, adam.memory[_MAXIMUM] if adam.amsgrad else v


ams_v_overwritten = Defect(
    name="ams-v-overwritten",
    what="AMSGrad's maximum takes the place of v for good",
    pieces={"largest": _remembered_maximum, "remember": _maximum_as_v},
)


@wrong("largest", what="AMSGrad's maximum is that of all elements")
def ams_max_of_tensor(adam: EditableAdam, step: Step, v_max: Array, v: Array) -> Largest:
    # Right: a maximum for each element.
    largest = np.full_like(v, np.maximum(v_max, v).max(initial=0))
    return largest, largest
