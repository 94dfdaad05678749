"""Wrong counting, and states, gradients and shapes that are not treated as they should be."""

from copy import deepcopy
from typing import Any

import numpy as np

from .defect import defect
from .kit.editable import Array, Grads, Plain


def _half_ahead(a: Plain, m_hat: Array, v_hat: Array, t: int) -> Any:
    ahead = np.arange(m_hat.size).reshape(m_hat.shape) > m_hat.size // 2
    ratio = np.where(ahead, (1 - a.beta1**t) / (1 - a.beta1 ** (t + 1)), 1.0).astype(m_hat.dtype)
    return a.lr * (m_hat * ratio) / a.p.denominator(a, v_hat, t)


def _tail(old: Array, new: Array, width: int) -> Array:
    """The last elements that do not fill a register stay as they were."""
    kept = new.ravel().copy()
    whole = new.size - new.size % width
    kept[whole:] = old.ravel()[whole:]
    return kept.reshape(new.shape)


def _crashes(a: Plain, grads: Grads) -> None:
    if all(grad is None for grad in grads):
        raise UnboundLocalError("local variable 'beta1' referenced before assignment")


def _shared(a: Plain, old: Any, m: Array, v: Array, t: int) -> tuple[Array, Array]:
    for at, param in enumerate(a.params):
        if param.shape == m.shape:
            a.m[at], a.v[at] = m, v
    return m, v


def _of_other_group(a: Plain, i: int, old: Array, new: Array) -> Array:
    """The parameters of the second half go on from the copies that belong to the first."""
    other = i - (a.count + 1) // 2
    same = other >= 0 and a.params[other].shape == new.shape
    return np.asarray(new - old + a.params[other]) if same else new


def _by_half(a: Plain, i: int) -> int:
    """T, where a step is two calls, one for each half of the parameters."""
    halves = min(2, a.count)
    return halves * (a.calls - 1) + 1 + i * halves // a.count


_LAST_RUN = {"calls": 0}


def _going_on(a: Plain, grads: Grads) -> None:
    if not a.calls:
        a.noted = _LAST_RUN["calls"]
    _LAST_RUN["calls"] = a.noted + a.calls + 1


def _as_text(a: Plain, state: Any) -> Any:
    """The state printed with the digits that NumPy shows, and read again."""
    shown = deepcopy(state)
    for name in ("params", "m", "v", "v_max"):
        shown[name] = [
            np.array([float(f"{x:.8f}") for x in one.flat], one.dtype).reshape(one.shape)
            for one in shown[name]
        ]
    return shown


def _needs_all(a: Plain, grads: Grads) -> None:
    if any(grad is None for grad in grads):
        raise AttributeError("'NoneType' object has no attribute 'dtype'")


def _one_late(a: Plain, rate: float) -> float:
    before, a.first_lr = a.first_lr, rate
    return before


# fmt: off
CONTRACT = (
    defect("no-update", "A35", "step returns without doing anything", "cool-japan/scirs#98",
            moved=lambda a, i, old, new: old),
    defect("t-own-gradients", "C10", "each parameter counts its own gradients, where t is shared",
            "InfiniTensor/InfiniTrain#235",
            t=lambda a, i: a.gradients[i]),
    defect("empty-swallows-others", "B80", "an empty parameter keeps the one before it from moving",
            "pytorch/pytorch#100701",
            moved=lambda a, i, old, new: old if i + 1 < a.count and a.params[i + 1].size == 0 else new),
    defect("simd-tail", "B82", "the elements of a last, partial register stay", "deepspeedai/DeepSpeed#3109",
            moved=lambda a, i, old, new: _tail(old, new, 4) if new.size > 4 else new),
    defect("scalar-unchanged", "B83", "a scalar parameter is never updated", "cool-japan/scirs#98",
            moved=lambda a, i, old, new: old if old.ndim == 0 else new),
    defect("schedule-ignored", "B88", "the learning rate of the first step is baked in", "pytorch/pytorch#185382",
            scheduled=lambda a, rate: a.lr),
    defect("none-as-zero", "C13", "a missing gradient is taken for zero", "pytorch/pytorch#150610",
            grad=lambda a, p, g: 0 * p if g is None else g),
    defect("t-not-loaded", "A11", "t starts again at 0 after loading", "scikit-learn/scikit-learn#6091",
            loaded=lambda a, slots, t: (slots, [0 for _ in t])),
    defect("moments-not-loaded", "A12", "the moments start again at 0 after loading", "OpenNMT/OpenNMT-py#38",
            loaded=lambda a, slots, t: ({name: [0 * x for x in xs] for name, xs in slots.items()}, t)),
    defect("t-per-parameter", "B15", "t advances inside the loop over parameters", "clab/dynet#77",
            t=lambda a, i: a.count * (a.calls - 1) + i + 1),
    defect("betapow-race", "B23", "half of the elements see the next t", "PaddlePaddle/Paddle#62251",
            update=_half_ahead),
    defect("rate-changes-in-loop", "B48", "the learning rate decays inside the loop over parameters",
            "gbaydin/hypergradient-descent#9",
            rate=lambda a, i: a.lr * 0.999**i),
    defect("t-advanced-by-dummy-step", "B14", "a step without effect makes the state, and counts",
           "pytorch/torchtitan#4382",
           of="torch", t=lambda a, i: a.gradients[i] + 1),
    defect("t-shared", "B20", "all parameters share a t, where each has its own", "InfiniTensor/InfiniTrain#235",
           of="torch", t=lambda a, i: a.calls),
    defect("all-none-crashes", "A21", "a call without any gradient crashes", "pytorch/pytorch#53354",
           called=_crashes),
    defect("schedule-lags", "C20", "a new learning rate counts from the step after", "pytorch/torchtitan#1261",
           scheduled=_one_late),
    defect("state-aliased", "A05", "what was saved changes when the optimizer goes on", "pytorch/pytorch#196083",
           saved=lambda a, state: state),
    defect("t-not-saved", "A11", "t is not saved", "scikit-learn/scikit-learn#6091",
           saved=lambda a, state: {**deepcopy(state), "calls": 0, "gradients": [0 for _ in state["params"]]}),
    defect("moments-not-saved", "A12", "the moments are not saved", "OpenNMT/OpenNMT-py#38",
           saved=lambda a, state: {k: v for k, v in deepcopy(state).items() if k not in ("m", "v", "v_max")}),
    defect("max-not-saved", "A13", "AMSGrad's maximum is not saved", "titu1994/keras-adabound#4",
           saved=lambda a, state: {k: v for k, v in deepcopy(state).items() if k != "v_max"}),
    defect("t-per-subgroup", "B18", "t advances once for each half of the parameters", "deepspeedai/DeepSpeed#1823",
           t=_by_half),
    defect("copy-of-other-group", "B84", "the second group of parameters goes on from the copies of the first",
           "NVIDIA/apex", moved=_of_other_group),
    defect("none-crashes", "A22", "a missing gradient crashes", "taki0112/AdaBound-Tensorflow#6",
           called=_needs_all),
    defect("t-goes-on-in-next-run", "A25", "a new optimizer goes on with the t of the last one",
           "qiskit-community/qiskit-aqua#1016",
           called=_going_on, t=lambda a, i: a.noted + a.calls),
    defect("saved-as-text", "A26", "the state is saved as it is printed, with 8 decimals",
           "qiskit-community/qiskit-algorithms",
           saved=_as_text),
    defect("load-swaps-moments", "own", "m and v change places when they are loaded",
           loaded=lambda a, slots, t: ({**slots, "m": slots["v"], "v": slots["m"]}, t)),
    defect("loaded-t-plus-one", "own", "t is one more after loading",
           loaded=lambda a, slots, t: (slots, [count + 1 for count in t])),
    defect("zero-as-none", "own", "a gradient of zeros is taken for none",
           grad=lambda a, p, g: None if isinstance(g, np.ndarray) and g.size and not g.any() else g),
    defect("shape-shares-state", "own", "parameters of one shape share their moments",
           keep=_shared),
)
# fmt: on
