"""The gradients of a loss that is written in plain NumPy on Variables.

They are those of HIPS autograd: one trace, in which each variable that the loss reads has a root of its own. A
variable that the result does not depend on is seen to have none.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..sparse import Grad, IndexedSlices
from ..state import Array
from .numbers import fitting, typed
from .traced import Operand, Traced, leaves
from .variable import FLOATS, TAPE, Variable

Loss = Callable[[], Any]


class Tape:
    """One evaluation of a loss, and the way from Variables to its result.

    Args:
        loss: a function without arguments that returns a number or an array.

    Raises:
        RuntimeError: it is evaluated inside of another one.
        TypeError: ``loss`` returns something else, or uses what cannot be differentiated.
    """

    def __init__(self, loss: Loss) -> None:
        if TAPE.get() is not None:
            raise RuntimeError(
                "gradients must not be taken inside a loss, got one in another; take them outside"
            )
        self._roots: dict[Variable, Any] = {}
        self._gathers: list[tuple[Variable, Any, Any]] = []
        token = TAPE.set(self)
        try:
            result = loss()
            if isinstance(result, list | tuple) and any(
                isinstance(one, Operand) for one in leaves(result)
            ):
                raise TypeError(
                    f"loss must return one number or array, got {result!r}; use np.stack"
                )
            self._result = result.read() if isinstance(result, Operand) else result
            value = (
                self._result.numpy()
                if isinstance(self._result, Traced)
                else np.asarray(self._result)
            )
        finally:
            TAPE.reset(token)
        if value.dtype.kind not in "iubf":
            raise TypeError(f"loss must return real numbers, got {result!r}")
        self._shape, self._dtype = value.shape, value.dtype

    def watch(self, variable: Variable) -> Any:
        """The value of ``variable``: traced, or plain if it is no float."""
        from .backward import Node, traced

        root = self._roots.setdefault(variable, Node.new_root(variable.shape))
        return traced(variable._array, root) if variable.dtype in FLOATS else variable._array

    def gather(self, variable: Variable, indices: Any) -> Traced:
        """Rows of ``variable``, traced by themselves."""
        from .backward import Node, traced

        rows = variable._array[indices]
        root = Node.new_root(rows.shape)
        self._gathers.append((variable, indices.ravel(), root))
        return traced(rows, root)

    @property
    def variables(self) -> list[Variable]:
        """The trainable variables that the loss has read, in the order in which they were created."""
        read = {*self._roots, *(variable for variable, _, _ in self._gathers)}
        return sorted(
            (variable for variable in read if variable.trainable),
            key=lambda variable: variable.created,
        )

    def gradients(self, variables: Sequence[Variable], grad_loss: Any = None) -> list[Grad | None]:
        """As `gradients`."""
        if not isinstance(self._result, Traced):
            return [None for _ in variables]
        seed = fitting("grad_loss", 1.0 if grad_loss is None else grad_loss, self._dtype)
        if seed.shape not in ((), self._shape):
            raise ValueError(
                f"grad_loss must have the shape of the loss {self._shape} or none, got {seed.shape}"
            )
        from .backward import backward

        with np.errstate(all="ignore"):
            found = dict(backward(self._result, np.broadcast_to(seed, self._shape).copy()))
            if not found.keys() <= {*self._roots.values(), *(root for _, _, root in self._gathers)}:
                raise TypeError(
                    f"a loss must not use traced values of another loss, got {self._result!r} from one; "
                    "keep .numpy() of them, or compute them again"
                )
            return [self._gradient(variable, found) for variable in variables]

    def _gradient(self, variable: Variable, found: dict[Any, Any]) -> Grad | None:
        whole = found.get(self._roots.get(variable))
        parts = [
            (rows, found[root])
            for one, rows, root in self._gathers
            if one is variable and root in found
        ]
        if whole is None and not parts:
            return None
        shape, dtype = variable.shape, variable.dtype
        slices = [
            (rows, np.reshape(part, (rows.size, *shape[1:])).astype(dtype)) for rows, part in parts
        ]
        if whole is None:
            indices, values = (np.concatenate(column) for column in zip(*slices, strict=True))
            return IndexedSlices(values, indices, shape)
        gradient: Array = np.array(whole, dtype)
        for rows, part in slices:
            np.add.at(gradient, rows, part)
        return gradient


def gradients(
    loss: Loss, variables: Sequence[Variable], grad_loss: Any = None
) -> list[Grad | None]:
    """The derivative of the sum of a loss by each variable.

    Args:
        loss: a function without arguments, in NumPy's functions of Variables; evaluated once.
        variables: to differentiate by.
        grad_loss: what each element of the loss counts in the sum: its shape, or one number; None is 1.

    Returns:
        An entry a variable, of its shape and dtype; IndexedSlices if the loss reads it by `gather` alone; None if the
        loss does not depend on it.

    Raises:
        RuntimeError: called inside a loss.
        TypeError: the loss is not numbers, or uses what autograd cannot differentiate.
        ValueError: ``grad_loss`` does not fit the loss.

    At a kink it lies between the slopes of the two sides, of which TensorFlow may take another: equal maxima or minima
    share it (np.maximum(0, x) has 0.5 at x = 0), abs has 0 there, and np.clip has 0 at its bounds.
    np.linalg.norm of zeros and np.std of equal elements have nan.

    Rounding: autograd's; it may widen on the way, and is rounded to the dtype of the variable at the end.
    """
    return Tape(loss).gradients(variables, grad_loss)


def gather(params: Any, indices: Any) -> Any:
    """The rows ``params[indices]``, as in the lookup of an embedding.

    In a loss, a Variable that is read by `gather` alone has IndexedSlices as its gradient: only the rows that were
    read, however large it is.

    Args:
        params: a Variable or an array with a dimension or more.
        indices: int32 or int64, of any shape; each at least 0 and less than the number of rows.

    Raises:
        TypeError: ``indices`` are not int32 or int64.
        ValueError: an index names no row, or ``params`` is a scalar.
    """
    source = params if isinstance(params, Operand) else np.asarray(params)
    rows = np.asarray(indices)
    if not rows.size and not typed(indices):
        rows = rows.astype(np.int64)  # an empty list holds integers as well
    if rows.dtype not in (np.int32, np.int64):
        raise TypeError(f"indices must be int32 or int64, got {rows.dtype}")
    if not source.shape:
        raise ValueError(f"params must have rows to gather, got the scalar {params!r}")
    wrong = rows[(rows < 0) | (rows >= source.shape[0])]
    if wrong.size:
        raise ValueError(
            f"indices must be in [0, {source.shape[0]}), the rows of params, got {wrong[0]}"
        )
    tape = TAPE.get()
    if tape and isinstance(source, Variable) and source.dtype in FLOATS:
        return tape.gather(source, rows)
    return source[rows]
