"""The way back through a trace: derivatives of a loss by its variables.

Only this file and `traced` know autograd. It is imported late, because loading autograd takes time
that a user without gradients need not spend.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from autograd.core import VJPNode, add_outgrads
from autograd.tracer import new_box, notrace_primitives, toposort

from .traced import Traced, differentiable, no_derivative

# autograd numbers traces that are inside each other; ours never are.
_TRACE = 0


class Node(VJPNode):  # type: ignore[misc]  # autograd has no types
    """A node of autograd that also knows its function and the shape of its value.

    The shape of a tuple is None.
    """

    def __init__(self, value: Any, fun: Any, *rest: Any) -> None:
        self.function = fun.__name__
        is_tuple = isinstance(value, list | tuple)
        self.shape = None if is_tuple else np.shape(value)
        super().__init__(value, fun, *rest)

    def initialize_root(self, shape: tuple[int, ...]) -> None:
        super().initialize_root()
        self.function = ""
        self.shape = shape


# autograd asks by class of node which functions have no slope; ours are the same as its own.
notrace_primitives[Node] = notrace_primitives[VJPNode]


def has_no_slope(function: Any) -> bool:
    """Return whether the derivative of a function of NumPy is 0 or nothing wherever it exists."""
    try:
        return differentiable(function) in notrace_primitives[Node]
    except NotImplementedError:
        # Whether it can be differentiated comes out when it is.
        return False


def start_trace(value: Any, root: Node) -> Traced:
    """Return the beginning of a trace."""
    return Traced(new_box(value, _TRACE, root))


def backward(end: Traced, seed: Any) -> Iterator[tuple[Node, Any]]:
    """Yield each root that ``end`` depends on, with the derivative of ``end`` by it.

    Args:
        end: the end of the trace.
        seed: the derivative of the loss by ``end``.

    Raises:
        TypeError: autograd has no derivative of a function, or one of a wrong shape.
    """
    # A node comes up only after all that use its value, so that its sum is complete then.
    sums = {end.box._node: (seed, False)}
    for node in toposort(end.box._node):
        total, _ = sums.pop(node)
        if not node.parents:
            yield node, total
        parts = _derivatives(node, total)
        for parent, part in zip(node.parents, parts, strict=True):
            sums[parent] = add_outgrads(sums.get(parent), part)
            _check_shape(node, parent, sums[parent][0])


def _derivatives(node: Node, total: Any) -> list[Any]:
    """Return the derivatives by the parents of a node."""
    try:
        return list(node.vjp(total))
    # autograd's derivatives do not check their arguments: whatever they compute may raise anything.
    except Exception as error:
        raise no_derivative(f"{node.function}: {error}") from error


def _check_shape(node: Node, parent: Node, derivative: Any) -> None:
    # Some derivatives of autograd are silently wrong for some arguments; most show by their shape.
    if parent.shape is None:
        return
    shape = np.shape(derivative)
    if shape != parent.shape:
        raise no_derivative(
            f"{node.function}: a derivative of shape {shape} by a value of shape {parent.shape}"
        )
