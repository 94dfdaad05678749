"""Arrays that a subject hands back: they are copied at once, and overwritten to see whose they are.

An entry is whatever `np.asarray` takes: an array, an object of a library, nested sequences. A
sequence may be endless or change, so no more of it is read than the shape of the parameter has.
"""

from itertools import islice
from typing import Any

import numpy as np

from ..process.signals import from_outside
from ..vectors.words import Array
from .contract import Misbehaved

# Sequences that NumPy takes for one element.
_ELEMENTS = (str, bytes, dict)
_PROTOCOLS = ("__array__", "__array_interface__", "__array_struct__")


def copy_of(entry: Any, shape: tuple[int, ...]) -> Array:
    """Return a copy of an entry that should have ``shape``; it may have another one."""
    # `__array__` may return its own memory although it is asked for a copy.
    return np.array(np.asarray(_in_lists(entry, shape)))


def overwrite(entry: Any, shape: tuple[int, ...]) -> None:
    """Put NaN in the place of every number of an entry of this shape, as its new owner may."""
    if not _is_nested(entry):
        view = np.asarray(entry)
        if view.flags.writeable:
            view[...] = np.nan
        # An object of a library may write to memory that NumPy cannot reach.
        if not isinstance(entry, np.ndarray):
            _assign_nan(entry, ...)
        return
    for place in range(shape[0]):
        overwrite(entry[place], shape[1:])
        if len(shape) == 1:
            _assign_nan(entry, place)


def _assign_nan(entry: Any, place: Any) -> None:
    try:
        entry[place] = np.nan
    except BaseException as error:
        # Nobody can overwrite it, for example an array of JAX, a tuple, a number.
        if from_outside(error):
            raise


def _in_lists(entry: Any, shape: tuple[int, ...]) -> Any:
    """Return an entry in lists where NumPy would read a sequence to its end."""
    if not _is_nested(entry):
        return entry
    if not shape:
        raise Misbehaved("an array must have the shape of its parameter, got more axes than that")
    # Lists and tuples end by themselves.
    items = entry
    if type(entry) not in (list, tuple):
        items = islice(entry, shape[0] + 1)
    return [_in_lists(item, shape[1:]) for item in items]


def _is_nested(entry: Any) -> bool:
    """Return whether NumPy takes an entry for a sequence of entries."""
    kind = type(entry)
    is_sequence = hasattr(kind, "__getitem__") and hasattr(kind, "__len__")
    if not is_sequence or isinstance(entry, _ELEMENTS):
        return False
    if any(hasattr(entry, protocol) for protocol in _PROTOCOLS):
        return False
    try:
        memoryview(entry)
    except TypeError:
        return True
    return False
