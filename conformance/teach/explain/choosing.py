"""Choices: the steps and elements that a user names, or those that tell most.

Unasked, these are the first and the last ones, the steps in which something is otherwise than in
the step before, and the elements to which that happens.
"""

import re
from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from ...judge.selection import UsageError
from ...vectors.inputs import Call
from ...vectors.slices import IndexedSlices
from ...vectors.switches import ACCUMULATION
from ...vectors.vector import Vector
from .start import ElementPlace
from .story import Choice

ALL = "all"
# How many steps and elements are shown unasked: so many first ones, the last, and special ones.
_FIRST = 2
_SPECIAL = 3
# More elements than this on one page are a slip.
_MOST = 1000
_ELEMENT = re.compile(r"(?:params)?\[?(\d+)\]?(?:\s*(?:element)?\s*[\[:]([\d,\s]*)\]?)?")


def choice_of(
    vector: Vector, steps: str | None, elements: Sequence[str], exact: bool = False
) -> Choice:
    """Return what to explain of a vector.

    Args:
        vector: to explain.
        steps: numbers of calls and ranges, as `1,3-5`; `all`; None is those that tell most.
        elements: each as reports write it, `params[0] element [3]`, or short, `0:3`; or `all`;
            none is those that tell most.
        exact: whether exact numbers are asked for.

    Raises:
        UsageError: there is no such step or element.
    """
    # Unasked, few of each are shown: a page of a long vector has no end.
    calls = len(vector.calls)
    numbers = _telling_steps(vector) if steps is None else _numbers(steps, calls)
    shapes = [param.shape for param in vector.params]
    places = _telling_places(vector, shapes)
    if elements:
        places = list(dict.fromkeys(_places(elements, shapes)))
    if len(places) * len(numbers) > _MOST:
        raise UsageError(
            f"--element and --steps must ask for at most {_MOST} steps of elements, got "
            f"{len(places)} elements in {len(numbers)} steps; name some"
        )
    return Choice(numbers, places, exact)


def _telling_steps(vector: Vector) -> list[int]:
    """Return the first steps and the last, and some that are otherwise than the step before."""
    numbers = range(1, len(vector.calls) + 1)
    changes = []
    before = None
    for number, call in zip(numbers, vector.calls, strict=True):
        traits = _traits(call)
        if traits != before and number > _FIRST:
            changes.append(number)
        before = traits
    update = vector.switches.get(ACCUMULATION, 1)
    # With accumulation the first calls may all wait for the one that makes the update.
    if update in numbers:
        changes.insert(0, update)
    return sorted({*numbers[:_FIRST], *changes[:_SPECIAL], *numbers[-1:]})


def _traits(call: Call) -> list[object]:
    """Return what is special about a call: what is missing, sparse, scheduled or scaled."""
    traits: list[object] = [call.learning_rate, call.scale, call.is_skipped]
    for grad in call.grads:
        if isinstance(grad, IndexedSlices):
            traits.append(("sparse", len(grad.indices) > 0, bool(_rows_named_twice(grad))))
        else:
            traits.append("missing" if grad is None else "dense")
    return traits


def _rows_named_twice(grad: IndexedSlices) -> list[int]:
    rows, counts = np.unique(grad.indices, return_counts=True)
    twice: list[int] = rows[counts > 1].tolist()
    return twice


def _numbers(text: str, count: int) -> list[int]:
    if text == ALL:
        return list(range(1, count + 1))
    numbers: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise UsageError(f"--steps must be numbers and ranges, as 1,3-5, or all, got {text!r}")
        numbers.update(range(int(first), int(last or first) + 1))
    outside = [number for number in sorted(numbers) if not 1 <= number <= count]
    if outside or not numbers:
        raise UsageError(f"--steps must be from 1 to {count}, got {text!r}")
    return sorted(numbers)


def _telling_places(vector: Vector, shapes: Sequence[Sequence[int]]) -> list[ElementPlace]:
    """Return the first elements of all and the last, and some special ones."""
    first: list[ElementPlace] = []
    for place in _every_place(shapes):
        first.append(place)
        if len(first) == _FIRST:
            break
    sizes = [(param, prod(shape)) for param, shape in enumerate(shapes)]
    last = [ElementPlace(param, size - 1) for param, size in sizes if size][-1:]
    special = [place for place in _special_places(vector) if place not in first + last]
    return sorted({*first, *special[:_SPECIAL], *last})


def _special_places(vector: Vector) -> Iterator[ElementPlace]:
    """Yield the first element of each row that is named twice, and of missing gradients."""
    for call in vector.calls:
        for param, grad in enumerate(call.grads):
            shape = vector.params[param].shape
            if grad is None and prod(shape):
                yield ElementPlace(param, 0)
            elif isinstance(grad, IndexedSlices):
                width = prod(shape[1:])
                for row in _rows_named_twice(grad):
                    yield ElementPlace(param, row * width)


def _every_place(shapes: Sequence[Sequence[int]]) -> Iterator[ElementPlace]:
    for param, shape in enumerate(shapes):
        for index in range(prod(shape)):
            yield ElementPlace(param, index)


def _places(texts: Sequence[str], shapes: Sequence[Sequence[int]]) -> Iterator[ElementPlace]:
    for text in texts:
        if text == ALL:
            if sum(map(prod, shapes)) > _MOST:
                raise UsageError(
                    f"--element all must be at most {_MOST} elements, got {sum(map(prod, shapes))}"
                )
            yield from _every_place(shapes)
        else:
            yield _place(text, shapes)


def _place(text: str, shapes: Sequence[Sequence[int]]) -> ElementPlace:
    """Return the place that a text names."""
    found = _ELEMENT.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"--element must be a parameter and an index, as 0:3 or 0:1,2, or all, got {text!r}"
        )
    param = int(found[1])
    axes = [int(axis) for axis in re.findall(r"\d+", found[2] or "")]
    if param >= len(shapes):
        raise UsageError(f"--element must name a parameter below {len(shapes)}, got {text!r}")
    shape = tuple(shapes[param])
    fits = len(axes) == len(shape) and all(
        axis < length for axis, length in zip(axes, shape, strict=True)
    )
    if not fits:
        raise UsageError(
            f"--element must have an index into shape {list(shape)} of params[{param}]"
            f"{_example(param, shape)}, got {text!r}"
        )
    return ElementPlace(param, int(np.ravel_multi_index(axes, shape)) if shape else 0)


def _example(param: int, shape: Sequence[int]) -> str:
    """Return how the last element of a parameter is written; nothing if it has no elements."""
    if not prod(shape):
        return ""
    last = ",".join(str(length - 1) for length in shape)
    return f", as {param}:{last}" if shape else f", which is {param} alone"
