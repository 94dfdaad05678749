"""Strict JSON: text that means one thing only, with numbers that every reader understands alike."""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

# No file of ours nests half as deeply, and Python's stack takes many times more.
_DEEPEST = 50
_LARGEST = 2**63
# The most characters of a number or a key that a message repeats.
_SHOWN = 40


def parse(text: str, *, counts_only: bool = False) -> Any:
    """Return the value of a JSON text.

    Args:
        text: the JSON.
        counts_only: whether all its numbers must be whole.

    Raises:
        ValueError: it is no JSON, is nested deeply, gives a key twice, or has a number that is not
            finite or a whole number of more than 64 bits.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_refuse_fraction if counts_only else _finite,
            parse_int=_whole,
            parse_constant=_refuse,
        )
    except RecursionError:
        raise _too_deep() from None
    for _ in texts_of(value):
        # Only the depth is of interest.
        pass
    return value


def texts_of(value: Any) -> Iterator[str]:
    """Yield all texts in a JSON value, keys included.

    Raises:
        ValueError: it is nested deeply.
    """
    # A list and no recursion, because the depth is what must be found out.
    waiting = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > _DEEPEST:
            raise _too_deep()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            yield from part
            waiting += [(item, depth + 1) for item in part.values()]
        elif isinstance(part, list):
            waiting += [(item, depth + 1) for item in part]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name, value in pairs:
        # Readers differ in which of the two they take.
        if name in content:
            raise ValueError(f"a key must stand once in an object, got {name[:_SHOWN]!r} twice")
        content[name] = value
    return content


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"a number must be finite, got {digits[:_SHOWN]}")
    return number


def _refuse_fraction(digits: str) -> None:
    raise ValueError(f"a number must be whole and without a point, got {digits[:_SHOWN]}")


def _whole(digits: str) -> int:
    # Python refuses to convert thousands of digits.
    number = int(digits) if len(digits) <= len(str(-_LARGEST)) else _LARGEST
    if not -_LARGEST <= number < _LARGEST:
        raise ValueError(f"a whole number must have at most 64 bits, got {digits[:_SHOWN]}...")
    return number


def _refuse(constant: str) -> None:
    # Python reads NaN and Infinity, which JSON does not have.
    raise ValueError(f"a number must be finite, got {constant}")


def _too_deep() -> ValueError:
    return ValueError(f"it must be nested at most {_DEEPEST} deep, but is deeper")
