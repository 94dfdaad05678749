"""Plain values: tuples, dicts and floats as JSON has them, and back, with every bit."""

from typing import Any


def to_json(value: Any) -> Any:
    """Return a value as JSON has it; lists and tuples become lists, floats hexadecimal texts."""
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, (tuple, list)):
        return list(map(to_json, value))
    if isinstance(value, dict):
        # The keys of ours may be tuples.
        return {"items": [[to_json(key), to_json(item)] for key, item in value.items()]}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"a value must be plain data, got {type(value).__name__}")


def from_json(value: Any) -> Any:
    """Return the value that `to_json` was given, with tuples for lists.

    Raises:
        ValueError: an object is none of those that `to_json` writes.
    """
    if isinstance(value, list):
        return tuple(map(from_json, value))
    if not isinstance(value, dict):
        return value
    try:
        if "float" in value:
            return float.fromhex(value["float"])
        return {from_json(key): from_json(item) for key, item in value["items"]}
    except (KeyError, TypeError) as error:
        raise ValueError(f"an object must have items or a float, got {error!r}") from None
