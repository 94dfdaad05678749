"""Functions of NumPy for which autograd has no derivative, or a wrong one, written with others.

Each rule takes the arguments of the function that it replaces. In it, traced values are ArrayLike,
and
all others plain. NotImplemented means: leave these arguments to autograd, which has them right or
refuses them.
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


def _by_indexing(function: Function) -> Function:
    """Return ``function`` by indexing: it rearranges places, and elements are taken from them."""

    def rewritten(x: Any, *args: Any, **kwargs: Any) -> Any:
        # Places that depend on a traced value have no derivative.
        options = [*args, *kwargs.values()]
        if any(isinstance(option, ArrayLike) for option in options):
            return NotImplemented
        places = np.arange(np.size(x))
        places = places.reshape(np.shape(x))
        chosen = function(places, *args, **kwargs)
        return np.ravel(x)[chosen]

    return rewritten


def _broadcast_to(array: Any, shape: Any) -> Any:
    zeros = np.zeros(np.shape(array), array.dtype)
    # array + zeros would turn -0.0 into 0.0.
    return array - np.broadcast_to(zeros, shape)


def _broadcast_arrays(*args: Any) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(array, shape) for array in args)


def _where(condition: Any, *choices: Any) -> Any:
    chosen = np.not_equal(condition, 0)
    if not choices:
        return np.nonzero(chosen)
    # autograd's derivative is right for choices that have the shape of the result.
    shapes = [np.shape(part) for part in (chosen, *choices)]
    shape = np.broadcast_shapes(*shapes)
    traced = [choice for choice in choices if isinstance(choice, ArrayLike)]
    if all(np.shape(choice) == shape for choice in traced):
        return NotImplemented
    # A call with one choice is refused by autograd, as by NumPy.
    if len(choices) != 2:
        return NotImplemented

    def whole(choice: Any) -> Any:
        # Plain choices are left alone: Python's numbers have no dtype of their own.
        return np.broadcast_to(choice, shape) if isinstance(choice, ArrayLike) else choice

    return np.where(chosen, *map(whole, choices))


def _clip(
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,  # noqa: A002  (NumPy's name)
    max: Any = None,  # noqa: A002
) -> Any:
    low = a_min if min is None else min
    high = a_max if max is None else max
    # With < and > a value on a bound is not clipped, so that its slope is 1, as in TensorFlow.
    if low is not None:
        below = np.less(a, low)
        a = np.where(below, low, a)
    if high is not None:
        above = np.greater(a, high)
        a = np.where(above, high, a)
    return a


def _maximum(x1: Any, x2: Any) -> Any:
    # Of equal ones the first has the slope, as in TensorFlow; a NaN of either is the result.
    first = np.logical_or(np.greater_equal(x1, x2), np.isnan(x1))
    return np.where(first, x1, x2)


def _minimum(x1: Any, x2: Any) -> Any:
    first = np.logical_or(np.less_equal(x1, x2), np.isnan(x1))
    return np.where(first, x1, x2)


def _copy(a: Any) -> Any:
    return a


def _astype(x: Any, dtype: Any) -> Any:
    # A cast to integers is a step function, whose slope autograd takes for 1.
    if np.dtype(dtype).kind not in "fc":
        return x.numpy().astype(dtype)
    if np.shape(x):
        return NotImplemented
    # np.astype takes no scalars.
    vector = np.astype(np.reshape(x, 1), dtype)
    return np.reshape(vector, ())


def _full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    if shape is None:
        shape = np.shape(a)
    if dtype is None:
        dtype = np.result_type(a)
    filled = np.broadcast_to(fill_value, shape)
    return np.astype(filled, dtype)


def _transpose(a: Any, axes: Any = None) -> Any:
    # autograd is wrong for axes that are counted from the end.
    if axes is None:
        return NotImplemented
    counted = normalize_axis_tuple(axes, np.ndim(a))
    if counted == tuple(axes):
        return NotImplemented
    return np.transpose(a, counted)


def _matrix_transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _diag(v: Any, k: int = 0) -> Any:
    # autograd has the other half of np.diag, which makes a matrix of a vector.
    if np.ndim(v) != 2:
        return NotImplemented
    return np.diagonal(v, k)


def _pad(array: Any, pad_width: Any, *mode: Any, **options: Any) -> Any:
    # autograd has the derivative, but not the default of the mode.
    if mode or "mode" in options:
        return NotImplemented
    return np.pad(array, pad_width, "constant", **options)


def _prod(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Multiply by halves until one factor is left.

    autograd divides the product by each factor, which fails at zero.
    """
    shape = np.shape(a)
    axes = _axes(axis, len(shape))
    rest = []
    kept = []
    for place, size in enumerate(shape):
        if place in axes:
            kept.append(1)
        else:
            kept.append(size)
            rest.append(size)
    count = prod(shape[place] for place in axes)
    # First bring all factors of a product to the front, as one axis.
    factors = np.moveaxis(a, axes, range(len(axes)))
    factors = np.reshape(factors, (count, *rest))
    # Then add ones up to the next power of two, so that there are halves.
    whole = 1 << max(count - 1, 0).bit_length()
    ones = np.ones((whole - count, *rest), a.dtype)
    factors = np.concatenate([factors, ones])
    while whole > 1:
        whole //= 2
        factors = factors[:whole] * factors[whole:]
    return np.reshape(factors, kept if keepdims else rest)


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes that ``axis`` names, each at least 0; None names all."""
    if axis is None:
        axis = range(ndim)
    return normalize_axis_tuple(axis, ndim)


def _average(
    a: Any,
    axis: Any = None,
    weights: Any = None,
    *,
    keepdims: bool = False,
) -> Any:
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    if np.shape(weights) != np.shape(a):
        if np.ndim(weights) != 1 or not isinstance(axis, int):
            return NotImplemented
        # One weight for each place along the axis: the same for all axes behind it.
        ndim = np.ndim(a)
        behind = range(1, ndim - axis % ndim)
        weights = np.expand_dims(weights, [*behind])
        weights = np.broadcast_to(weights, np.shape(a))
    along: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    weighted = np.multiply(a, weights)
    return np.sum(weighted, **along) / np.sum(weights, **along)


def _sinc(x: Any) -> Any:
    # The inner where keeps 0 / 0 out of the branch that is not taken: its slope would be NaN.
    middle = np.equal(x, 0)
    angle = np.pi * np.where(middle, 1, x)
    return np.where(middle, 1, np.sin(angle) / angle)


def _norm(
    x: Any,
    ord: Any = None,  # noqa: A002  (NumPy's name)
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    has_name = ord is None or isinstance(ord, str)
    if has_name and axis is None and not keepdims:
        return NotImplemented
    axes = _axes(axis, np.ndim(x))
    along: dict[str, Any] = {"axis": axes, "keepdims": keepdims}
    sizes = np.abs(x)
    # The Euclidean norm, under each of its names.
    if _is_euclidean(ord, len(axes), axis):
        return np.sqrt(np.sum(sizes * sizes, **along))
    # Norms of matrices, and what is no norm, are autograd's, or an error.
    is_of_vectors = len(axes) == 1 and not isinstance(ord, str)
    if not is_of_vectors or ord == 0:
        # Its derivative of the nuclear norm is wrong for axes counted from the end.
        if axis in (None, axes):
            return NotImplemented
        return np.linalg.norm(x, ord, axes, keepdims=keepdims)
    # Norms of vectors.
    if abs(ord) == inf:
        largest_or_smallest = np.max if ord > 0 else np.min
        return largest_or_smallest(sizes, **along)
    return np.sum(sizes**ord, **along) ** (1 / ord)


def _is_euclidean(order: Any, count: int, axis: Any) -> bool:
    """Return whether a norm over ``count`` axes is the root of the sum of squares."""
    if order is None:
        # NumPy takes the norm of all elements, or of vectors or matrices along the axes named.
        return axis is None or count <= 2
    return (order == "fro" and count == 2) or (order == 2 and count == 1)


REWRITTEN: dict[Function, Function] = {
    **{function: _by_indexing(function) for function in _REARRANGING},
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
    np.maximum: _maximum,
    np.minimum: _minimum,
    np.pad: _pad,
    np.positive: _copy,
    np.prod: _prod,
    np.sinc: _sinc,
    np.transpose: _transpose,
    np.where: _where,
}
