"""Gradients of a Tensor: recorded, and computed by a tape at each run."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..sparse import Grad, IndexedSlices, as_dense
from ..variables.backward import has_no_slope
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


def recorded_gradients(
    loss: Any, variables: Sequence[Variable], grad_loss: Any, graph: Recorder
) -> list[Grad | Any | None]:
    """Return the gradients of a loss that is recorded, as `gradients` does of one that is computed.

    Args:
        loss: a Tensor or a Variable; anything else depends on no Variable.
        variables: to differentiate by.
        grad_loss: the weight of each element; a Tensor, an array, or None.
        graph: where the gradients are recorded.

    Returns:
        An entry a Variable: a Tensor, IndexedSlices of Tensors, or None.
    """
    if isinstance(loss, Variable):
        loss = graph.record(np.copy, (loss,), {})
    if not isinstance(loss, Tensor):
        return [None for _ in variables]
    reads = _reads(loss)

    def differentiate(weight: Any) -> list[Grad | None]:
        run = current_run()
        return Tape(lambda: run.value_anew(loss)).gradients(variables, weight)

    name = graph.unique_name("gradients")
    every = Tensor(graph, name, differentiate, (grad_loss,), sources=(loss,))
    grads: list[Any] = []
    for place, variable in enumerate(variables):
        if variable.dtype not in FLOATS:
            grads.append(None)
        elif variable in reads.whole:
            grads.append(graph.record(_dense_gradient, (every, place, variable), {}))
        elif variable in reads.rows:
            values = graph.record(_values, (every, place, variable), {})
            indices = graph.record(_indices, (every, place), {})
            grads.append(IndexedSlices(values, indices, variable.shape))
        else:
            grads.append(None)
    return grads


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
    elif not has_no_slope(tensor.function):
        yield from tensor.inputs


# What is recorded is a dense gradient or slices, whatever the run finds: a function may turn out to
# have no slope where it stands.


def _dense_gradient(grads: list[Any], place: int, variable: Variable) -> Any:
    grad = grads[place]
    if grad is None:
        return np.zeros_like(variable.array)
    return as_dense(grad, variable.array) if isinstance(grad, IndexedSlices) else grad


def _values(grads: list[Any], place: int, variable: Variable) -> Any:
    grad = grads[place]
    return variable.array[:0] if grad is None else grad.values


def _indices(grads: list[Any], place: int) -> Any:
    grad = grads[place]
    return np.zeros(0, np.int64) if grad is None else grad.indices
