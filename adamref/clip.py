"""Clipping: what the gradients of one step are limited to before Adam sees them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .config import AdamConfig
from .convention import Convention
from .sparse import Grad, IndexedSlices, summed
from .state import Array

_NAMES = {"value": "clipvalue", "norm": "clipnorm", "global": "global_clipnorm"}


@np.errstate(all="ignore")
def clip(
    config: AdamConfig, convention: Convention, grads: Sequence[Grad | None]
) -> list[Grad | None]:
    """The gradients of one step, clipped as the convention says.

    By value: each element to [-c, c]. By norm: each gradient times c / max(n, c), n its Euclidean norm; the global
    norm is that of all gradients together. With `plus_1e-6` the factor is min(1, c / (n + 1e-6)). Of a sparse gradient
    the values are clipped, as they are or after those of one row are summed.

    Args:
        config: the limits.
        convention: order, combination and law.
        grads: one entry a parameter; None is passed on.

    Returns:
        New arrays, or the given ones where nothing is clipped.

    Raises:
        ValueError: a limit is set that the convention does not have, or several that exclude each other.

    Rounding: squares are summed in the dtype of the gradient, in NumPy's pairwise order.
    Source: `_transform_gradients` of tf_keras 2.21.0, optimizers/legacy/optimizer_v2.py.
    """
    kinds = [
        kind
        for kind in convention.clip_order.split("_")
        if getattr(config, _NAMES[kind]) is not None
    ]
    if kinds and convention.clip == "unsupported":
        name = _NAMES[kinds[0]]
        raise ValueError(
            f"{name} must be None in a convention without clipping, got {getattr(config, name)!r}"
        )
    if len(kinds) > 1 and convention.clip == "exclusive":
        names = " and ".join(_NAMES[kind] for kind in kinds)
        raise ValueError(f"only one limit must be set in this convention, got {names}")
    once = kinds and convention.clip_duplicates == "after_sum"
    given = [summed(grad) if once and isinstance(grad, IndexedSlices) else grad for grad in grads]
    values = [grad.values if isinstance(grad, IndexedSlices) else grad for grad in given]
    for kind in kinds[:1] if convention.clip == "first" else kinds:
        values = _clip_once(kind, getattr(config, _NAMES[kind]), convention, values)
    return [
        grad._replace(values=array)
        if isinstance(grad, IndexedSlices) and array is not None
        else array
        for grad, array in zip(given, values, strict=True)
    ]


def _clip_once(
    kind: str, limit: float, convention: Convention, grads: list[Array | None]
) -> list[Array | None]:
    if kind == "value":
        return [
            None if g is None else np.asarray(np.clip(g, g.dtype.type(-limit), g.dtype.type(limit)))
            for g in grads
        ]
    squares = [None if g is None else np.sum(g * g, dtype=g.dtype) for g in grads]
    if kind == "global":
        total = sum((s for s in squares if s is not None), start=np.float16(0))
        squares = [None if s is None else total for s in squares]
    return [
        None
        if g is None or s is None
        else np.asarray(g * _factor(np.sqrt(s), g.dtype.type(limit), convention))
        for g, s in zip(grads, squares, strict=True)
    ]


def _factor(norm: Any, limit: Any, convention: Convention) -> Any:
    if convention.clip_law == "exact":
        return limit / np.maximum(norm, limit)
    return np.minimum(norm.dtype.type(1), limit / (norm + norm.dtype.type(1e-6)))
