"""The way back through a trace: the derivatives of its end by its beginnings. Loads autograd, so imported late."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from autograd.core import VJPNode, add_outgrads
from autograd.tracer import new_box, notrace_primitives, toposort

from .traced import Traced, no_derivative

# autograd numbers traces that are inside of each other; ours never are.
_TRACE = 0


class Node(VJPNode):  # type: ignore[misc]  # autograd has no types
    """A node of autograd that knows its function, and the shape of its value; of a tuple it is None."""

    def __init__(self, value: Any, fun: Any, *rest: Any) -> None:
        self.function = fun.__name__
        self.shape = None if isinstance(value, list | tuple) else np.shape(value)
        super().__init__(value, fun, *rest)

    def initialize_root(self, shape: tuple[int, ...]) -> None:
        super().initialize_root()
        self.function, self.shape = "", shape


notrace_primitives[Node] = notrace_primitives[VJPNode]


def traced(value: Any, root: Node) -> Traced:
    """The beginning of a trace."""
    return Traced(new_box(value, _TRACE, root))


def backward(end: Traced, seed: Any) -> Iterator[tuple[Node, Any]]:
    """The roots that ``end`` depends on, and its derivatives by them.

    Raises:
        TypeError: autograd has no derivative, or one of a wrong shape.
    """
    sums = {end.box._node: (seed, False)}
    for node in toposort(end.box._node):
        total, _ = sums.pop(node)
        if not node.parents:
            yield node, total
        for parent, part in zip(node.parents, _parts(node, total), strict=True):
            sums[parent] = add_outgrads(sums.get(parent), part)
            _check_shape(node, parent, sums[parent][0])


def _check_shape(node: Node, parent: Node, part: Any) -> None:
    if parent.shape is not None and np.shape(part) != parent.shape:
        raise no_derivative(
            f"{node.function}: a derivative of shape {np.shape(part)} by what has shape {parent.shape}"
        )


def _parts(node: Node, total: Any) -> list[Any]:
    try:
        return list(node.vjp(total))
    except (
        Exception
    ) as error:  # of whatever the derivative computes, with arguments that it does not expect
        raise no_derivative(f"{node.function}: {error}") from error
