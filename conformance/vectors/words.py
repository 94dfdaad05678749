"""Words: numbers as IEEE bit patterns in hexadecimal, the only form in which a vector carries a value."""

import struct
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_DIGITS = {"float16": 4, "float32": 8, "float64": 16}
_BIG_ENDIAN = {name: np.dtype(name).newbyteorder(">") for name in _DIGITS}


def encode(array: Array) -> str:
    """One word an element in C order, big-endian digits as people read them, one space between."""
    big_endian = np.ascontiguousarray(array, array.dtype.newbyteorder(">"))
    digits = _DIGITS[array.dtype.name]
    text = big_endian.tobytes().hex()
    return " ".join(text[at : at + digits] for at in range(0, len(text), digits))


def decode(words: str, dtype: str, shape: Sequence[int]) -> Array:
    """Return the array that ``words`` stand for.

    Raises:
        ValueError: a word has not the digits of ``dtype``, or there are not as many as ``shape`` has elements.
    """
    parts = words.split()
    if len(parts) != prod(shape):
        raise ValueError(f"words must be {prod(shape)} for shape {tuple(shape)}, got {len(parts)}")
    digits = _DIGITS[dtype]
    for part in parts:
        if len(part) != digits:
            raise ValueError(f"a word of {dtype} must have {digits} digits, got {part!r}")
    # fromhex skips the spaces.
    array = np.frombuffer(bytes.fromhex(words), _BIG_ENDIAN[dtype])
    return array.astype(dtype).reshape(shape)


def given_size(shape: Sequence[int], tile: int | None) -> int:
    """How many elements of an array are written down."""
    elements = prod(shape)
    return elements if tile is None else min(elements, tile)


def spread(elements: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """The array of ``shape`` that ``elements`` fill, again and again, in C order."""
    if elements.size == prod(shape):
        return elements.reshape(tuple(shape))
    return np.resize(elements, tuple(shape))


def encode_number(value: float) -> dict[str, str]:
    """A hyperparameter: its binary64 word, and the decimal that people would write."""
    return {"word": encode(np.array(value, np.float64)), "about": repr(value)}


def decode_number(entry: dict[str, str]) -> float:
    """Return the number of `encode_number`; its decimal is for people and is not read."""
    word = entry["word"]
    if len(word) != _DIGITS["float64"]:
        raise ValueError(f"a word of float64 must have 16 digits, got {word!r}")
    number: float = struct.unpack(">d", bytes.fromhex(word))[0]
    return number


def about(array: Array) -> str:
    """The shortest decimals that give ``array`` back, for people."""
    return " ".join(str(element) for element in array.ravel())


def finite(value: float | None) -> float | str | None:
    """A number as JSON can have it: infinity and NaN are words."""
    return value if value is None or np.isfinite(value) else str(value)
