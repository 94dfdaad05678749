"""Right Adams as parts of `Plain`, one for each point of the axes: what wrong ones are made from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...truth.point import values_of
from ...truth.reference import CONVENTIONS, DEFAULT_EPSILON
from ...vectors.slices import IndexedSlices, summed
from ...vectors.switches import LIMITS
from .clipping import clipping
from .editable import Array, Grads, Part, Plain, scattered


def made(name: str, convention: str, **parts: Part) -> type[Plain]:
    """The Adam of a named convention, with other ``parts``, as a subject."""
    named = CONVENTIONS[convention]
    subject = built(name, values_of(named.convention), named.arithmetics[0], **parts)
    subject.convention = convention
    return subject


def built(name: str, axes: Mapping[str, str], code: str, **parts: Part) -> type[Plain]:
    """The Adam of a point of the axes, with the formats of an arithmetic and with other ``parts``, as a subject."""
    own = {**_numbers(axes, code), **_counting(axes), **_decay(axes), **_slices(axes)}
    if axes["clip"] != "unsupported":
        own["clipped"] = clipping(axes)
    if axes["amsgrad"] == "max_corrected":
        own["maximum"] = _largest_corrected
    supports = {"none", "float16"} | (set() if axes["sparse"] == "unsupported" else {"sparse"})
    members = {
        "parts": Plain.parts | own | parts,
        "switches": frozenset(_switches(axes)),
        "supports": supports,
    }
    return type(name, (Plain,), members)


def _switches(axes: Mapping[str, str]) -> Iterator[str]:
    yield from (
        name for name in ("amsgrad", "weight_decay", "maximize") if axes[name] != "unsupported"
    )
    yield from LIMITS if axes["clip"] != "unsupported" else ()
    yield from ("epsilon_root",) if axes["epsilon"] == "both" else ()


def _numbers(axes: Mapping[str, str], code: str) -> dict[str, Part]:
    """What is done to the numbers a user sets, which moments are corrected, and where epsilon stands."""
    rate, epsilon_format, rest, power, _ = list(code)

    def numbers(
        learning_rate: float, beta1: float, beta2: float, epsilon: float
    ) -> tuple[float, ...]:
        if axes["epsilon_zero"] == "default":
            epsilon = epsilon or DEFAULT_EPSILON
        betas = (_cast(rest, beta) for beta in (beta1, beta2))
        return (_cast(rate, learning_rate), *betas, _cast(epsilon_format, epsilon))

    def corrected(a: Plain, which: str) -> bool:
        return axes["amsgrad_bias_correction" if a.amsgrad else "bias_correction"] in (
            "both",
            which,
        )

    def bias(a: Plain, beta: float, t: int, which: str) -> float:
        base = float(a.params[0].dtype.type(beta)) if power == "T" else _cast(power, beta)
        return 1 - base**t if corrected(a, which) else 1.0

    def outside(a: Plain, t: int) -> float:
        return 0.0 if axes["epsilon"] == "inside" else a.epsilon

    return {
        "numbers": numbers,
        "scheduled": lambda a, learning_rate: _cast(rate, learning_rate),
        "bias1": lambda a, t: bias(a, a.beta1, t, "first"),
        "bias2": lambda a, t: bias(a, a.beta2, t, "second"),
        "inside": lambda a, t: (
            a.epsilon if axes["epsilon"] == "inside" else a.limits.get("epsilon_root", 0.0)
        ),
        "outside": lambda a, t: (
            outside(a, t) / (np.sqrt(a.p.bias2(a, t)) if axes["epsilon"] == "hat" else 1)
        ),
        "decay": lambda a: _cast(rate, a.weight_decay),
    }


def _cast(letter: str, number: float) -> float:
    return float(np.float32(number)) if letter == "s" else number


def _counting(axes: Mapping[str, str]) -> dict[str, Part]:
    """Whose steps are counted, and what a call without gradients does."""

    def called(a: Plain, grads: Grads) -> None:
        if axes["all_none"] == "error" and all(grad is None for grad in grads):
            raise ValueError("grads must hold a gradient, got None for every parameter")
        if axes["none_gradient"] == "error" and any(grad is None for grad in grads):
            raise ValueError("grads must not hold None, got None")

    own = axes["step_scope"] == "parameter" and axes["none_gradient"] != "skip_but_count"
    parts: dict[str, Part] = {
        "called": called,
        "counts_nothing": lambda a: axes["all_none"] == "count",
    }
    return parts | ({"t": lambda a, i: a.gradients[i], "loaded": _counted} if own else {})


def _counted(a: Plain, slots: Any, t: Sequence[int]) -> tuple[Any, Sequence[int]]:
    a.gradients = list(t)
    return slots, t


def _decay(axes: Mapping[str, str]) -> dict[str, Part]:
    def rate(a: Plain) -> float:
        lr_t = a.lr * np.sqrt(a.p.bias2(a, a.now)) / a.p.bias1(a, a.now)
        return float(a.p.decay(a) * {"lr": a.lr, "one": 1.0, "lr_t": lr_t}[axes["decay_scale"]])

    if axes["weight_decay"] == "l2":
        return {"coupled": lambda a, p, g: g + a.p.decay(a) * p}
    if axes["weight_decay"] != "decoupled":
        return {}
    if axes["decay_when"] == "before":
        return {"decayed": lambda a, p: p * (1 - rate(a))}
    return {"step_of": lambda a, p, m_hat, update: update + rate(a) * (p - update)}


def _largest_corrected(a: Plain, v_max: Array, v: Array) -> tuple[Array, Array]:
    largest = np.maximum(v_max, v / a.p.bias2(a, a.now))
    return largest, largest * a.p.bias2(a, a.now)


def _slices(axes: Mapping[str, str]) -> dict[str, Part]:
    """What a sparse gradient moves, and what of it enters v."""
    parts: dict[str, Part] = {}
    if axes["sparse"] in ("lazy_global_t", "lazy_tensor_t"):
        parts["sparse"] = only_rows
    elif axes["sparse"] == "lazy_row_t":
        parts["sparse"] = row_t
    if axes["duplicates"] == "sum_of_squares":
        parts |= {"scattered": noting_squares, "second": sum_of_squares}
    if axes["empty_sparse"] == "ignored":
        parts["grad"] = lambda a, p, g: (
            None if isinstance(g, IndexedSlices) and not len(g.indices) else g
        )
    return parts


def only_rows(a: Plain, i: int, slices: IndexedSlices) -> None:
    """A step of the rows with a slice alone."""
    once = summed(slices)
    a.rows(i, once.indices, once.values)


def row_t(a: Plain, i: int, slices: IndexedSlices) -> None:
    """Each row with the t of its own gradients."""
    once, counts = summed(slices), a.by_row.setdefault(i, np.zeros(len(a.params[i]), int))
    for row, grad in zip(once.indices, once.values, strict=True):
        counts[row] += 1
        a.gradients[i], kept = int(counts[row]), a.gradients[i]
        a.rows(i, [row], grad[None])
        a.gradients[i] = kept


def noting_squares(a: Plain, p: Array, slices: IndexedSlices) -> Array:
    """The dense gradient; the squares of its slices are noted."""
    a.noted = scattered(p, slices._replace(values=slices.values * slices.values))
    return scattered(p, slices)


def sum_of_squares(a: Plain, v: Array, g: Array) -> Array:
    """E2 with the squares of the slices of a row, not of their sum."""
    return np.asarray(a.beta2 * v + (1 - a.beta2) * (a.noted if a.on_rows else g * g))
