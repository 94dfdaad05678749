"""Exact states: what is known of a parameter between two steps.

A state has the exact numbers, how far a right Adam may be from them, and the class of each element,
because an element that has overflowed has no right number any more.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..vectors.classes import INTERVAL
from ..vectors.words import Array
from . import reference
from .bound import Bound, Radii, no_error
from .exact_step import ExactStep, as_step
from .nonfinite import ElementClasses, classes_after, ordinary_classes

# An element decides something if its bound is less than this part of its step.
DECISIVE = 64


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


def state_after(
    before: ExactState,
    outcome: reference.Exact | reference.Split | reference.Memory | reference.RowMemory,
    bound: Bound,
    grad: Array | None,
    dtype: str,
) -> ExactState:
    """Return the state after a call.

    Args:
        before: the state before it.
        outcome: what the call exactly does to the parameter.
        bound: of the configuration.
        grad: a dense gradient as given, flat. None for a missing gradient, and for a sparse one,
            which is finite.
        dtype: of the parameter.
    """
    if isinstance(outcome, (reference.Memory, reference.RowMemory)):
        return before._replace(memory=outcome)
    parts: list[tuple[Sequence[int], reference.Exact]]
    if isinstance(outcome, reference.Split):
        parts = list(outcome.parts)
    else:
        parts = [(range(len(outcome.before.param)), outcome)]
    radii = Radii(*(array.copy() for array in before.radii))
    classes = ElementClasses(*(array.copy() for array in before.classes))
    decides = before.decides
    for elements, exact in parts:
        index = np.array(elements, np.intp)
        step = as_step(exact)
        given = step.grad if grad is None else grad[index]
        with np.errstate(over="ignore", invalid="ignore"):
            new_radii = bound.after(step, Radii(*(array[index] for array in radii)))
            old_classes = ElementClasses(*(array[index] for array in classes))
            new_classes = classes_after(old_classes, given, step.m, dtype)
            decides |= _decides(step, new_radii, new_classes)
        # The parts of a split step are written back into the whole parameter.
        for whole, part in zip(radii, new_radii, strict=True):
            whole[index] = part
        for codes, new_codes in zip(classes, new_classes, strict=True):
            codes[index] = new_codes
    return ExactState(outcome.after, radii, classes, decides)


def _decides(
    step: ExactStep,
    radii: Radii,
    classes: ElementClasses,
) -> bool:
    is_small = DECISIVE * radii.param <= np.abs(step.update)
    # With a learning rate of zero it decides that the parameter must keep its bits.
    stays_exactly = (step.learning_rate == 0) & (radii.param == 0)
    tells = (step.update != 0) | stays_exactly
    return bool(np.any(is_small & tells & (classes.params == INTERVAL)))
