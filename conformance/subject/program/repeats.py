"""Repeats: arrays whose numbers repeat, as `{"repeat": words}` with the first of them alone.

For example, the float32 array [1, 2, 1, 2, 1] is `{"repeat": "3f800000 40000000"}`. Vectors with a
million elements repeat a few, and so do the answers of most optimizers; the words of all elements
would cost more time than the optimizer.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from ...vectors.words import Array, decode, digits_of, encode, spread

# Arrays with fewer elements are written in full.
_SMALL = 256
# So many places where the first number stands again are tried.
_TRIES = 16


def write_words(array: Array, may_repeat: bool) -> Any:
    """Return an array as words, or as the words that repeat."""
    if not may_repeat or array.size < _SMALL:
        return encode(array)
    length = _period(array)
    if length == array.size:
        return encode(array)
    return {"repeat": encode(array.ravel()[:length])}


def read_words(entry: str | Mapping[str, str], dtype: str, shape: Sequence[int]) -> Array:
    """Return the array that words, or words that repeat, stand for.

    Raises:
        ValueError: a word has other digits, or there are more or fewer words than elements.
    """
    if isinstance(entry, str):
        return decode(entry, dtype, shape)
    words = entry["repeat"]
    count = (len(words) + 1) // (digits_of(dtype) + 1)
    if not 0 < count <= prod(shape):
        raise ValueError(f"repeat must have 1 to {prod(shape)} words, got {count}")
    return spread(decode(words, dtype, [count]), shape)


def _period(array: Array) -> int:
    """Return after how many elements the bits of an array repeat; its size if they do not."""
    bits = np.ascontiguousarray(array).ravel().view(f"u{array.dtype.itemsize}")
    half = bits.size // 2
    places = np.flatnonzero(bits[1:half] == bits[0])[:_TRIES] + 1
    for place in places.tolist():
        # Most places are refuted by a few elements.
        if not np.array_equal(bits[place : place + _SMALL], bits[: bits.size - place][:_SMALL]):
            continue
        if np.array_equal(bits[place:], bits[:-place]):
            return int(place)
    return bits.size
