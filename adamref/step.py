"""Adam on one NumPy array: the algorithm as the paper writes it.

Read this file first, and `scalars` next: it has the numbers that all elements share.
"""

import numpy as np

from .config import AdamConfig
from .convention import Arithmetic, Convention
from .dtypes import step_dtype
from .gradients.conversion import cast
from .gradients.indexed_slices import Grad, IndexedSlices
from .halves.storage import Storage
from .named_conventions import CONVENTIONS
from .scalars import Scalars, scalars
from .sparse import is_ignored, rows_by_t, steps_after
from .state import AdamState, Array, ParamArrays, pack, unpack
from .validation import check_step

PAPER = CONVENTIONS["paper"].convention
DOUBLE = Arithmetic.parse("ddddd")


def step(
    config: AdamConfig,
    state: AdamState,
    param: Array,
    grad: Grad,
    convention: Convention = PAPER,
    arithmetic: Arithmetic = DOUBLE,
    storage: Storage | str | None = None,
) -> tuple[Array, AdamState]:
    """Take one step of Adam on one array.

    Equations:
        E1   m     = beta1 m + (1 - beta1) g          first moment
        E2   v     = beta2 v + (1 - beta2) g^2        second moment
        E3   m_hat = m / (1 - beta1^t)                bias correction
        E4   v_hat = v / (1 - beta2^t)
        E5   param = param - lr m_hat / (sqrt(v_hat) + eps)

    The parameter is the theta of the paper, lr its alpha; `advance` has the equations as code.
    1 / (1 - beta^t) is the same for all elements, and is computed once, so that E3 and E4 are
    products there. t counts steps from 1, and m and v are 0 before the first.

    Other conventions are these equations with other numbers (`scalars`). Epsilon `hat` folds the
    corrections of E3 and E4 into lr; `inside` moves eps under the root. Decoupled weight decay
    multiplies the parameter by 1 - lr weight_decay; L2 adds weight_decay times the parameter to the
    gradient. AMSGrad remembers the largest v so far, and corrects it in E4 as v; with the value
    `max_corrected` it remembers the largest v_hat.

    Args:
        config: the numbers as the user sets them. All that follows from them is computed in the
            formats of ``arithmetic``, and then rounded once to the dtype of the step.
        state: after t - 1 steps (`first_state` before the first). ``m`` and ``v`` have the shape of
            ``param`` and its dtype. For a parameter of half precision they may be float32; then the
            step is taken in float32 and its result rounded.
        param: any shape; float16, float32, float64 or bfloat16. Not changed.
        grad: shape and dtype of ``param``, or the dtype of the step; or `IndexedSlices`, if the
            convention supports them. Not changed.
        convention: where real Adams differ.
        arithmetic: the formats in which the numbers are computed that all elements share; the
            usual one, `ddddd`, is binary64 for all of them.
        storage: how a parameter of half precision is kept, of which `first_state` makes a state;
            None follows from the dtype of ``m``.

    Returns:
        The new parameter and the state after t steps, in new arrays.

    Raises:
        ValueError: ``grad`` or ``state`` has another shape or dtype than ``param``; the convention
            lacks a feature that ``config`` turns on.

    Units: grad [g], param [p]; then m [g], v [g^2], eps [g], lr [p].
    Rounding: each operation once, in the order written; no fused multiply-add.
    Source: Kingma & Ba, arXiv:1412.6980v9, Algorithm 1.
    """
    storage = check_step(config, convention, state, param, grad, storage)
    dtype = step_dtype(param, storage)
    grad = cast(grad, dtype)
    # With a t for each row, a dense gradient moves rows as well.
    if isinstance(grad, IndexedSlices) or isinstance(state.t, np.ndarray):
        return _step_rows(config, state, param, grad, convention, arithmetic, storage)
    s = scalars(config, convention, arithmetic, state.t + 1, dtype)
    # Half precision is computed in float32, unless its storage says otherwise.
    weight, before = unpack(storage, param, state)
    g = objective_gradient(config, s, weight, grad)
    weight, after = advance(convention, s, before, weight, g)
    return pack(storage, param.dtype, weight, after)


@np.errstate(all="ignore")
def advance(
    convention: Convention,
    s: Scalars,
    state: AdamState,
    param: Array,
    g: Array,
    g_squared: Array | None = None,
) -> tuple[Array, AdamState]:
    """Apply the equations of `step` with their numbers ready.

    Args:
        convention: whether AMSGrad takes the maximum of v or of v_hat.
        s: the numbers of this step.
        state: before the step.
        param: before the step.
        g: the gradient of the objective (`objective_gradient`).
        g_squared: the g^2 of E2; None computes it.

    Returns:
        The new parameter and state, in new arrays.
    """
    g_squared = g * g if g_squared is None else g_squared
    m = s.beta1 * state.m + s.one_minus_beta1 * g  # E1
    v = s.beta2 * state.v + s.one_minus_beta2 * g_squared  # E2
    m_hat = s.inverse_bias_correction1 * m  # E3
    v_hat: Array = s.inverse_bias_correction2 * v  # E4
    v_max, v_hat = _amsgrad(convention, s, state.v_max, v, v_hat)
    update = s.learning_rate * m_hat / (np.sqrt(v_hat + s.epsilon_root) + s.epsilon)
    # One of the two factors is 1: decoupled decay comes before or after the update.
    param = s.decay_factor_after * (s.decay_factor_before * param - update)  # E5
    # NumPy makes scalars of arrays without axes; asarray makes them arrays again.
    return np.asarray(param), AdamState(state.t + 1, np.asarray(m), np.asarray(v), v_max)


@np.errstate(all="ignore")
def objective_gradient(config: AdamConfig, s: Scalars, param: Array, grad: Array) -> Array:
    """Return g, the gradient of the objective that Adam minimizes.

    To ascend f is to minimize -f, which negates the gradient. L2 adds l2 / 2 param^2 to the
    objective, and so l2 param to its gradient.
    """
    # Negated before L2 is added, as in all Adams that have both: L2 pulls to zero either way.
    if config.maximize:
        grad = -grad
    if s.l2:
        grad = grad + s.l2 * param
    return np.asarray(grad)


def _amsgrad(
    convention: Convention, s: Scalars, v_max: Array | None, v: Array, v_hat: Array
) -> tuple[Array | None, Array]:
    """Return AMSGrad's maximum and the v_hat it leads to; without AMSGrad None and v_hat."""
    if v_max is None:
        return None, v_hat
    # The maximum of v is corrected after it is taken; the maximum of v_hat has been corrected.
    if convention.amsgrad == "max_corrected":
        v_max = np.asarray(np.maximum(v_max, v_hat))
        return v_max, v_max
    v_max = np.asarray(np.maximum(v_max, v))
    return v_max, s.inverse_bias_correction2 * v_max


@np.errstate(all="ignore")
def _step_rows(
    config: AdamConfig,
    state: AdamState,
    param: Array,
    grad: Grad,
    convention: Convention,
    arithmetic: Arithmetic,
    storage: Storage,
) -> tuple[Array, AdamState]:
    """Take one step on the rows that the convention lets a sparse gradient move."""
    if is_ignored(convention, grad):
        return param.copy(), state
    result = ParamArrays.copies(param, state)
    dtype = step_dtype(param, storage)
    # Rows with the same t share their scalars, and take this step together.
    for t, rows, row_grad, g_squared in rows_by_t(convention, state.t, param, grad):
        s = scalars(config, convention, arithmetic, t + 1, dtype)
        own = result.take(rows)
        weight, before = unpack(storage, own.param, own.state(t))
        g = objective_gradient(config, s, weight, row_grad)
        weight, after = advance(convention, s, before, weight, g, g_squared)
        # No row comes twice, so rows may be written before the next are read.
        result.put(rows, *pack(storage, param.dtype, weight, after))
    t_after = steps_after(convention, state.t, param, grad)
    return result.param, result.state(t_after)
