"""Shrinking: the smallest input that still does the same as a larger one.

For example: an input of twelve calls with three parameters fails a subject that forgets to square
the gradient. `shrink` leaves one call, one parameter of one element, and the gradient 1.

Smaller means, in this order: fewer calls, fewer parameters, fewer elements, fewer options, simpler
numbers. Whole calls go first, because each try costs as much as the calls that are left. Hypothesis
shrinks only what it has drawn itself; this module takes any input, and does not need Hypothesis.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import frexp
from typing import Any, TypeVar

import numpy as np

from ..vectors.inputs import PARTS, Call, Inputs
from ..vectors.slices import Grad, IndexedSlices
from ..vectors.switches import COMPLEX
from ..vectors.words import Array

Item = TypeVar("Item")

_SIMPLE = {
    "learning_rate": (2.0**-6,),
    "beta1": (0.5,),
    "beta2": (0.75,),
    "epsilon": (2.0**-10, 0.0),
}
# How many smaller inputs are accepted; more would hardly make the result smaller.
MOST_ACCEPTED = 1500
# Longer parameters lose halves first, because one element at a time would take too long.
_HALVED_ABOVE = 3
_LONGEST_BY_ELEMENT = 32
_ELEMENTS_TRIED = 64


def shrink(
    inputs: Inputs, does_the_same: Callable[[Inputs], bool], most: int = MOST_ACCEPTED
) -> Inputs:
    """Return the smallest input found that does the same as ``inputs``.

    Args:
        inputs: where the search starts; it must do the same as itself.
        does_the_same: the property that every accepted input keeps.
        most: how many smaller inputs are accepted at most.
    """
    kinds = (
        _with_fewer_calls,
        _with_fewer_parameters,
        _with_fewer_elements,
        _with_fewer_options,
        _with_usual_numbers,
        _with_simpler_elements,
    )
    # A change late in the list may make an earlier kind possible again, so all kinds are repeated
    # until none of them finds anything.
    progress = True
    while progress and most > 0:
        progress = False
        for changes in kinds:
            smaller = _first(changes(inputs), does_the_same)
            while smaller is not None and most > 0:
                inputs = smaller
                progress = True
                most -= 1
                smaller = _first(changes(inputs), does_the_same)
    return inputs


def _first(candidates: Iterator[Inputs], does_the_same: Callable[[Inputs], bool]) -> Inputs | None:
    return next((inputs for inputs in candidates if does_the_same(inputs)), None)


def _with_fewer_calls(inputs: Inputs) -> Iterator[Inputs]:
    """Yield the input cut off after each call, the shortest first, then without each call."""
    for length in range(1, len(inputs.calls)):
        yield inputs._replace(calls=inputs.calls[:length])
    for index in range(len(inputs.calls) - 1):
        yield inputs._replace(calls=_without(inputs.calls, index))


def _with_fewer_parameters(inputs: Inputs) -> Iterator[Inputs]:
    """Yield the input without one of its parameters."""
    if len(inputs.params) < 2:
        return
    # With its parameter go its gradients, its slots and its step count.
    for index in range(len(inputs.params)):
        calls = [call._replace(grads=_without(call.grads, index)) for call in inputs.calls]
        yield _change_lists(inputs, partial(_without, index=index))._replace(calls=calls)


def _with_fewer_elements(inputs: Inputs) -> Iterator[Inputs]:
    """Yield the input with a parameter flattened, or without some of its elements or rows."""
    # Both parts of a complex number stay together.
    flat = (-1, PARTS) if inputs.form == COMPLEX else (-1,)
    one = (1, *flat[1:])
    for index, param in enumerate(inputs.params):
        sparse = any(isinstance(call.grads[index], IndexedSlices) for call in inputs.calls)
        if param.ndim > len(flat) and not sparse:
            yield _change_arrays(inputs, index, lambda array: array.reshape(flat))
        elif not param.size and not sparse:
            # An empty parameter is stranger than one of a single element.
            yield _change_arrays(inputs, index, lambda array: np.zeros(one, array.dtype))
        # A scalar has nothing to lose.
        elif param.ndim >= len(flat):
            for gone in _parts(len(param)):
                yield _change_arrays(inputs, index, partial(np.delete, obj=gone, axis=0))


def _parts(length: int) -> Iterator[slice | int]:
    """Yield what a parameter of ``length`` rows may lose at once."""
    if length > _HALVED_ABOVE:
        yield slice(0, length // 2)
        yield slice(length // 2, None)
    if 1 < length <= _LONGEST_BY_ELEMENT:
        yield from range(length)


def _with_fewer_options(inputs: Inputs) -> Iterator[Inputs]:
    """Yield the input without one switch, loaded state, new rate, sparse or missing gradient."""
    # Switches first: without its feature a failure is easier to understand than with few numbers.
    for gone in inputs.switches:
        switches = {name: value for name, value in inputs.switches.items() if name != gone}
        yield inputs._replace(switches=switches)
    if inputs.load:
        yield inputs._replace(load=None)
    if any(call.scale is not None for call in inputs.calls):
        # All of them, because a scale stands in every call or in none.
        unscaled = [call._replace(scale=None) for call in inputs.calls]
        yield inputs._replace(calls=unscaled)
    for number, call in enumerate(inputs.calls):
        if call.learning_rate is not None:
            yield _replace_call(inputs, number, call._replace(learning_rate=None))
        if call.scale not in (None, 1.0):
            yield _replace_call(inputs, number, call._replace(scale=1.0))
        for index, grad in enumerate(call.grads):
            for plainer in _plainer_grads(grad, inputs.params[index]):
                yield _replace_grad(inputs, number, index, plainer)


def _plainer_grads(grad: Grad | None, param: Array) -> Iterator[Grad]:
    """Yield zeros for a missing gradient; for a sparse one its dense form, then fewer slices."""
    dense = np.zeros_like(param)
    if grad is None:
        yield dense
    elif isinstance(grad, IndexedSlices):
        np.add.at(dense, grad.indices, grad.values)
        yield dense
        for gone in range(len(grad.indices)):
            values = np.delete(grad.values, gone, 0)
            yield grad._replace(values=values, indices=np.delete(grad.indices, gone))


def _with_usual_numbers(inputs: Inputs) -> Iterator[Inputs]:
    """Yield the input with a hyperparameter that most vectors have."""
    for name, values in _SIMPLE.items():
        now = inputs.numbers[name]
        # The values are in order of simplicity: only those before the present one are simpler.
        simpler = values[: values.index(now)] if now in values else values
        for value in simpler:
            yield inputs._replace(numbers=inputs.numbers | {name: value})


def _with_simpler_elements(inputs: Inputs) -> Iterator[Inputs]:
    """Yield the input with one simpler element in one array."""
    for index, param in enumerate(inputs.params):
        for array in _simpler_arrays(param):
            yield inputs._replace(params=_with_item(inputs.params, index, array))
    for number, call in enumerate(inputs.calls):
        for index, grad in enumerate(call.grads):
            if isinstance(grad, IndexedSlices):
                for values in _simpler_arrays(grad.values):
                    yield _replace_grad(inputs, number, index, grad._replace(values=values))
            elif grad is not None:
                for array in _simpler_arrays(grad):
                    yield _replace_grad(inputs, number, index, array)


def _simpler_arrays(array: Array) -> Iterator[Array]:
    """Yield zeros, then the array with one simpler element."""
    if array.size > 1 and array.any():
        yield np.zeros_like(array)
    for position, element in enumerate(array.ravel()[:_ELEMENTS_TRIED].tolist()):
        for simple in _simpler_numbers(element):
            changed = array.copy()
            changed.ravel()[position] = simple
            yield changed


def _simpler_numbers(number: float) -> Iterator[float]:
    """Yield 0, 1, the power of two below, their negatives, and the number with fewer digits."""
    # 1 shows a lost factor best; a power of two keeps the size of the number, which may matter.
    powers = [1.0]
    if np.isfinite(number):
        exponent = frexp(number)[1]
        powers.append(2.0 ** (exponent - 1))
    negatives = [-power for power in powers]
    few_digits = [float(f"{number:.1g}"), float(f"{number:.2g}")]
    for simple in (0.0, *powers, *negatives, *few_digits):
        if _complexity(simple) < _complexity(number):
            yield simple


def _complexity(number: float) -> tuple[int, int, bool, int]:
    """Return a rank: 0, then 1 and -1, other powers of two, decimals by length, infinities and NaN.

    Every accepted change lowers a rank, so that shrinking ends.
    """
    negative = number < 0
    if number == 0:
        return (0, 0, negative, 0)
    if not np.isfinite(number):
        return (9, 0, negative, 0)
    digits, exponent = frexp(abs(number))
    if digits == 0.5:  # a power of two
        return (1, abs(exponent - 1), negative, 0)
    return (2, len(repr(number)), negative, 0)


def _without(items: Sequence[Item], index: int) -> list[Item]:
    return [*items[:index], *items[index + 1 :]]


def _with_item(items: Sequence[Item], index: int, item: Item) -> list[Item]:
    return [*items[:index], item, *items[index + 1 :]]


def _replace_call(inputs: Inputs, number: int, call: Call) -> Inputs:
    return inputs._replace(calls=_with_item(inputs.calls, number, call))


def _replace_grad(inputs: Inputs, number: int, index: int, grad: Grad) -> Inputs:
    call = inputs.calls[number]
    return _replace_call(inputs, number, call._replace(grads=_with_item(call.grads, index, grad)))


def _change_lists(inputs: Inputs, change: Callable[[Any], Any]) -> Inputs:
    """Return the inputs with a change of the list of parameters and of each loaded list."""
    load = inputs.load
    if load is not None:
        slots, t = load
        load = ({name: change(arrays) for name, arrays in slots.items()}, change(t))
    return inputs._replace(params=change(inputs.params), load=load)


def _change_arrays(inputs: Inputs, index: int, change: Callable[[Any], Any]) -> Inputs:
    """Return the inputs with a change of every array of one parameter: its own, slots, gradients.

    Slices keep the rows that the change keeps, under their new numbers.
    """
    param = inputs.params[index]
    rows = param.shape[0] if param.ndim else 0
    kept = np.arange(rows)
    # An empty matrix has no rows to number.
    if param.ndim == 1 or rows:
        kept = change(kept)

    def changed_list(items: Any) -> Any:
        item = items[index]
        # The list of step counts is loaded, too, and stays.
        return _with_item(items, index, change(item)) if isinstance(item, np.ndarray) else items

    def changed_grad(grad: Grad | None) -> Grad | None:
        if grad is None:
            return None
        if not isinstance(grad, IndexedSlices):
            return np.asarray(change(grad))
        positions = [at for at, row in enumerate(grad.indices.tolist()) if row in kept]
        indices = np.searchsorted(kept, grad.indices[positions]).astype(np.int64)
        shape = (len(kept), *grad.dense_shape[1:])
        return IndexedSlices(grad.values[positions], indices, shape)

    calls = [
        call._replace(grads=_with_item(call.grads, index, changed_grad(call.grads[index])))
        for call in inputs.calls
    ]
    return _change_lists(inputs, changed_list)._replace(calls=calls)
