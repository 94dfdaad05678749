"""Right Adams, one for each of a few conventions, as parts of `Plain`: what wrong ones are made from."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .plain import Array, Grads, Part, Plain, scattered
from .slices import IndexedSlices


def _counted(a: Plain, slots: Any, t: Sequence[int]) -> tuple[Any, Sequence[int]]:
    a.gradients = list(t)
    return slots, t


# torch.optim.Adam and AdamW, as parts.
TORCH: dict[str, Part] = {
    "t": lambda a, i: a.gradients[i],
    "loaded": _counted,
    "coupled": lambda a, p, g: g + a.weight_decay * p,
}
ADAMW: dict[str, Part] = TORCH | {
    "coupled": lambda a, p, g: g,
    "decayed": lambda a, p: p * (1 - a.lr * a.weight_decay),
}


def _keras_numbers(learning_rate: float, beta1: float, beta2: float, epsilon: float) -> tuple[float, ...]:
    single = (float(np.float32(x)) for x in (learning_rate, beta1, beta2))
    return (*single, epsilon or 1e-7)


def _needs_one(a: Plain, grads: Grads) -> None:
    if all(grad is None for grad in grads):
        raise ValueError("grads must hold a gradient, got None for every parameter")


def summed(slices: IndexedSlices) -> IndexedSlices:
    """Each row once, with the sum of its slices."""
    rows = np.unique(slices.indices)
    whole = scattered(np.zeros(slices.dense_shape, slices.values.dtype), slices)
    return slices._replace(values=whole[rows], indices=rows)


def only_rows(a: Plain, i: int, slices: IndexedSlices) -> None:
    """A step of the rows with a slice alone."""
    once = summed(slices)
    a.rows(i, once.indices, once.values)


def on_values(clip: Part) -> Part:
    """A clip that takes the values of slices as they are."""

    def clipped(a: Plain, grads: Sequence[Any]) -> list[Any]:
        values = clip(a, [grad.values if isinstance(grad, IndexedSlices) else grad for grad in grads])
        pairs = zip(grads, values, strict=True)
        return [g._replace(values=v) if isinstance(g, IndexedSlices) else v for g, v in pairs]

    return clipped


def by_value(a: Plain, grads: Grads) -> Grads:
    """Each element within the limit."""
    limit = a.limits.get("clipvalue")
    return [g if g is None or limit is None else np.clip(g, g.dtype.type(-limit), g.dtype.type(limit)) for g in grads]


def by_norm(a: Plain, grads: Grads) -> Grads:
    """The norm of each gradient within the limit."""
    limit = a.limits.get("clipnorm")
    return [g if g is None or limit is None else rescaled(g, norm([g]), limit) for g in grads]


def by_global_norm(a: Plain, grads: Grads) -> Grads:
    """The norm of all gradients within the limit."""
    limit = a.limits.get("global_clipnorm")
    return [g if g is None or limit is None else rescaled(g, norm(grads), limit) for g in grads]


def norm(grads: Grads) -> float:
    """The Euclidean norm of all elements."""
    return float(np.sqrt(sum(float(np.sum(np.square(g, dtype=np.float64))) for g in grads if g is not None)))


def rescaled(grad: Array, size: float, limit: float) -> Array:
    """A gradient of norm ``size``, or part of one, with the norm within the limit."""
    return (grad * (limit / max(size, limit))).astype(grad.dtype)


# tf.keras.optimizers.Adam before TensorFlow 2.11, as parts.
KERAS: dict[str, Part] = {
    "numbers": _keras_numbers,
    "called": _needs_one,
    "clipped": on_values(lambda a, grads: by_global_norm(a, by_norm(a, by_value(a, grads)))),
    "scheduled": lambda a, rate: float(np.float32(rate)),
    "update": lambda a, m_hat, v_hat, t: a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon / np.sqrt(1 - a.beta2**t)),
}


# keras.optimizers.Adam of Keras 3, as parts, but for the rows that are named twice.
KERAS3: dict[str, Part] = {
    "numbers": lambda rate, *others: (float(np.float32(rate)), *others),
    "called": _needs_one,
    "clipped": KERAS["clipped"],
    "scheduled": KERAS["scheduled"],
    "bias1": lambda a, t: 1 - float(np.float32(a.beta1)) ** t,
    "bias2": lambda a, t: 1 - float(np.float32(a.beta2)) ** t,
    "update": lambda a, m_hat, v_hat, t: a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon / np.sqrt(a.p.bias2(a, t))),
    "decayed": lambda a, p: p * (1 - a.lr * float(np.float32(a.weight_decay))),
}
# torch.optim.SparseAdam, as parts.
SPARSE: dict[str, Part] = TORCH | {
    "coupled": lambda a, p, g: g,
    "update": lambda a, m_hat, v_hat, t: a.lr * m_hat / (np.sqrt(v_hat) + a.epsilon / np.sqrt(1 - a.beta2**t)),
    "sparse": lambda a, i, slices: only_rows(a, i, slices),
}


class Base(NamedTuple):
    """A right Adam that wrong ones are made from: its parts, and the switches that it has."""

    parts: dict[str, Part]
    switches: frozenset[str] = frozenset()


_LIMITS = frozenset({"clipvalue", "clipnorm", "global_clipnorm"})
# By the convention that it has.
BASES = {
    "paper": Base(Plain.parts),
    "torch": Base(Plain.parts | TORCH, frozenset({"weight_decay", "maximize"})),
    "torch-adamw": Base(Plain.parts | ADAMW, frozenset({"weight_decay", "maximize"})),
    "torch-sparse": Base(Plain.parts | SPARSE, frozenset({"maximize"})),
    "tfkeras": Base(Plain.parts | KERAS, _LIMITS),
    "keras3": Base(Plain.parts | KERAS3, _LIMITS | {"weight_decay"}),
}


def made(name: str, convention: str, **parts: Part) -> type[Plain]:
    """The Adam of a convention, with other ``parts``, as a subject."""
    base = BASES[convention]
    members = {"parts": base.parts | parts, "switches": base.switches, "convention": convention}
    return type(name, (Plain,), members | {"supports": {"none", "sparse", "float16"}})
