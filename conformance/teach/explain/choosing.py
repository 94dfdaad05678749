"""Choices: the steps and elements that a user names, or the first and the last ones."""

import re
from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from ...judge.selection import UsageError
from ...vectors.vector import Vector
from .start import ElementPlace
from .story import Choice

ALL = "all"
# How many steps and elements are shown unasked: so many first ones, and the last.
_FIRST = 2
# More elements than this on one page are a slip.
_MOST = 1000
_ELEMENT = re.compile(r"(?:params)?\[?(\d+)\]?(?:\s*(?:element)?\s*[\[:]([\d,\s]*)\]?)?")


def choice_of(
    vector: Vector, steps: str | None, elements: Sequence[str], exact: bool = False
) -> Choice:
    """Return what to explain of a vector.

    Args:
        vector: to explain.
        steps: numbers of calls and ranges, as `1,3-5`; `all`; None is the first and the last.
        elements: each as reports write it, `params[0] element [3]`, or short, `0:3`; or `all`.
        exact: whether exact numbers are asked for.

    Raises:
        UsageError: there is no such step or element.
    """
    # Unasked, few of each are shown: a page of a long vector has no end.
    calls = len(vector.calls)
    numbers = _ends(calls) if steps is None else _numbers(steps, calls)
    shapes = [param.shape for param in vector.params]
    places = _first_places(shapes)
    if elements:
        places = list(dict.fromkeys(_places(elements, shapes)))
    if len(places) * len(numbers) > _MOST:
        raise UsageError(
            f"--element and --steps must ask for at most {_MOST} steps of elements, got "
            f"{len(places)} elements in {len(numbers)} steps; name some"
        )
    return Choice(numbers, places, exact)


def _ends(count: int) -> list[int]:
    """Return the first numbers and the last."""
    numbers = range(1, count + 1)
    return sorted({*numbers[:_FIRST], *numbers[-1:]})


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


def _first_places(shapes: Sequence[Sequence[int]]) -> list[ElementPlace]:
    """Return the first elements of all, and the last."""
    first: list[ElementPlace] = []
    for place in _every_place(shapes):
        first.append(place)
        if len(first) == _FIRST:
            break
    sizes = [(param, prod(shape)) for param, shape in enumerate(shapes)]
    last = [ElementPlace(param, size - 1) for param, size in sizes if size][-1:]
    return list(dict.fromkeys(first + last))


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
            f"--element must have an index into shape {list(shape)} of params[{param}], "
            f"got {text!r}"
        )
    return ElementPlace(param, int(np.ravel_multi_index(axes, shape)) if shape else 0)
