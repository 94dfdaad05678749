"""Clipping as a part of `Plain`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...vectors.slices import IndexedSlices, summed
from ...vectors.switches import LIMITS
from .editable import Array, Grads, Part, Plain


def clipping(axes: Mapping[str, str]) -> Part:
    """The clip of a point of the axes; of slices it takes the values as they are, or summed for each row."""
    slack = 1e-6 if axes["clip_law"] == "plus_1e-6" else 0.0
    limits = {"value": by_value, "norm": by_norm, "global": by_global_norm}
    order = axes["clip_order"].split("_")

    def limited(a: Plain, values: Grads) -> Grads:
        names = dict(zip(("value", "norm", "global"), LIMITS, strict=True))
        kinds = [kind for kind in order if a.limits.get(names[kind]) is not None]
        for kind in kinds[:1] if axes["clip"] == "first" else kinds:
            values = limits[kind](a, values, slack)
        return values

    return on_values(limited, axes["clip_duplicates"] == "after_sum")


def on_values(limited: Part, after_sum: bool = False) -> Part:
    """A clip of arrays as one that takes slices too: their values as they are, or summed for each row."""

    def clipped(a: Plain, grads: Sequence[Any]) -> list[Any]:
        once = [summed(g) if after_sum and isinstance(g, IndexedSlices) else g for g in grads]
        values = limited(a, [g.values if isinstance(g, IndexedSlices) else g for g in once])
        pairs = zip(once, values, strict=True)
        return [g._replace(values=v) if isinstance(g, IndexedSlices) else v for g, v in pairs]

    return clipped


def by_value(a: Plain, grads: Grads, slack: float = 0.0) -> Grads:
    """Each element within the limit."""
    limit = a.limits.get("clipvalue")
    return [
        g if g is None or limit is None else np.clip(g, g.dtype.type(-limit), g.dtype.type(limit))
        for g in grads
    ]


def by_norm(a: Plain, grads: Grads, slack: float = 0.0) -> Grads:
    """The norm of each gradient within the limit."""
    limit = a.limits.get("clipnorm")
    return [
        g if g is None or limit is None else rescaled(g, norm([g]), limit, slack) for g in grads
    ]


def by_global_norm(a: Plain, grads: Grads, slack: float = 0.0) -> Grads:
    """The norm of all gradients within the limit."""
    limit = a.limits.get("global_clipnorm")
    return [
        g if g is None or limit is None else rescaled(g, norm(grads), limit, slack) for g in grads
    ]


def norm(grads: Grads) -> float:
    """The Euclidean norm of all elements."""
    return float(
        np.sqrt(sum(float(np.sum(np.square(g, dtype=np.float64))) for g in grads if g is not None))
    )


def rescaled(grad: Array, size: float, limit: float, slack: float = 0.0) -> Array:
    """A gradient of norm ``size``, or part of one, with the norm within the limit."""
    return (grad * (limit / max(size + slack, limit))).astype(grad.dtype)
