"""Gradients of a loss that is written in plain NumPy on Variables.

They are those of HIPS autograd: one trace, in which each variable that the loss reads has a root of
its own. A variable that the result does not depend on has no gradient, even if the loss reads it.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..gradients.indexed_slices import Grad, IndexedSlices
from ..state import Array
from .numbers import has_dtype, require_dtype
from .recorder import closed_graphs, records_nothing
from .traced import Operand, Traced, leaves, recorder_of
from .variable import FLOATS, TAPE, Variable

if TYPE_CHECKING:
    from .backward import Node

Loss = Callable[[], Any]


class Gather(NamedTuple):
    """One read of some rows.

    Fields:
        variable: the variable that was read. rows: the indices, flat. root: of the rows' own trace.
    """

    variable: Variable
    rows: Any
    root: "Node"


class Tape:
    """One evaluation of a loss, and the way from Variables to its result.

    Args:
        loss: a function without arguments that returns a number or an array.

    Raises:
        RuntimeError: it is evaluated inside another loss.
        ValueError: it reads a Variable that belongs to a graph.
        TypeError: ``loss`` returns something else, or uses what cannot be differentiated.
    """

    def __init__(self, loss: Loss) -> None:
        if TAPE.get() is not None:
            raise RuntimeError(
                "gradients must not be taken inside a loss, got one in another; take them outside"
            )
        self._roots: dict[Variable, Node] = {}
        self._gathers: list[Gather] = []
        # A run computes the losses of its graph.
        self._is_run = records_nothing()
        token = TAPE.set(self)
        try:
            with closed_graphs():
                result = loss()
                _check_single(result)
                # Reading a Variable asks this tape, so that a loss may be a Variable itself.
                self._result = result.read() if isinstance(result, Operand) else result
        finally:
            # Also after an error in the loss: otherwise all Variables would stay traced.
            TAPE.reset(token)
        value: Any = self._result
        if isinstance(value, Traced):
            value = value.numpy()
        value = np.asarray(value)
        if value.dtype.kind not in "iubf":
            raise TypeError(f"loss must return real numbers, got {result!r}")
        self._shape = value.shape
        self.dtype = value.dtype

    def watch(self, variable: Variable) -> Any:
        """Return the value of ``variable``: traced, or plain if it is no float."""
        from .backward import Node, start_trace

        self._check_graph(variable)
        # One root for all reads of a variable, so that their derivatives are summed.
        if variable not in self._roots:
            self._roots[variable] = Node.new_root(variable.shape)
        if variable.dtype not in FLOATS:
            return variable.array
        return start_trace(variable.array, self._roots[variable])

    def gather(self, variable: Variable, indices: Any) -> Traced:
        """Return rows of ``variable``, traced by themselves."""
        from .backward import Node, start_trace

        self._check_graph(variable)
        rows = variable.array[indices]
        root = Node.new_root(rows.shape)
        read = Gather(variable, indices.ravel(), root)
        self._gathers.append(read)
        return start_trace(rows, root)

    def _check_graph(self, variable: Variable) -> None:
        if variable.graph is not None and not self._is_run:
            raise ValueError(
                f"{variable.name} must not be in a loss that is computed, because it belongs to a "
                "graph; write the loss inside with graph:"
            )

    @property
    def variables(self) -> list[Variable]:
        """The trainable variables that the loss has read, in the order of their creation."""
        read = set(self._roots)
        read.update(gathered.variable for gathered in self._gathers)
        trainable = [variable for variable in read if variable.trainable]
        return sorted(trainable, key=lambda variable: variable.created)

    def gradients(
        self,
        variables: Sequence[Variable],
        grad_loss: Any = None,
    ) -> list[Grad | None]:
        """Return the derivatives as the function `gradients` does."""
        # A plain result depends on no variable.
        if not isinstance(self._result, Traced):
            return [None for _ in variables]
        weight = require_dtype("grad_loss", 1.0 if grad_loss is None else grad_loss, self.dtype)
        if weight.shape not in ((), self._shape):
            raise ValueError(
                f"grad_loss must have the shape of the loss {self._shape} or none, "
                f"got {weight.shape}"
            )
        from .backward import backward

        with np.errstate(all="ignore"):
            # A copy: autograd may write into the seed, and a broadcast array shares its elements.
            seed = np.broadcast_to(weight, self._shape).copy()
            derivatives = dict(backward(self._result, seed))
            self._check_roots(derivatives)
            return [self._gradient(variable, derivatives) for variable in variables]

    def _check_roots(self, derivatives: "dict[Node, Any]") -> None:
        """Raise TypeError if the result depends on a root of another tape."""
        own = set(self._roots.values())
        own.update(gathered.root for gathered in self._gathers)
        if not derivatives.keys() <= own:
            raise TypeError(
                "a loss must not use traced values of another loss, "
                f"got {self._result!r} from one; keep .numpy() of them, or compute them again"
            )

    def _gradient(self, variable: Variable, derivatives: "dict[Node, Any]") -> Grad | None:
        """Return the gradient of one variable, in its dtype, from the derivatives by roots."""
        shape = variable.shape
        root = self._roots.get(variable)
        whole = None if root is None else derivatives.get(root)
        slices = []
        for gathered in self._gathers:
            if gathered.variable is variable and gathered.root in derivatives:
                part = np.reshape(derivatives[gathered.root], (gathered.rows.size, *shape[1:]))
                slices.append(IndexedSlices(part.astype(variable.dtype), gathered.rows))
        if whole is None and not slices:
            return None
        # Sparse only if all reads were of rows, as in TensorFlow.
        if whole is None:
            values = np.concatenate([part.values for part in slices])
            indices = np.concatenate([part.indices for part in slices])
            return IndexedSlices(values, indices, shape)
        gradient: Array = np.array(whole, variable.dtype)
        for values, indices, _ in slices:
            # Not gradient[indices] += values, which would count a repeated row once.
            np.add.at(gradient, indices, values)
        return gradient


def _check_single(result: Any) -> None:
    """Raise TypeError if a loss returns several traced values."""
    if not isinstance(result, list | tuple):
        return
    if any(isinstance(leaf, Operand) for leaf in leaves(result)):
        raise TypeError(f"loss must return one number or array, got {result!r}; use np.stack")


def gradients(
    loss: Loss,
    variables: Sequence[Variable],
    grad_loss: Any = None,
) -> list[Grad | None]:
    """Return the derivative of the sum of a loss by each variable.

    At a kink the derivative lies between the slopes of the two sides, and is the one that
    TensorFlow takes. Of equal arguments np.maximum and np.minimum take the slope of the first:
    np.maximum(0, x) has 0 at x = 0, as tf.nn.relu, and np.maximum(x, 0) has 1. Equal elements share
    it in np.max. abs has 0 at 0, and np.clip has 1 at its bounds. np.linalg.norm of zeros and
    np.std of equal elements have nan.

    Args:
        loss: a function without arguments, in NumPy's functions of Variables; evaluated once.
        variables: to differentiate by.
        grad_loss: the weight of each element of the loss in the sum: of the shape of the loss, or
            one number; None is 1.

    Returns:
        An entry a variable, of its shape and dtype; IndexedSlices if the loss reads it by `gather`
        alone; None if the loss does not depend on it.

    Raises:
        RuntimeError: called inside a loss.
        TypeError: the loss is not numbers, or uses what autograd cannot differentiate.
        ValueError: ``grad_loss`` does not fit the loss.

    Rounding: autograd's. It may widen on the way; the result is rounded to the dtype of the
        variable.
    """
    return Tape(loss).gradients(variables, grad_loss)


def gather(params: Any, indices: Any) -> Any:
    """Return the rows ``params[indices]``, as in the lookup of an embedding.

    In a loss, a Variable that is read by `gather` alone has IndexedSlices as its gradient: only the
    rows that were read, however large it is.

    Args:
        params: a Variable or an array with at least one dimension.
        indices: int32 or int64, of any shape; each at least 0 and less than the number of rows.

    Raises:
        TypeError: ``indices`` are not int32 or int64.
        ValueError: an index names no row, or ``params`` is a scalar.
    """
    graph = recorder_of([params, indices])
    if graph:
        return graph.record(gather, (params, indices), {})
    source = params if isinstance(params, Operand) else np.asarray(params)
    rows = np.asarray(indices)
    # An empty list is float64 in NumPy, but holds integers as well.
    if not rows.size and not has_dtype(indices):
        rows = rows.astype(np.int64)
    if rows.dtype not in (np.int32, np.int64):
        raise TypeError(f"indices must be int32 or int64, got {rows.dtype}")
    if not source.shape:
        raise ValueError(f"params must have rows to gather, got the scalar {params!r}")
    count = source.shape[0]
    wrong = rows[(rows < 0) | (rows >= count)]
    if wrong.size:
        raise ValueError(f"indices must be in [0, {count}), the rows of params, got {wrong[0]}")
    tape = TAPE.get()
    if tape and isinstance(source, Variable) and source.dtype in FLOATS:
        return tape.gather(source, rows)
    return source[rows]
