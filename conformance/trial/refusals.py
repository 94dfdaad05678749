"""Refusals: bad inputs that a subject says it refuses, before each call of a second run.

Each must raise an exception, whatever its class, and change nothing: the run goes on, and must
return the same bits as without them.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np

from ..process.signals import from_outside
from ..vectors.inputs import Call, Inputs
from ..vectors.slices import Grad, IndexedSlices
from ..vectors.words import Array, spread
from .contract import Misbehaved, step_of
from .watch import Watch

# The dtypes of gradients that a subject may be given instead of its own.
_DTYPES = ("float16", "float32", "float64", "int64")


class _BadStep(NamedTuple):
    """A call of step that must raise; ``what`` is wrong with it."""

    what: str
    call: Call


class _BadLoad(NamedTuple):
    """A call of load that must raise; ``what`` is wrong with it.

    Fields:
        parts: lists with one entry a parameter, under params, m, v, v_max and t.
    """

    what: str
    parts: dict[str, list[Any]]


def require_refusals(optimizer: Any, inputs: Inputs, watch: Watch | None) -> None:
    """Give an optimizer every bad input that ``inputs.refuses`` names.

    Raises:
        Misbehaved: it did not refuse one.
    """
    for bad in _bad_inputs(inputs):
        try:
            _give(optimizer, bad, watch)
        except BaseException as error:
            if from_outside(error):
                raise
            continue
        word = inputs.refuses
        raise Misbehaved(f"{bad.what} must raise, because make.refuses has {word!r}; it returned")


def _give(optimizer: Any, bad: _BadStep | _BadLoad, watch: Watch | None) -> None:
    if isinstance(bad, _BadLoad):
        slots = dict(bad.parts)
        optimizer.load(slots.pop("params"), slots, slots.pop("t"))
        return
    grads, rate, _ = bad.call
    if watch is not None:
        watch.lend(grads, _copies(grads))
    rates = {} if rate is None else {"learning_rate": rate}
    step_of(optimizer)(grads, **rates)


def _bad_inputs(inputs: Inputs) -> Iterator[_BadStep | _BadLoad]:
    match inputs.refuses:
        case "shape" | "dtype" | "index":
            yield from _bad_gradients(inputs)
        case "count":
            yield from _bad_counts(inputs)
        case "load_shape":
            yield from _bad_states(inputs)
        case "load_count":
            yield from _bad_state_counts(inputs)


def _bad_gradients(inputs: Inputs) -> Iterator[_BadStep]:
    """Yield the last call with one gradient that is bad; the others are right."""
    grads, rate, _ = inputs.calls[-1]
    assert inputs.refuses is not None
    for number, (grad, param) in enumerate(zip(grads, inputs.params, strict=True)):
        if grad is None:
            continue
        for other in _others_of(grad, inputs.refuses):
            bad = _copies(grads)
            bad[number] = other
            what = f"step with {_form(other)} as the gradient of a parameter of {_form(param)}"
            yield _BadStep(what, Call(bad, rate))


def _others_of(grad: Grad, refuses: str) -> Iterable[Grad]:
    """Return a gradient in the forms that must be refused."""
    if not isinstance(grad, IndexedSlices):
        match refuses:
            case "shape":
                return _in_other_shapes(grad)
            case "dtype":
                return _in_other_dtypes(grad)
        # A dense gradient has no index.
        return ()
    match refuses:
        case "shape":
            return _slices_in_other_shapes(grad)
        case "dtype":
            return [grad._replace(values=values) for values in _in_other_dtypes(grad.values)]
    return _with_bad_indices(grad)


def _slices_in_other_shapes(grad: IndexedSlices) -> list[IndexedSlices]:
    """Return slices of a longer parameter, more slices than rows, and slices that are wider."""
    rows, *width = grad.dense_shape
    others = [grad._replace(dense_shape=(rows + 1, *width))]
    if len(grad.indices):
        others.append(grad._replace(indices=grad.indices[:-1]))
    # A slice of a parameter with one axis has no width.
    if width:
        others.append(grad._replace(values=np.repeat(grad.values, 2, axis=-1)))
    return others


def _with_bad_indices(grad: IndexedSlices) -> Iterator[IndexedSlices]:
    """Yield slices whose last row is one beyond each end of the parameter."""
    # NumPy takes -1 for the last row.
    for row in (-1, grad.dense_shape[0]):
        if len(grad.indices):
            yield grad._replace(indices=np.array([*grad.indices[:-1], row]))


def _bad_counts(inputs: Inputs) -> Iterator[_BadStep]:
    """Yield the last call without its last gradient, and with one more."""
    grads, rate, _ = inputs.calls[-1]
    for others in _of_other_lengths(_copies(grads)):
        what = f"step with {len(others)} gradients of {len(grads)} parameters"
        yield _BadStep(what, Call(others, rate))


def _bad_states(inputs: Inputs) -> Iterator[_BadLoad]:
    """Yield the loaded state with one array of another shape."""
    for name, arrays in _state_of(inputs).items():
        # A count has no shape.
        if name == "t":
            continue
        for number, array in enumerate(arrays):
            for other in _in_other_shapes(array):
                parts = _state_of(inputs)
                parts[name][number] = other
                what = f"load with {_form(other)} in {name} for a parameter of {_form(array)}"
                yield _BadLoad(what, parts)


def _bad_state_counts(inputs: Inputs) -> Iterator[_BadLoad]:
    """Yield the loaded state without the last entry of one list, and with one more."""
    for name in _state_of(inputs):
        for entries in _of_other_lengths(_state_of(inputs)[name]):
            parts = _state_of(inputs)
            what = f"load with {len(entries)} entries in {name} for {len(parts[name])} parameters"
            yield _BadLoad(what, parts | {name: entries})


def _state_of(inputs: Inputs) -> dict[str, list[Any]]:
    """Return copies of the state that the run starts from."""
    assert inputs.load is not None
    slots, t = inputs.load
    parts = {name: _copies(arrays) for name, arrays in slots.items()}
    return {"params": _copies(inputs.params), **parts, "t": list(t)}


def _copies(arrays: Sequence[Any]) -> list[Any]:
    return deepcopy(list(arrays))


def _of_other_lengths(entries: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return a list without its last entry, and with that entry once more."""
    return entries[:-1], [*entries, deepcopy(entries[-1])]


def _in_other_shapes(array: Array) -> list[Array]:
    """Return an array in shapes that it must not have; NumPy would broadcast some of them.

    It has an axis too many or too few, or the last axis is 1 or too long.
    """
    shape = array.shape
    others = [(1, *shape), (*shape, 1)]
    if shape:
        others += [shape[1:], (*shape[:-1], 1), (*shape[:-1], shape[-1] + 1)]
    different = (other for other in dict.fromkeys(others) if other != shape)
    return [spread(array.ravel(), other).copy() for other in different]


def _in_other_dtypes(array: Array) -> list[Array]:
    return [array.astype(dtype) for dtype in _DTYPES if dtype != array.dtype]


def _form(grad: Grad) -> str:
    if isinstance(grad, IndexedSlices):
        rows = grad.indices.tolist()
        return f"slices {_form(grad.values)} at rows {rows} of {grad.dense_shape}"
    return f"{grad.dtype} of shape {grad.shape}"
