"""Wrong clipping, in the Adam of tf_keras with its three limits.

A wrong clip of one limit is a function of a gradient, the limit and all gradients of the call.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..vectors.switches import LIMITS
from .defect import Piece, wrong
from .kit.clipping import Arrays, change_each, clip_all, clip_by, norm, on_values, rescale
from .kit.editable import EditableAdam
from .kit.records import Array, Grads

_wrong_clip = partial(wrong, "clip", convention="tfkeras")


def _of_limit(name: str) -> Callable[[Piece], Piece]:
    """Return a decorator that puts a function in the place of the right clip of one limit."""

    def make_piece(wrong_clip: Piece) -> Piece:
        def clip(adam: EditableAdam, grads: Arrays) -> Arrays:
            others = {key: limit for key, limit in adam.limits.items() if key != name}
            if name not in adam.limits:
                return clip_all(grads, others)
            limit = adam.limits[name]

            def clip_one(grad: Array) -> Array:
                return np.asarray(wrong_clip(grad, limit, grads), grad.dtype)

            clipped = change_each(grads, clip_one)
            # Only one limit is wrong: the others are applied after it, as they should be.
            return clip_all(clipped, others)

        piece = on_values(clip)
        # The defect takes its name from the function.
        piece.__name__ = wrong_clip.__name__
        return piece

    return make_piece


@_wrong_clip(
    entry="A27",
    what="every limit is accepted and does nothing",
    links=["tensorflow/tensorflow#33929"],
)
def clip_ignored(adam: EditableAdam, grads: Grads) -> Grads:
    return grads


@_wrong_clip(what="only large positive elements are cut")
@_of_limit("clipvalue")
def clip_value_one_sided(grad: Array, limit: float, grads: Arrays) -> Array:
    # Right: also np.maximum(grad, -limit).
    return np.minimum(grad, limit)


@_wrong_clip(what="a gradient with an element beyond the limit is scaled as a whole")
@_of_limit("clipvalue")
def clip_value_scales(grad: Array, limit: float, grads: Arrays) -> Array:
    # 1e-30 keeps the division by 0 away.
    largest = max(np.abs(grad).max(), 1e-30)
    return np.asarray(grad * min(1, limit / largest))


@_wrong_clip(
    entry="C19",
    what="clipnorm cuts elements",
    links=["keras-team/keras#13575"],
)
@_of_limit("clipnorm")
def clip_norm_by_value(grad: Array, limit: float, grads: Arrays) -> Array:
    return np.clip(grad, -limit, limit)


@_wrong_clip(
    entry="C19",
    what="clipnorm limits the norm of all gradients",
    links=["apache/mxnet#9881"],
)
@_of_limit("clipnorm")
def clip_norm_of_all(grad: Array, limit: float, grads: Arrays) -> Array:
    return rescale(grad, norm(grads), limit)


@_wrong_clip(what="the norm has no root")
@_of_limit("clipnorm")
def clip_norm_squared(grad: Array, limit: float, grads: Arrays) -> Array:
    return rescale(grad, norm([grad]) ** 2, limit)


@_wrong_clip(what="small gradients are scaled up to the limit, and 0 to 0 / 0")
@_of_limit("clipnorm")
def clip_norm_always(grad: Array, limit: float, grads: Arrays) -> Array:
    # Right: limit / max(norm, limit), which is at most 1.
    return np.asarray(grad * (limit / np.float64(norm([grad]))))


@_wrong_clip(what="the norm is a root of the mean of squares")
@_of_limit("clipnorm")
def clip_norm_mean(grad: Array, limit: float, grads: Arrays) -> Array:
    return rescale(grad, norm([grad]) / np.sqrt(grad.size), limit)


@_wrong_clip(
    entry="C19",
    what="1e-6 is added to the norm",
    links=["tensorflow/tensorflow#36001"],
)
@_of_limit("clipnorm")
def clip_norm_slack(grad: Array, limit: float, grads: Arrays) -> Array:
    return grad * min(1.0, limit / (norm([grad]) + 1e-6))


@_wrong_clip(
    entry="C19",
    what="global_clipnorm limits each gradient by itself",
    links=["apache/mxnet#9881"],
)
@_of_limit("global_clipnorm")
def clip_global_for_each(grad: Array, limit: float, grads: Arrays) -> Array:
    # Right: norm(grads).
    return rescale(grad, norm([grad]), limit)


@_wrong_clip(what="the global norm is that of the first gradient")
@_of_limit("global_clipnorm")
def clip_global_first_only(grad: Array, limit: float, grads: Arrays) -> Array:
    return rescale(grad, norm(grads[:1]), limit)


def _in_order(*order: str) -> Callable[[EditableAdam, Arrays], Arrays]:
    """Return the clip that applies the limits in another order."""

    def clip(adam: EditableAdam, grads: Arrays) -> Arrays:
        for name in order:
            if name in adam.limits:
                grads = clip_by(name, grads, adam.limits[name])
        return grads

    return clip


@_wrong_clip(
    entry="C19",
    what="the norm is limited before the elements are",
    links=["keras-team/keras#17278"],
)
def clip_norm_before_value(adam: EditableAdam, grads: Grads) -> Grads:
    # Right: clipvalue first.
    order = ("clipnorm", "global_clipnorm", "clipvalue")
    return on_values(_in_order(*order))(adam, grads)


@_wrong_clip(
    entry="C19",
    what="of several limits only the first counts",
    links=["keras-team/keras#17278"],
)
def clip_first_only(adam: EditableAdam, grads: Grads) -> Grads:
    first = next((name for name in LIMITS if name in adam.limits), "clipvalue")
    return on_values(_in_order(first))(adam, grads)
