"""Clipping: limits on the gradients of one step before Adam sees them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .config import AdamConfig
from .convention import Convention
from .gradients.indexed_slices import Grad, IndexedSlices, sum_duplicates
from .state import Array

# kind, as in the values of the axis clip_order -> field of the config.
_SETTINGS = {"value": "clipvalue", "norm": "clipnorm", "global": "global_clipnorm"}
# The term that torch adds to a norm before it divides by it.
_TORCH_SLACK = 1e-6


@np.errstate(all="ignore")
def clip(
    config: AdamConfig, convention: Convention, grads: Sequence[Grad | None]
) -> list[Grad | None]:
    """Return the gradients of one step, clipped by the rules of the convention.

    By value, each element is limited to [-c, c]. By norm, each gradient is multiplied by
    c / max(n, c), where n is its Euclidean norm; the global norm is the norm of all gradients
    together. With `plus_1e-6` the factor is min(1, c / (n + 1e-6)). The values of a sparse gradient
    are clipped, before or after the slices of one row are summed.

    Args:
        config: the limits.
        convention: order, combination and law.
        grads: one entry a parameter; None stays None.

    Returns:
        New arrays, or the given ones if no limit is set.

    Raises:
        ValueError: as `check_limits`; gradients of several dtypes have no global norm.

    Rounding: squares are summed in the dtype of the gradient, in NumPy's pairwise order.
    Source: `_transform_gradients` of tf_keras 2.21.0, optimizers/legacy/optimizer_v2.py.
    """
    check_limits(config, convention)
    kinds = _kinds(config, convention)
    # Without a limit nothing is summed: the caller gets back the slices that it gave.
    sums_first = bool(kinds) and convention.clip_duplicates == "after_sum"
    values: list[Array | None] = []
    unclipped: list[Grad | None] = []
    for given in grads:
        grad = given
        if sums_first and isinstance(given, IndexedSlices):
            grad = sum_duplicates(given)
        unclipped.append(grad)
        values.append(grad.values if isinstance(grad, IndexedSlices) else grad)
    if convention.clip == "first":
        kinds = kinds[:1]
    # Each clip sees the gradients after the clips before it.
    for kind in kinds:
        values = _clip_by(kind, getattr(config, _SETTINGS[kind]), convention, values)
    return [_with_values(grad, array) for grad, array in zip(unclipped, values, strict=True)]


def check_limits(config: AdamConfig, convention: Convention) -> None:
    """Check that the convention has the limits that are set.

    Raises:
        ValueError: the convention has no clipping, or accepts only one limit and several are set.
    """
    names = [_SETTINGS[kind] for kind in _kinds(config, convention)]
    if names and convention.clip == "unsupported":
        raise ValueError(
            f"convention {convention.name!r} has no {names[0]}; "
            f"got {names[0]}={getattr(config, names[0])!r}. "
            "Set it to None or choose another convention, e.g. 'keras3'."
        )
    if len(names) > 1 and convention.clip == "exclusive":
        raise ValueError(
            f"convention {convention.name!r} accepts one limit; got {' and '.join(names)}. "
            "Set the others to None or choose another convention, e.g. 'tfkeras'."
        )


def clips_l2(config: AdamConfig, convention: Convention) -> bool:
    """Return whether L2 is added to the gradients before they are clipped."""
    adds = convention.weight_decay == "l2" and config.weight_decay != 0
    return adds and convention.clip_when == "after_l2"


def _kinds(config: AdamConfig, convention: Convention) -> list[str]:
    """Return the kinds of limits that are set, in the order of the convention."""
    order = convention.clip_order.split("_")
    return [kind for kind in order if getattr(config, _SETTINGS[kind]) is not None]


def _with_values(grad: Grad | None, values: Array | None) -> Grad | None:
    if isinstance(grad, IndexedSlices):
        assert values is not None
        return grad._replace(values=values)
    return values


def _clip_by(
    kind: str, limit: float, convention: Convention, grads: list[Array | None]
) -> list[Array | None]:
    """Return the arrays after one kind of clip."""
    if kind == "value":
        return [_clip_values(grad, limit) for grad in grads]
    squares = [_sum_of_squares(grad) for grad in grads]
    if kind == "global":
        _check_one_dtype(grads)
        present = [number for number in squares if number is not None]
        # A start of the narrowest dtype leaves the sum in the dtype of the gradients.
        total = sum(present, start=np.float16(0))
        squares = [total for _ in squares]
    pairs = zip(grads, squares, strict=True)
    return [_rescale(grad, number, limit, convention) for grad, number in pairs]


def _check_one_dtype(grads: list[Array | None]) -> None:
    """Raise ValueError if the gradients are of several dtypes, of which a norm would be of one."""
    dtypes = sorted({str(grad.dtype) for grad in grads if grad is not None})
    if len(dtypes) > 1:
        raise ValueError(
            f"grads must be of one dtype with global_clipnorm, got {' and '.join(dtypes)}; "
            "use clipnorm or clipvalue"
        )


def _sum_of_squares(grad: Array | None) -> Any:
    if grad is None:
        return None
    return np.sum(grad * grad, dtype=grad.dtype)


def _clip_values(grad: Array | None, limit: float) -> Array | None:
    if grad is None:
        return None
    bound = grad.dtype.type(limit)
    return np.asarray(np.clip(grad, -bound, bound))


def _rescale(
    grad: Array | None, squares: Any, limit: float, convention: Convention
) -> Array | None:
    """Return a gradient times the factor that limits its norm, the root of ``squares``."""
    if grad is None:
        return None
    norm = np.sqrt(squares)
    bound = grad.dtype.type(limit)
    # Both laws leave a small gradient as it is: the quotient is 1, or the minimum is.
    if convention.clip_law == "exact":
        factor = bound / np.maximum(norm, bound)
    else:
        slack = norm.dtype.type(_TORCH_SLACK)
        factor = np.minimum(norm.dtype.type(1), bound / (norm + slack))
    return np.asarray(grad * factor)
