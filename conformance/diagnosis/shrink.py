"""Shrinking: the smallest input that still does what a larger one did.

Fewer calls first, then fewer parameters and elements, what is optional off, and simpler numbers; each change is kept
if the input still does it. Hypothesis shrinks what it has drawn itself; this takes any input, and needs nothing.
"""

from collections.abc import Callable, Iterator
from functools import partial
from math import frexp
from typing import Any

import numpy as np

from ..vectors.inputs import Call, Inputs
from ..vectors.slices import Grad, IndexedSlices
from ..vectors.words import Array

_SIMPLE = {
    "learning_rate": (2.0**-6,),
    "beta1": (0.5,),
    "beta2": (0.75,),
    "epsilon": (2.0**-10, 0.0),
}
# How often an input is tried; more would hardly make it smaller.
TRIALS = 1500


def shrunk(inputs: Inputs, does: Callable[[Inputs], bool], trials: int = TRIALS) -> Inputs:
    """The smallest input found that ``does`` the same as ``inputs``; each is tried once."""
    changes = (_calls, _parameters, _elements, _options, _numbers, _arrays)
    again = True
    while again:
        again = False
        for change in changes:
            found = _first(change(inputs), does)
            while found is not None and trials > 0:
                inputs, again = found, True
                found = _first(change(inputs), does)
                trials -= 1
        again &= trials > 0
    return inputs


def _first(candidates: Iterator[Inputs], does: Callable[[Inputs], bool]) -> Inputs | None:
    return next((one for one in candidates if does(one)), None)


def _calls(inputs: Inputs) -> Iterator[Inputs]:
    """Without the calls after one, the fewest first, or without one."""
    for last in range(1, len(inputs.calls)):
        yield inputs._replace(calls=inputs.calls[:last])
    for gone in range(len(inputs.calls) - 1):
        yield inputs._replace(calls=_without(inputs.calls, gone))


def _parameters(inputs: Inputs) -> Iterator[Inputs]:
    """Without one parameter."""
    for gone in range(len(inputs.params)) if len(inputs.params) > 1 else ():
        calls = [call._replace(grads=_without(call.grads, gone)) for call in inputs.calls]
        yield _reloaded(inputs, partial(_without, gone=gone))._replace(calls=calls)


def _elements(inputs: Inputs) -> Iterator[Inputs]:
    """A parameter as a vector, or without one element or row."""
    for at, param in enumerate(inputs.params):
        slices = [
            call.grads[at] for call in inputs.calls if isinstance(call.grads[at], IndexedSlices)
        ]
        if param.ndim > 1 and not slices:
            yield _changed(inputs, at, lambda array: array.reshape(-1))
        elif not param.size and not slices:
            yield _changed(inputs, at, lambda array: np.zeros(1, array.dtype))
        elif param.ndim:
            # Halves first, for there may be many.
            halves = (
                (slice(0, len(param) // 2), slice(len(param) // 2, None)) if len(param) > 3 else ()
            )
            for gone in (*halves, *(range(len(param)) if 1 < len(param) < 33 else ())):
                yield _changed(inputs, at, partial(np.delete, obj=gone, axis=0))


def _options(inputs: Inputs) -> Iterator[Inputs]:
    """A switch off, a learning rate that stays, a sparse gradient as a dense one, a missing one as zeros."""
    for switch in inputs.switches:
        yield inputs._replace(switches={k: v for k, v in inputs.switches.items() if k != switch})
    if inputs.load:
        yield inputs._replace(load=None)
    for at, call in enumerate(inputs.calls):
        if call.learning_rate is not None:
            yield _with_call(inputs, at, call._replace(learning_rate=None))
        for of, grad in enumerate(call.grads):
            zeros = np.zeros_like(inputs.params[of])
            if grad is None:
                yield _with_grad(inputs, at, of, zeros)
            elif isinstance(grad, IndexedSlices):
                dense = zeros.copy()
                np.add.at(dense, grad.indices, grad.values)
                yield _with_grad(inputs, at, of, dense)
                for gone in range(len(grad.indices)):
                    fewer = grad._replace(
                        values=np.delete(grad.values, gone, 0),
                        indices=np.delete(grad.indices, gone),
                    )
                    yield _with_grad(inputs, at, of, fewer)


def _numbers(inputs: Inputs) -> Iterator[Inputs]:
    """A hyperparameter as vectors usually have it."""
    for name, values in _SIMPLE.items():
        for value in (
            values[: values.index(inputs.numbers[name])]
            if inputs.numbers[name] in values
            else values
        ):
            yield inputs._replace(numbers=inputs.numbers | {name: value})


def _arrays(inputs: Inputs) -> Iterator[Inputs]:
    """One element of one array as a simpler number."""
    for at, param in enumerate(inputs.params):
        for array in _simpler(param):
            yield inputs._replace(params=[*inputs.params[:at], array, *inputs.params[at + 1 :]])
    for at, call in enumerate(inputs.calls):
        for of, grad in enumerate(call.grads):
            if isinstance(grad, IndexedSlices):
                for values in _simpler(grad.values):
                    yield _with_grad(inputs, at, of, grad._replace(values=values))
            elif grad is not None:
                for array in _simpler(grad):
                    yield _with_grad(inputs, at, of, array)


def _simpler(array: Array) -> Iterator[Array]:
    """The array of zeros, and the array with one element as a simpler number; none of them is as simple already."""
    if array.size > 1 and array.any():
        yield np.zeros_like(array)
    for at, x in enumerate(array.ravel()[:64].tolist()):
        for simple in _simpler_numbers(x):
            changed = array.copy()
            changed.ravel()[at] = simple
            yield changed


def _simpler_numbers(x: float) -> Iterator[float]:
    _, exponent = frexp(x)
    powers = (1.0, 2.0 ** (exponent - 1)) if np.isfinite(x) else (1.0,)
    for simple in (
        0.0,
        *powers,
        *(-power for power in powers),
        float(f"{x:.1g}"),
        float(f"{x:.2g}"),
    ):
        if _size(simple) < _size(x):
            yield simple


def _size(x: float) -> tuple[int, int, bool, int]:
    """How simple a number is: 0, 1, -1, powers of two, and then by how it is written."""
    if x == 0 or not np.isfinite(x):
        return (0 if x == 0 else 9, 0, x < 0, 0)
    digits, exponent = frexp(abs(x))
    return (1 + (digits != 0.5), abs(exponent - 1) if digits == 0.5 else len(repr(x)), x < 0, 0)


def _without(items: Any, gone: int) -> Any:
    return [item for at, item in enumerate(items) if at != gone]


def _with_call(inputs: Inputs, at: int, call: Call) -> Inputs:
    return inputs._replace(calls=[*inputs.calls[:at], call, *inputs.calls[at + 1 :]])


def _with_grad(inputs: Inputs, at: int, of: int, grad: Grad) -> Inputs:
    call = inputs.calls[at]
    return _with_call(
        inputs, at, call._replace(grads=[*call.grads[:of], grad, *call.grads[of + 1 :]])
    )


def _reloaded(inputs: Inputs, change: Callable[[Any], Any]) -> Inputs:
    """The inputs with a change of the list of parameters, and of what is loaded."""
    load = inputs.load and (
        {name: change(slot) for name, slot in inputs.load[0].items()},
        change(inputs.load[1]),
    )
    return inputs._replace(params=change(inputs.params), load=load)


def _changed(inputs: Inputs, at: int, change: Callable[[Any], Any]) -> Inputs:
    """The inputs with a change of the arrays of one parameter; slices keep the rows that are kept."""

    def arrays(items: Any) -> Any:
        return [
            change(x) if i == at and isinstance(x, np.ndarray) else x for i, x in enumerate(items)
        ]

    rows = inputs.params[at].shape[0] if inputs.params[at].ndim else 0
    kept = change(np.arange(rows)) if inputs.params[at].ndim == 1 or rows else np.arange(rows)

    def grad(given: Grad | None) -> Grad | None:
        if not isinstance(given, IndexedSlices):
            return None if given is None else np.asarray(change(given))
        at_rows = [i for i, row in enumerate(given.indices.tolist()) if row in kept]
        indices = np.searchsorted(kept, given.indices[at_rows])
        shape = (len(kept), *given.dense_shape[1:])
        return IndexedSlices(given.values[at_rows], indices.astype(np.int64), shape)

    calls = [
        call._replace(grads=[grad(g) if of == at else g for of, g in enumerate(call.grads)])
        for call in inputs.calls
    ]
    return _reloaded(inputs, arrays)._replace(calls=calls)
