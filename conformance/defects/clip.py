"""Wrong clipping, of Keras' Adam with its three limits."""

from typing import Any

import numpy as np

from .defect import Defect, defect
from .kit.clipping import by_global_norm, by_norm, by_value, norm, on_values, rescaled
from .kit.editable import Grads, Plain


def _each(limit: str, change: Any) -> Any:
    """A clip that changes every gradient where ``limit`` is set; the other limits as they should be."""

    def clipped(a: Plain, grads: Grads) -> Grads:
        size, others = a.limits.get(limit), {k: v for k, v in a.limits.items() if k != limit}
        if size is not None:
            grads = [
                None if g is None else np.asarray(change(g, size, grads), g.dtype) for g in grads
            ]
        a.limits, whole = others, a.limits
        grads = by_global_norm(a, by_norm(a, by_value(a, grads)))
        a.limits = whole
        return grads

    return clipped


def _clip(name: str, entry: str, what: str, *links: str, clipped: Any) -> Defect:
    return defect(name, entry, what, *links, of="tfkeras", clipped=on_values(clipped))


# fmt: off
CLIP = (
    _clip("clip-ignored", "A27", "every limit is accepted and does nothing", "tensorflow/tensorflow#33929",
          clipped=lambda a, grads: grads),
    _clip("clip-value-one-sided", "own", "only large positive elements are cut",
          clipped=_each("clipvalue", lambda g, limit, all_: np.minimum(g, limit))),
    _clip("clip-value-scales", "own", "a gradient with an element beyond the limit is scaled as a whole",
          clipped=_each("clipvalue", lambda g, limit, all_: g * min(1, limit / max(np.abs(g).max(), 1e-30)))),
    _clip("clip-norm-by-value", "C19", "clipnorm cuts elements", "keras-team/keras#13575",
          clipped=_each("clipnorm", lambda g, limit, all_: np.clip(g, -limit, limit))),
    _clip("clip-norm-of-all", "C19", "clipnorm limits the norm of all gradients", "apache/mxnet#9881",
          clipped=_each("clipnorm", lambda g, limit, all_: rescaled(g, norm(all_), limit))),
    _clip("clip-norm-squared", "own", "the norm has no root",
          clipped=_each("clipnorm", lambda g, limit, all_: rescaled(g, norm([g]) ** 2, limit))),
    _clip("clip-norm-always", "own", "small gradients are scaled up to the limit, and 0 to 0 / 0",
          clipped=_each("clipnorm", lambda g, limit, all_: g * (limit / np.float64(norm([g]))))),
    _clip("clip-norm-mean", "own", "the norm is a root of the mean of squares",
          clipped=_each("clipnorm", lambda g, limit, all_: rescaled(g, norm([g]) / np.sqrt(g.size), limit))),
    _clip("clip-norm-slack", "C19", "1e-6 is added to the norm", "tensorflow/tensorflow#36001",
          clipped=_each("clipnorm", lambda g, limit, all_: g * min(1.0, limit / (norm([g]) + 1e-6)))),
    _clip("clip-global-for-each", "C19", "global_clipnorm limits each gradient by itself", "apache/mxnet#9881",
          clipped=_each("global_clipnorm", lambda g, limit, all_: rescaled(g, norm([g]), limit))),
    _clip("clip-global-first-only", "own", "the global norm is that of the first gradient",
          clipped=_each("global_clipnorm", lambda g, limit, all_: rescaled(g, norm(all_[:1]), limit))),
    _clip("clip-norm-before-value", "C19", "the norm is limited before the elements are", "keras-team/keras#17278",
          clipped=lambda a, grads: by_value(a, by_global_norm(a, by_norm(a, grads)))),
    _clip("clip-first-only", "C19", "of several limits only the first counts", "keras-team/keras#17278",
          clipped=lambda a, grads: by_value(a, grads) if "clipvalue" in a.limits
          else by_norm(a, grads) if "clipnorm" in a.limits else by_global_norm(a, grads)),
)
# fmt: on
