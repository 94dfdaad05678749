"""Gradients of a Tensor: recorded, and computed by a tape at each run."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..gradients.indexed_slices import Grad, IndexedSlices, dense_array
from ..variables.backward import has_no_slope
from ..variables.pairs import no_gradients
from ..variables.recorder import Recorder
from ..variables.tape import Tape, gather
from ..variables.variable import FLOATS, Variable
from .tensor import Tensor, current_run


class Reads(NamedTuple):
    """The Variables that a Tensor depends on, by how it reads them.

    Fields:
        whole: read by functions of NumPy. rows: read by `gather`.
    """

    whole: set[Variable]
    rows: set[Variable]


class RecordedLoss:
    """A loss that is recorded, and the way from Variables to it; `Tape` is of one that is computed.

    Args:
        loss: a Tensor or a Variable; anything else depends on no Variable.
        graph: where the gradients are recorded.
    """

    def __init__(self, loss: Any, graph: Recorder) -> None:
        is_variable = isinstance(loss, Variable)
        self._loss = graph.record(np.copy, (loss,), {}) if is_variable else loss
        self._graph = graph

    def gradients(self, variables: Sequence[Variable], grad_loss: Any = None) -> list[Any]:
        """Return the derivatives by some variables.

        Args:
            variables: to differentiate by.
            grad_loss: the weight of each element; a Tensor, an array, or None.

        Returns:
            An entry a Variable: a Tensor, IndexedSlices of Tensors, or None.
        """
        loss = self._loss
        if not isinstance(loss, Tensor):
            return [None for _ in variables]

        def differentiate(weight: Any) -> list[Grad | None]:
            run = current_run()
            grads = Tape(lambda: run.value_anew(loss)).gradients(variables, weight)
            # A loss of integers, for instance.
            if all(grad is None for grad in grads):
                raise no_gradients(variables)
            return grads

        name = self._graph.unique_name("gradients")
        every = Tensor(self._graph, name, differentiate, (grad_loss,), sources=(loss,))
        reads = _reads(loss)
        return [self._gradient(every, at, each, reads) for at, each in enumerate(variables)]

    def _gradient(self, every: Tensor, place: int, variable: Variable, reads: "Reads") -> Any:
        """Return one of the gradients."""
        if variable.dtype not in FLOATS:
            return None
        if variable in reads.whole:
            return self._part(variable, _dense_gradient, every, place)
        if variable in reads.rows:
            values = self._part(variable, _values, every, place)
            indices = self._part(variable, _indices, every, place)
            return IndexedSlices(values, indices, variable.shape)
        return None

    def _part(
        self, variable: Variable, function: Callable[..., Any], every: Tensor, place: int
    ) -> Any:
        name = self._graph.unique_name(f"{every.name}/{variable.name}")
        return Tensor(self._graph, name, function, (every, place, variable))


def _reads(loss: Tensor) -> Reads:
    """Return the Variables that a Tensor depends on, read from what is recorded."""
    reads = Reads(set(), set())
    seen: set[Tensor] = set()
    waiting: list[Any] = [loss]
    while waiting:
        tensor = waiting.pop()
        if tensor in seen:
            continue
        seen.add(tensor)
        for source in _sources(tensor):
            if isinstance(source, Tensor):
                waiting.append(source)
            elif isinstance(source, Variable):
                (reads.rows if tensor.function is gather else reads.whole).add(source)
    return reads


def _sources(tensor: Tensor) -> Iterator[Any]:
    """Yield what a Tensor has a slope by."""
    yield from tensor.sources
    if tensor.function is gather:
        # Not the indices.
        yield tensor.args[0]
    elif not (has_no_slope(tensor.function) or _makes_integers(tensor)):
        yield from tensor.inputs


def _makes_integers(tensor: Tensor) -> bool:
    """Return whether a Tensor is a conversion to a dtype that is no float."""
    if tensor.function is not np.astype:
        return False
    dtype = tensor.kwargs.get("dtype", tensor.args[-1])
    return not np.issubdtype(dtype, np.floating)


# What is recorded is a dense gradient or slices, whatever the run finds: a function may turn out to
# have no slope where it stands.


def _dense_gradient(grads: list[Any], place: int, variable: Variable) -> Any:
    grad = grads[place]
    if grad is None:
        return np.zeros_like(variable.array)
    return dense_array(variable.array, grad) if isinstance(grad, IndexedSlices) else grad


def _values(grads: list[Any], place: int, variable: Variable) -> Any:
    grad = grads[place]
    return variable.array[:0] if grad is None else grad.values


def _indices(grads: list[Any], place: int, variable: Variable) -> Any:  # noqa: ARG001
    grad = grads[place]
    return np.zeros(0, np.int64) if grad is None else grad.indices
