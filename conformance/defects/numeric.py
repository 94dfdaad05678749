"""Right formulas in too few digits, and guards where there is nothing to guard."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .defect import defect
from .kit.bfloat16 import bfloat16
from .kit.editable import Array, Part, Plain


def _first(old: Array, new: Array, count: int) -> Array:
    """Only the first elements are updated."""
    return np.concatenate([new.ravel()[:count], old.ravel()[count:]]).reshape(new.shape)


def _of_dense(change: Callable[[Array], Array]) -> Part:
    """A change of dense gradients."""

    def changed(a: Plain, p: Array, g: Any) -> Any:
        return change(g).astype(g.dtype) if isinstance(g, np.ndarray) else g

    return changed


def _no_underflow(a: Plain, t: int) -> float:
    if a.beta1**t == 0:
        raise OverflowError("Numerical result out of range")
    return float(1 - a.beta1**t)


# fmt: off
NUMERIC = (
    defect("betas-bfloat16", "N07", "the betas are rounded to bfloat16", "tenstorrent/tt-metal#55935",
            first=lambda a, m, g: bfloat16(a.beta1) * m + (1 - bfloat16(a.beta1)) * g),
    defect("rest-in-float32", "C17", "1 - beta2 is taken in float32", "pytorch/pytorch#153649",
            second=lambda a, v, g: a.beta2 * v + float(np.float32(1) - np.float32(a.beta2)) * (g * g)),
    defect("float32-inside", "N18", "float64 parameters are updated in float32", "tensorflow/tensorflow#761",
            update=lambda a, m_hat, v_hat, t: (a.lr * m_hat / a.p.denominator(a, v_hat, t)).astype(np.float32)),
    defect("half-precision-state", "N19", "the moments are kept in float16", "NVIDIA/apex#1623",
            keep=lambda a, old, m, v, t: (m.astype(np.float16), v.astype(np.float16))),
    defect("param-in-bfloat16", "N08", "the parameter is kept in bfloat16", "ml-by-hand#85",
           moved=lambda a, i, old, new: bfloat16(new)),
    defect("moments-in-bfloat16", "N10", "the moments are kept in bfloat16", "whitecircle/halo#30",
           keep=lambda a, old, m, v, t: (bfloat16(m), bfloat16(v))),
    defect("power-underflow-raises", "N11", "beta^t that underflows is an error", "chainer/chainer#2388",
           bias1=_no_underflow),
    defect("eps-over-rate", "N14", "epsilon is divided by the learning rate, which may be 0", "pytorch/pytorch#97004",
           update=lambda a, m_hat, v_hat, t:
           m_hat / (np.sqrt(v_hat) / np.float64(a.lr) + a.epsilon / np.float64(a.lr))),
    defect("eps-half-precision", "N01", "epsilon is rounded to half precision, where the usual one is 0",
           "google-deepmind/optax#1754",
           numbers=lambda lr, b1, b2, epsilon: (lr, b1, b2, float(np.float16(epsilon)))),
    defect("eps-rounded-to-decimals", "N22", "epsilon is rounded to 5 decimals", "OpenMined/PySyft#740",
           numbers=lambda lr, b1, b2, epsilon: (lr, b1, b2, round(epsilon, 5))),
    defect("square-underflows", "N02", "a square below what half precision has is 0", "keras-team/keras-hub#2629",
           "NVIDIA/apex#799",
           second=lambda a, v, g: a.beta2 * v + (1 - a.beta2) * np.where(g * g < 2.0**-25, 0, g * g).astype(g.dtype)),
    defect("square-overflows", "N03", "a square above what half precision has is infinite", "NVIDIA/apex#92",
           second=lambda a, v, g: a.beta2 * v + (1 - a.beta2) * np.where(g * g > 65504, np.inf, g * g).astype(g.dtype)),
    defect("t-8-bit", "own", "t is an unsigned integer of 8 bits",
           t=lambda a, i: a.calls % 256 or 1),
    defect("t-half-precision", "own", "t is counted in half precision, and stands still at 2,048",
           t=lambda a, i: min(a.calls, 2048)),
    defect("size-16-bit", "B79", "the number of elements is kept in 16 bits", "deepspeedai/DeepSpeed#7640",
           moved=lambda a, i, old, new: _first(old, new, new.size % 65536)),
    defect("nan-zeroed", "A32", "a gradient that is not a number is taken for zero", "rlevo#184",
           grad=_of_dense(lambda g: np.where(np.isnan(g), 0, g))),
    defect("inf-clamped", "A32", "an infinite gradient is clamped to the largest number",
           grad=_of_dense(lambda g: np.clip(g, np.finfo(g.dtype).min, np.finfo(g.dtype).max))),
    defect("nan-spoils-all", "B25", "a number that is not finite leaves the whole parameter as it was",
           "pytorch/pytorch#95847",
           moved=lambda a, i, old, new: new if np.isfinite(new).all() else old),
    defect("v-floor", "own", "v_hat is at least 1e-12",
           denominator=lambda a, v_hat, t: np.sqrt(np.maximum(v_hat, 1e-12)) + a.epsilon),
    defect("small-gradients-dropped", "own", "gradients below 1e-6 are taken for zero",
           grad=_of_dense(lambda g: np.where(np.abs(g) < 1e-6, 0, g))),
    defect("step-limited", "own", "no step is larger than the learning rate",
           step_of=lambda a, p, m_hat, update: np.clip(update, -a.lr, a.lr)),
)
# fmt: on
