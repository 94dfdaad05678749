"""Wrong overflows of scaled gradients: that are not noticed, or whose step is skipped in part."""

import numpy as np

from ...vectors.slices import IndexedSlices, values_of
from ..defect import wrong
from ..kit.editable import EditableAdam
from ..kit.paper import all_finite, change_values, quotients, unscale
from ..kit.records import Array, Grads, Step

# --- what counts as an overflow


@wrong(
    "unscale",
    entry="B25",
    what="gradients that are not finite are let through",
    links=["pytorch/pytorch#95847", "pytorch/pytorch#186360"],
)
def scale_checks_nothing(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return quotients(grads, scale)


def _largest(grads: Grads) -> list[float]:
    # Empty gradients have no largest element.
    arrays = [values_of(grad) for grad in grads if grad is not None]
    return [float(array.max()) for array in arrays if array.size]


@wrong("unscale", what="an infinity below zero is let through: the check takes the maximum")
def scale_checks_maximum(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    # A maximum is NaN if any element is.
    return quotients(grads, scale) if np.isfinite(_largest(grads)).all() else None


def _any(grads: Grads, is_bad: np.ufunc) -> bool:
    return any(is_bad(values_of(grad)).any() for grad in grads if grad is not None)


@wrong("unscale", what="a NaN is let through: the check looks for infinities")
def scale_checks_infinity_only(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return None if _any(grads, np.isinf) else quotients(grads, scale)


@wrong("unscale", what="an infinity is let through: the check looks for NaN")
def scale_checks_nan_only(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return None if _any(grads, np.isnan) else quotients(grads, scale)


@wrong(
    "unscale",
    what="only the first gradient is checked for infinities and NaN",
    links=["facebookresearch/fairscale#890"],
)
def scale_checks_first_only(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return quotients(grads, scale) if all_finite(grads[:1]) else None


@wrong("unscale", what="only the last gradient is checked: its flag replaces that of the others")
def scale_checks_last_only(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return quotients(grads, scale) if all_finite(grads[-1:]) else None


@wrong("unscale", what="slices of sparse gradients are not checked for infinities and NaN")
def scale_checks_dense_only(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    dense = [grad for grad in grads if not isinstance(grad, IndexedSlices)]
    return quotients(grads, scale) if all_finite(dense) else None


@wrong("unscale", what="with a loss scale of 1 nothing is checked")
def scale_of_one_is_off(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return grads if scale == 1 else unscale(adam, grads, scale)


@wrong(
    "unscale",
    what="a step is skipped because the norm of finite scaled gradients overflows",
    links=["facebookresearch/fairseq#4555", "facebookresearch/fairscale#263"],
)
def scale_checks_norm(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    arrays = [values_of(grad).ravel() for grad in grads if grad is not None]
    norms = list(map(np.linalg.norm, arrays))
    return quotients(grads, scale) if np.isfinite(norms).all() else None


# --- what a skipped step changes


@wrong(
    "unscale",
    entry="B25",
    what="a step is skipped only for the parameters whose gradients are not finite",
    links=["ooples/AiDotNet.Tensors#972"],
)
def scale_skips_each_parameter(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    kept = list(grads)
    for number, grad in enumerate(grads):
        if not all_finite([grad]):
            kept[number] = None
    return quotients(kept, scale)


@wrong(
    "unscale",
    what="t counts a skipped step",
    links=["keras-team/tf-keras"],
)
def scale_skip_counts(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    unscaled = unscale(adam, grads, scale)
    if unscaled is None:
        state = adam.state
        state.calls += 1
        state.gradients = [count + 1 for count in state.gradients]
    return unscaled


@wrong(
    "unscale",
    what="instead of a skipped step, all gradients are taken for zero: moments decay and t counts",
    links=["pytorch/xla#3120", "tensorflow/tensorflow#23244"],
)
def scale_skip_takes_zeros(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    if all_finite(grads):
        return quotients(grads, scale)
    return change_values(grads, np.zeros_like)


@wrong(
    "unscale",
    what="instead of a skipped step, the elements that are not finite are taken for zero",
    links=["NVlabs/stylegan2-ada-pytorch"],
)
def scale_zeroes_elements(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    def replace(array: Array) -> Array:
        return np.asarray(np.where(np.isfinite(array), array, 0), array.dtype)

    return quotients(change_values(grads, replace), scale)


@wrong("unscale", what="moments decay in a skipped step")
def scale_skip_decays_moments(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    unscaled = unscale(adam, grads, scale)
    state = adam.state
    if unscaled is None:
        state.m = [np.asarray(adam.beta1 * m, m.dtype) for m in state.m]
        state.v = [np.asarray(adam.beta2 * v, v.dtype) for v in state.v]
    return unscaled


@wrong("unscale", what="weights decay in a skipped step", convention="torch-adamw")
def scale_skip_decays_weights(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    unscaled = unscale(adam, grads, scale)
    params = adam.state.params
    if unscaled is None:
        rate = adam.learning_rate if adam.state.rate is None else adam.state.rate
        for number, param in enumerate(params):
            step = Step(number, rate, is_sparse=False)
            params[number] = np.asarray(adam.pieces.decay(adam, step, param), param.dtype)
    return unscaled


@wrong(
    "unscale",
    what="finite elements enter m before the step is skipped",
    links=["deepspeedai/DeepSpeed#8435"],
)
def scale_skip_after_m(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    unscaled = unscale(adam, grads, scale)
    if unscaled is not None:
        return unscaled
    m = adam.state.m
    for number, grad in enumerate(quotients(grads, scale)):
        if isinstance(grad, np.ndarray):
            step = Step(number, adam.learning_rate, is_sparse=False)
            new = adam.pieces.first_moment(adam, step, m[number], grad)
            m[number] = np.asarray(np.where(np.isfinite(new), new, m[number]), new.dtype)
    return None


_RATE = "learning rate of the last step that was not skipped"


@wrong("unscale", what="a learning rate that is passed in a skipped step is lost")
def scale_skip_loses_rate(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    unscaled = unscale(adam, grads, scale)
    if unscaled is None:
        adam.state.rate = adam.memory.get(_RATE)
    adam.memory[_RATE] = adam.state.rate
    return unscaled


_OVERFLOWED = "whether the call before overflowed"


@wrong("unscale", what="the step after a skipped one is skipped, too")
def scale_skips_next(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    overflowed = adam.memory.get(_OVERFLOWED, False)
    adam.memory[_OVERFLOWED] = not all_finite(grads)
    return None if overflowed else unscale(adam, grads, scale)


@wrong("unscale", what="after an overflow all steps are skipped: the flag is never cleared")
def scale_skips_for_ever(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    if not all_finite(grads):
        adam.memory[_OVERFLOWED] = True
    return None if adam.memory.get(_OVERFLOWED) else unscale(adam, grads, scale)


@wrong(
    "unscale",
    what="every step with a loss scale is skipped: the return for overflows is outside of its if",
    links=["deepspeedai/DeepSpeed#7645"],
)
def scale_skips_all(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    return None


@wrong("unscale", what="an overflow skips the next step of other optimizers, too")
def scale_overflow_is_shared(adam: EditableAdam, grads: Grads, scale: float) -> Grads | None:
    adam.memory[_OVERFLOWED] = not all_finite(grads)
    others = [other.memory.get(_OVERFLOWED, False) for other in adam.others()]
    return None if any(others) else unscale(adam, grads, scale)
