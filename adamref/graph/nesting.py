"""Nested lists, tuples and dictionaries: arguments of a function, and what a run fetches."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..gradients.indexed_slices import IndexedSlices


def parts(value: Any) -> Iterator[Any]:
    """Yield what is in nested lists, tuples and dictionaries; of slices, values and indices."""
    if isinstance(value, IndexedSlices):
        value = value[:2]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from parts(part)
    else:
        yield value


def copy_value(value: Any) -> Any:
    """Return a copy of a value, which the user may change; a NumPy number if it is a scalar."""
    return map_parts(value, lambda part: np.array(part)[()])


def map_parts(value: Any, replace: Callable[[Any], Any]) -> Any:
    """Return nested lists, tuples and dictionaries with a function of each part in its place."""
    if isinstance(value, Mapping):
        return {key: map_parts(part, replace) for key, part in value.items()}
    if isinstance(value, IndexedSlices):
        # Its shape is no part to compute.
        return IndexedSlices(replace(value.values), replace(value.indices), value.dense_shape)
    if isinstance(value, list | tuple):
        items = [map_parts(part, replace) for part in value]
        # Named tuples take their items one by one.
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return replace(value)
