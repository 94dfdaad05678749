"""What is known of a parameter between two steps: exact numbers, how far a right Adam may be off, and classes."""

from typing import Any, NamedTuple

import numpy as np

from ..vectors.classes import INTERVAL
from ..vectors.words import Array
from . import reference
from .bound import Bound, Radii, no_error
from .exact_step import as_step
from .nonfinite import Classes, after, ordinary

# An element of which the bound is less than this part of its step decides something.
DECISIVE = 64


class Known(NamedTuple):
    """What is known of one parameter; ``decides``: an element of it moved far enough to tell right from wrong."""

    memory: reference.Memory | reference.RowMemory
    radii: Radii
    classes: Classes
    decides: bool = False


def known(memory: reference.Memory) -> Known:
    """Before the first step, where every number is given exactly."""
    return Known(memory, no_error(len(memory.param)), ordinary(len(memory.param)))


def known_after(
    before: Known,
    one: reference.Exact | reference.Split | reference.Memory | reference.RowMemory,
    bound: Bound,
    grad: Array | None,
    dtype: str,
) -> Known:
    """After a call.

    Args:
        before: before it.
        one: what the call exactly does to the parameter.
        bound: of the configuration.
        grad: a dense gradient as given, flat; None for a sparse one, which is finite, and for none at all.
        dtype: of the parameter.
    """
    if isinstance(one, (reference.Memory, reference.RowMemory)):
        return before._replace(memory=one)
    parts = one.parts if isinstance(one, reference.Split) else [(range(len(one.before.param)), one)]
    radii, classes, decides = _copied(before.radii), _copied(before.classes), before.decides
    for elements, exact in parts:
        at = np.array(elements, np.intp)
        step = as_step(exact)
        with np.errstate(over="ignore", invalid="ignore"):
            radius = bound.after(step, Radii(*(x[at] for x in radii)))
            code = after(
                Classes(*(x[at] for x in classes)),
                step.grad if grad is None else grad[at],
                step.m,
                dtype,
            )
            small = DECISIVE * radius.param <= np.abs(step.update)
        # With a learning rate of zero it decides that the parameter must stay as it is.
        tells = (step.update != 0) | ((step.learning_rate == 0) & (radius.param == 0))
        decides |= bool(np.any(small & tells & (code.params == INTERVAL)))
        for whole, part in (*zip(radii, radius, strict=True), *zip(classes, code, strict=True)):
            whole[at] = part
    return Known(one.after, radii, classes, decides)


def _copied(arrays: Any) -> Any:
    return type(arrays)(*(array.copy() for array in arrays))
