"""Exact states: what is known of a parameter between two steps.

A state has the exact numbers, how far a right Adam may be from them, and the class of each element,
because an element that has overflowed has no right number any more.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from ..vectors.interval import INTERVAL
from ..vectors.words import Array
from . import reference
from .bound import Bound, Radii, no_error
from .exact_step import ExactStep, as_step
from .nonfinite import ElementClasses, classes_after, ordinary_classes

# What a call exactly does to a parameter: a step, several of its rows, or no step at all.
Outcome = reference.Exact | reference.Split | reference.Memory | reference.RowMemory

# An element decides something if its bound is less than this part of its step.
DECISIVE = 64
# In bfloat16 a bound is one part in ten of a step, which still tells a wrong formula.
_DECISIVE_OF = {"bfloat16": 8}


class ExactState(NamedTuple):
    """One parameter between two steps.

    Fields:
        memory: the exact numbers.
        radii: the largest errors of a right Adam.
        classes: which elements have a right number at all.
        decides: whether an element has moved far enough to tell right from wrong.
    """

    memory: reference.Memory | reference.RowMemory
    radii: Radii
    classes: ElementClasses
    decides: bool = False


def initial_state(memory: reference.Memory) -> ExactState:
    """Return the state before the first step, where every number is given exactly."""
    elements = len(memory.param)
    return ExactState(memory, no_error(elements), ordinary_classes(elements))


def states_after(
    before: Sequence[ExactState],
    outcomes: Sequence[Outcome],
    bounds: Sequence[Bound],
    grads: Sequence[Array | None],
    dtype: str,
) -> list[ExactState]:
    """Return the state of every parameter after a call.

    Args:
        before: the states before it.
        outcomes: what the call exactly does to each parameter.
        bounds: of the configuration of each parameter, which may be one for many.
        grads: dense gradients as given, flat. None for a missing gradient, and for a sparse one,
            which is finite.
        dtype: of the parameters.
    """
    after = []
    for state, outcome in zip(before, outcomes, strict=True):
        radii = Radii(*(array.copy() for array in state.radii))
        classes = ElementClasses(*(array.copy() for array in state.classes))
        after.append(ExactState(_memory_after(outcome), radii, classes, state.decides))
    # Elements that have taken all steps together are one array: the bound is elementwise, and
    # one large array takes far less time than many small ones.
    for parts in _alike(outcomes, bounds):
        _take_step(after, parts, bounds[parts[0].param], grads, dtype)
    return after


class _Share(NamedTuple):
    """The elements of one parameter that take a step together."""

    param: int
    elements: Array
    exact: reference.Exact


def _memory_after(outcome: Outcome) -> reference.Memory | reference.RowMemory:
    if isinstance(outcome, (reference.Memory, reference.RowMemory)):
        return outcome
    return outcome.after


def _alike(outcomes: Sequence[Outcome], bounds: Sequence[Bound]) -> Iterable[list[_Share]]:
    """Return the parts of all parameters, those with the same scalars and bound together."""
    alike: dict[tuple[object, ...], list[_Share]] = {}
    for param, outcome in enumerate(outcomes):
        if isinstance(outcome, (reference.Memory, reference.RowMemory)):
            continue
        parts: Sequence[tuple[Sequence[int], reference.Exact]]
        if isinstance(outcome, reference.Split):
            parts = outcome.parts
        else:
            parts = [(range(len(outcome.before.param)), outcome)]
        for elements, exact in parts:
            numbers = (exact.learning_rate, exact.beta1, exact.beta2, exact.epsilon)
            # Weight decay is a number of the bound alone.
            decay = bounds[param].config.weight_decay
            key = (*numbers, exact.epsilon_root, decay, exact.after.t, exact.summed is None)
            alike.setdefault(key, []).append(_Share(param, np.array(elements, np.intp), exact))
    return alike.values()


def _take_step(
    after: list[ExactState],
    parts: Sequence[_Share],
    bound: Bound,
    grads: Sequence[Array | None],
    dtype: str,
) -> None:
    """Write radii and classes after one step of some parts into the states of their parameters."""
    step = as_step(*(part.exact for part in parts))
    radii = Radii._make(_gather([after[part.param].radii for part in parts], parts))
    classes = ElementClasses._make(_gather([after[part.param].classes for part in parts], parts))
    given = _pieces(step.grad, parts)
    for number, part in enumerate(parts):
        grad = grads[part.param]
        if grad is not None:
            given[number] = grad[part.elements]
    with np.errstate(over="ignore", invalid="ignore"):
        new_radii = bound.after(step, radii)
        new_classes = classes_after(classes, np.concatenate(given), step.m, dtype)
        parts_of_step = _DECISIVE_OF.get(dtype, DECISIVE)
        decided = _pieces(_deciding(step, new_radii, new_classes, parts_of_step), parts)
    # Everything is written back into the whole parameters.
    for wholes, news in (("radii", new_radii), ("classes", new_classes)):
        for field, array in zip(news._fields, news, strict=True):
            for part, piece in zip(parts, _pieces(array, parts), strict=True):
                getattr(getattr(after[part.param], wholes), field)[part.elements] = piece
    for part, deciding in zip(parts, decided, strict=True):
        if deciding.any():
            after[part.param] = after[part.param]._replace(decides=True)


def _gather(wholes: Iterable[tuple[Any, ...]], parts: Sequence[_Share]) -> Iterator[Any]:
    """Yield each array of some tuples of arrays, with the elements of all parts."""
    for arrays in zip(*wholes, strict=True):
        pairs = zip(arrays, parts, strict=True)
        yield np.concatenate([array[part.elements] for array, part in pairs])


def _pieces(array: Any, parts: Sequence[_Share]) -> list[Any]:
    """Return the elements of each part, out of an array with those of all parts."""
    ends = list(accumulate((len(part.elements) for part in parts), initial=0))
    return [array[start:end] for start, end in pairwise(ends)]


def _deciding(step: ExactStep, radii: Radii, classes: ElementClasses, parts: int) -> Array:
    """Return which elements have moved far enough to tell right from wrong."""
    is_small = parts * radii.param <= np.abs(step.update)
    # With a learning rate of zero it decides that the parameter must keep its bits.
    stays_exactly = (step.learning_rate == 0) & (radii.param == 0)
    tells = (step.update != 0) | stays_exactly
    return np.asarray(is_small & tells & (classes.params == INTERVAL))
