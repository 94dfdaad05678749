"""Functions of NumPy of which autograd has no derivative, or a wrong one, in terms of those of which it has the right.

Each takes the arguments of the function that it stands for. In them, what is traced is ArrayLike, and all else plain.
NotImplemented says that autograd's derivative is right for these arguments, or that there is none.
"""

from collections.abc import Callable
from math import inf, prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .arraylike import ArrayLike

Function = Callable[..., Any]

# Functions whose result holds elements of their first argument, in other places.
_REARRANGING = (
    np.delete,
    np.diagonal,
    np.flip,
    np.fliplr,
    np.flipud,
    np.repeat,
    np.resize,
    np.roll,
    np.rot90,
    np.take,
    np.take_along_axis,
    np.tile,
)


def _rearranged(function: Function) -> Function:
    """The function by indexing, with the places to which it brings the places."""

    def rewritten(x: Any, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(one, ArrayLike) for one in (*args, *kwargs.values())):
            return NotImplemented
        places = np.arange(np.size(x)).reshape(np.shape(x))
        return np.ravel(x)[function(places, *args, **kwargs)]

    return rewritten


def _broadcast_to(array: Any, shape: Any) -> Any:
    zeros = np.broadcast_to(np.zeros(np.shape(array), array.dtype), shape)
    return array - zeros  # array + zeros would turn -0.0 into 0.0


def _broadcast_arrays(*args: Any) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(one, shape) for one in args)


def _where(condition: Any, *choices: Any) -> Any:
    chosen = np.not_equal(condition, 0)
    if not choices:
        return np.nonzero(chosen)
    shape = np.broadcast_shapes(np.shape(chosen), *map(np.shape, choices))
    if len(choices) != 2 or all(
        np.shape(one) == shape for one in choices if isinstance(one, ArrayLike)
    ):
        return NotImplemented
    # Plain choices stay as they are: Python's numbers have no dtype of their own.
    return np.where(
        chosen,
        *(np.broadcast_to(one, shape) if isinstance(one, ArrayLike) else one for one in choices),
    )


def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:  # noqa: A002
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is not None:
        a = np.where(np.less_equal(a, low), low, a)
    if high is not None:
        a = np.where(np.greater_equal(a, high), high, a)
    return a


def _copy(a: Any) -> Any:
    return a


def _astype(x: Any, dtype: Any) -> Any:
    if np.dtype(dtype).kind not in "fc":  # steps, which autograd takes for slopes
        return x.numpy().astype(dtype)
    if np.shape(x):
        return NotImplemented
    return np.reshape(np.astype(np.reshape(x, 1), dtype), ())  # np.astype takes no scalars


def _full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    filled = np.broadcast_to(fill_value, np.shape(a) if shape is None else shape)
    return np.astype(filled, np.result_type(a) if dtype is None else dtype)


def _transpose(a: Any, axes: Any = None) -> Any:
    if axes is None:
        return NotImplemented
    counted = normalize_axis_tuple(axes, np.ndim(a))
    return NotImplemented if counted == tuple(axes) else np.transpose(a, counted)


def _matrix_transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _diag(v: Any, k: int = 0) -> Any:
    return np.diagonal(v, k) if np.ndim(v) == 2 else NotImplemented


def _pad(array: Any, pad_width: Any, *mode: Any, **options: Any) -> Any:
    return (
        NotImplemented
        if mode or "mode" in options
        else np.pad(array, pad_width, "constant", **options)
    )


def _prod(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """By halves, until one is left: autograd divides the product by each factor, and fails at zero."""
    shape = np.shape(a)
    axes = normalize_axis_tuple(range(len(shape)) if axis is None else axis, len(shape))
    rest = tuple(size for place, size in enumerate(shape) if place not in axes)
    kept = tuple(1 if place in axes else size for place, size in enumerate(shape))
    count = prod(shape[place] for place in axes)
    whole = 1 << max(count - 1, 0).bit_length()
    factors = np.reshape(np.moveaxis(a, axes, range(len(axes))), (count, *rest))
    factors = np.concatenate([factors, np.ones((whole - count, *rest), a.dtype)])
    while whole > 1:
        whole //= 2
        factors = factors[:whole] * factors[whole:]
    return np.reshape(factors, kept if keepdims else rest)


def _average(a: Any, axis: Any = None, weights: Any = None, *, keepdims: bool = False) -> Any:
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    if np.shape(weights) != np.shape(a):
        if np.ndim(weights) != 1 or not isinstance(axis, int):
            return NotImplemented
        weights = np.broadcast_to(
            np.expand_dims(weights, [*range(1, np.ndim(a) - axis % np.ndim(a))]), np.shape(a)
        )
    total = np.sum(np.multiply(a, weights), axis=axis, keepdims=keepdims)
    return total / np.sum(weights, axis=axis, keepdims=keepdims)


def _sinc(x: Any) -> Any:
    middle = np.equal(x, 0)
    angle = np.pi * np.where(middle, 1, x)
    return np.where(middle, 1, np.sin(angle) / angle)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    if axis is None and not keepdims and (ord is None or isinstance(ord, str)):
        return NotImplemented
    axes = normalize_axis_tuple(range(np.ndim(x)) if axis is None else axis, np.ndim(x))
    along: dict[str, Any] = {"axis": axes, "keepdims": keepdims}
    sizes = np.abs(x)
    if (ord is None and (axis is None or len(axes) < 3)) or (ord, len(axes)) in (
        ("fro", 2),
        (2, 1),
    ):
        return np.sqrt(np.sum(sizes * sizes, **along))
    if len(axes) != 1 or isinstance(ord, str) or ord == 0:
        # autograd's derivative of the nuclear norm is wrong for axes counted from the end
        return (
            NotImplemented
            if axis in (None, axes)
            else np.linalg.norm(x, ord, axes, keepdims=keepdims)
        )
    if abs(ord) == inf:
        return (np.max if ord > 0 else np.min)(sizes, **along)
    return np.sum(sizes**ord, **along) ** (1 / ord)


REWRITTEN: dict[Function, Function] = {
    **{function: _rearranged(function) for function in _REARRANGING},
    np.astype: _astype,
    np.average: _average,
    np.broadcast_arrays: _broadcast_arrays,
    np.broadcast_to: _broadcast_to,
    np.clip: _clip,
    np.copy: _copy,
    np.diag: _diag,
    np.full_like: _full_like,
    np.linalg.norm: _norm,
    np.matrix_transpose: _matrix_transpose,
    np.pad: _pad,
    np.positive: _copy,
    np.prod: _prod,
    np.sinc: _sinc,
    np.transpose: _transpose,
    np.where: _where,
}
