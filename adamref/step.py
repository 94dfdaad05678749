"""Adam on one NumPy array: the algorithm as the paper writes it. Read this file first."""

import numpy as np

from .config import AdamConfig
from .convention import Arithmetic, Convention
from .dtypes import storage_of, wide_dtype
from .halves.storage import Storage
from .named_conventions import CONVENTIONS
from .scalars import Scalars, scalars
from .sparse import Grad, IndexedSlices, check_sparse, is_ignored, parts, steps_after, widen
from .state import AdamState, Array, ParamArrays, pack, unpack
from .validation import check_arrays, check_features

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

    Other conventions are these equations with other numbers (`scalars`). Epsilon `hat` folds the
    corrections of E3 and E4 into lr; `inside` moves eps under the root. Decoupled weight decay
    scales the parameter in E5; L2 adds to the gradient. AMSGrad divides by the largest v, or v_hat,
    so far.

    Args:
        config: rounded to the dtype of the step before use.
        state: after t - 1 steps. ``m`` and ``v`` have the shape of ``param`` and its dtype. For a
            parameter of half precision they may be float32; then the step is taken in float32 and
            its result rounded.
        param: any shape; float16, float32, float64 or bfloat16. Not changed.
        grad: shape and dtype of ``param``, or the dtype of the step; or `IndexedSlices`, if the
            convention supports them. Not changed.
        convention: where real Adams differ.
        arithmetic: the formats of the numbers that all elements share.
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
    check_features(config, convention)
    storage = storage_of(param, storage, state.m.dtype if storage is None else None)
    check_arrays(config, state, param, grad, storage)
    if isinstance(grad, IndexedSlices):
        check_sparse(convention, "grad is IndexedSlices")
    elif isinstance(state.t, np.ndarray):
        check_sparse(convention, "state.t has a count for each row")
    dtype = wide_dtype(param, storage)
    grad = widen(grad, dtype)
    # A dense gradient moves rows too, if each row has its own t.
    if isinstance(grad, IndexedSlices) or isinstance(state.t, np.ndarray):
        return _step_rows(config, state, param, grad, convention, arithmetic, storage)
    # Half precision is computed in float32, unless its storage says otherwise.
    weight, wide = unpack(storage, param, state)
    s = scalars(config, convention, arithmetic, state.t + 1, dtype)
    effective = effective_gradient(config, s, weight, grad)
    weight, wide = advance(convention, s, wide, weight, effective)
    return pack(storage, param.dtype, weight, wide)


@np.errstate(all="ignore")
def advance(
    convention: Convention,
    s: Scalars,
    state: AdamState,
    param: Array,
    grad: Array,
    square: Array | None = None,
) -> tuple[Array, AdamState]:
    """Apply the equations of `step` with their numbers ready.

    Args:
        convention: whether AMSGrad takes the maximum of v or of v_hat.
        s: the numbers of this step.
        state: before the step.
        param: before the step.
        grad: the effective gradient, which enters m.
        square: the square that enters v; None is the square of ``grad``.

    Returns:
        The new parameter and state, in new arrays.
    """
    square = grad * grad if square is None else square
    m = s.beta1 * state.m + s.beta1_rest * grad  # E1
    v = s.beta2 * state.v + s.beta2_rest * square  # E2
    m_hat = s.correct1 * m  # E3
    v_hat: Array = s.correct2 * v  # E4
    v_max, v_hat = _largest(convention, s, state.v_max, v, v_hat)
    update = s.learning_rate * m_hat / (np.sqrt(v_hat + s.epsilon_root) + s.epsilon)
    # One of the two factors is 1: decoupled decay comes before or after the update.
    param = s.keep_after * (s.keep_before * param - update)  # E5
    # NumPy makes scalars of arrays without axes; asarray makes them arrays again.
    return np.asarray(param), AdamState(state.t + 1, np.asarray(m), np.asarray(v), v_max)


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
    whole = ParamArrays.copies(param, state)
    # Slices are summed in the dtype of the step.
    dtype = wide_dtype(param, storage)
    like = np.broadcast_to(np.empty((), dtype), param.shape)
    # Rows that have taken equally many steps share their scalars, and take this step together.
    for t, rows, part_grad, square in parts(convention, state.t, like, grad):
        s = scalars(config, convention, arithmetic, t + 1, dtype)
        before = whole.take(rows)
        weight, wide = unpack(storage, before.param, before.state(t))
        effective = effective_gradient(config, s, weight, part_grad)
        weight, wide = advance(convention, s, wide, weight, effective, square)
        # No row is in two parts, so a part may be written before the next is read.
        whole.put(rows, *pack(storage, param.dtype, weight, wide))
    t_after = steps_after(convention, state.t, param, grad)
    return whole.param, whole.state(t_after)


@np.errstate(all="ignore")
def effective_gradient(config: AdamConfig, s: Scalars, param: Array, grad: Array) -> Array:
    """Return the gradient that enters the moments: negated for ascent, then with L2 added."""
    # The order is the convention `before_l2`, the only one in use: L2 pulls to zero either way.
    if config.maximize:
        grad = -grad
    if s.l2:
        grad = grad + s.l2 * param
    return np.asarray(grad)


def _largest(
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
    return v_max, s.correct2 * v_max
