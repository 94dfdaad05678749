"""Words: numbers as IEEE bit patterns in hexadecimal, so that no vector loses a bit.

For example, the float32 array [1.0, -0.5] is "3f800000 bf000000".
"""

import struct
from collections.abc import Sequence
from math import prod
from typing import Any

import ml_dtypes  # noqa: F401  (gives NumPy its bfloat16)
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_DIGITS = {"bfloat16": 4, "float16": 4, "float32": 8, "float64": 16}
# Bits are read as integers of the same size, because NumPy swaps no bytes of a bfloat16. The most
# significant digit comes first, as people write numbers.
_BIG_ENDIAN = {name: np.dtype(f">u{digits // 2}") for name, digits in _DIGITS.items()}
# The same by dtype, because NumPy makes the name of a dtype anew each time.
_BITS = {np.dtype(name): bits.newbyteorder("=") for name, bits in _BIG_ENDIAN.items()}


def encode(array: Array) -> str:
    """Return one word an element, in C order, with one space between words."""
    native = _BITS[array.dtype]
    bits = np.ascontiguousarray(array).view(native)
    return bits.astype(native.newbyteorder(">")).tobytes().hex(" ", native.itemsize)


def decode(words: str, dtype: str, shape: Sequence[int]) -> Array:
    """Return the array that ``words`` stand for.

    Raises:
        ValueError: a word does not have the digits of ``dtype``, or ``shape`` needs more or fewer.
    """
    count = prod(shape)
    digits = _DIGITS[dtype]
    # One word after another is not looked at where every space is in its place.
    if len(words) != count * (digits + 1) - 1 or words[digits :: digits + 1].strip():
        _check_words(words.split(), dtype, shape)
    # fromhex skips the spaces between words.
    bits = np.frombuffer(bytes.fromhex(words), _BIG_ENDIAN[dtype])
    if bits.size != count:
        _check_words(words.split(), dtype, shape)
    native = bits.astype(bits.dtype.newbyteorder("="))
    return native.view(dtype).reshape(shape)


def _check_words(parts: Sequence[str], dtype: str, shape: Sequence[int]) -> None:
    """Raise ValueError unless there are as many words as elements, with the digits of a dtype."""
    if len(parts) != prod(shape):
        raise ValueError(f"words must be {prod(shape)} for shape {tuple(shape)}, got {len(parts)}")
    digits = _DIGITS[dtype]
    for part in parts:
        if len(part) != digits:
            raise ValueError(f"a word of {dtype} must have {digits} digits, got {part!r}")


def digits_of(dtype: str) -> int:
    """Return how many digits a word of a dtype has."""
    return _DIGITS[dtype]


def given_size(shape: Sequence[int], tile: int | None) -> int:
    """Return how many elements of an array with this shape are written down."""
    elements = prod(shape)
    return elements if tile is None else min(elements, tile)


def spread(elements: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """Return an array of ``shape`` that repeats ``elements`` in C order until it is full."""
    count = prod(shape)
    if elements.size == count:
        return elements.reshape(tuple(shape))
    # Ten times as fast as numpy.resize, which joins a list of arrays.
    full = np.empty(count, elements.dtype)
    whole = count - count % elements.size
    full[:whole].reshape(-1, elements.size)[:] = elements
    full[whole:] = elements[: count - whole]
    return full.reshape(tuple(shape))


def encode_number(value: float) -> dict[str, str]:
    """Return a hyperparameter as its binary64 word and the decimal that people would write."""
    return {"word": encode(np.array(value, np.float64)), "about": repr(value)}


def decode_number(entry: dict[str, str]) -> float:
    """Return the number of `encode_number`; its decimal is for people and is not read."""
    word = entry["word"]
    if len(word) != _DIGITS["float64"]:
        raise ValueError(f"a word of float64 must have 16 digits, got {word!r}")
    # Without an array: a suite has thousands of these.
    number: float = struct.unpack(">d", bytes.fromhex(word))[0]
    return number


def about(array: Array) -> str:
    """Return the shortest decimals that give ``array`` back, for people."""
    return " ".join(str(element) for element in array.ravel())


def finite(value: float | None) -> float | str | None:
    """Return a number as JSON can hold it: infinity and NaN become words."""
    return value if value is None or np.isfinite(value) else str(value)
