"""Checkpoints: arrays and numbers in one safetensors file, from which nothing is ever executed.

The metadata of the file has the kind of the optimizer, its numbers as JSON, and a digest of all of
it, because safetensors itself does not notice a changed bit.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .replacement import check_file, replace

Arrays = dict[str, NDArray[Any]]

_FLOAT_BYTES = 8
# As long as safetensors allows.
_LONGEST_HEADER = 100_000_000

# Characters.
_LONGEST_MESSAGE = 4000


class CheckpointError(ValueError):
    """A file is no checkpoint of this optimizer.

    What stands in the file is a stranger's: its message is cut short, and what a terminal would
    obey is written as Python escapes it.
    """

    def __init__(self, message: str) -> None:
        letters = []
        for letter in message[:_LONGEST_MESSAGE]:
            if letter.isprintable():
                letters.append(letter)
            else:
                letters.append(ascii(letter)[1:-1])
        super().__init__("".join(letters))


def write(
    path: str | Path, kind: str, arrays: Mapping[str, NDArray[Any]], numbers: Mapping[str, Any]
) -> None:
    """Write a checkpoint atomically: on error the old file is left unchanged.

    The arrays go to the disk as they are, without copies.

    Args:
        path: the file, or a link to it. It is replaced in one move, after the new file is on the
            disk. A kill leaves the old file; it may also leave hidden files, whose names begin with
            a dot.
        kind: the optimizer it belongs to; `read` asks for it.
        arrays: by name, of any shape and any dtype that safetensors has.
        numbers: values that JSON can hold; floats come back bit for bit. Numbers and arrays of
            NumPy come back as Python's.

    Raises:
        OSError: the folder cannot be written to, or ``path`` is a folder, a pipe or a device.
        TypeError: JSON cannot hold a value.
    """
    # Imported here, because only those who save need safetensors.
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    # ascontiguousarray gives an array without axes one axis, so the shape is restored.
    contiguous = {
        name: np.ascontiguousarray(array).reshape(np.shape(array)) for name, array in arrays.items()
    }
    text = json.dumps(dict(numbers), default=_without_numpy)
    metadata = {"kind": kind, "numbers": text, "sha256": _digest(kind, text, contiguous)}

    def write_file(new: Path) -> None:
        try:
            save_file(contiguous, new, metadata)
        except SafetensorError as error:
            raise OSError(f"{str(path)!r} cannot be written: {error}") from error

    replace(path, write_file)


def _without_numpy(value: Any) -> Any:
    """Return a number or an array of NumPy as Python's, for what users put into a config."""
    # A longdouble, which is longer, stays one in a list.
    is_numpy = isinstance(value, np.generic | np.ndarray)
    if is_numpy and value.dtype.kind in "biuf" and value.dtype.itemsize <= _FLOAT_BYTES:
        return value.tolist()
    raise TypeError(f"numbers must be values that JSON can hold, got {value!r}")


def read(
    path: str | Path,
    kind: str,
    like: Mapping[str, NDArray[Any]],
    may_have: Mapping[str, NDArray[Any]] | None = None,
    check: Callable[[dict[str, Any]], None] | None = None,
) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and numbers of a checkpoint.

    Args:
        path: the file.
        kind: the optimizer it must belong to.
        like: arrays with the names, shapes and dtypes that it must have.
        may_have: arrays that it may have beside them.
        check: raises CheckpointError for numbers that explain other arrays.

    Raises:
        OSError: there is no such file, or ``path`` is a folder, a pipe or a device.
        CheckpointError: it is damaged, no checkpoint, or of another kind, or its arrays differ.
    """
    from safetensors import SafetensorError, safe_open

    # First, because a pipe or a device might never end.
    check_file(path)
    allowed = {**like, **(may_have or {})}
    most = sum(array.nbytes for array in allowed.values()) + _LONGEST_HEADER
    size = Path(path).stat().st_size
    # Before it is read, because a file with holes may be larger than any memory.
    if size > most:
        raise CheckpointError(
            f"path must be a checkpoint of {kind} with at most {most} bytes, for the arrays of "
            f"this one, got {size} bytes: {str(path)!r}"
        )
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            # The file is no dict: it has keys() but cannot be iterated.
            names = file.keys()
            arrays = {name: file.get_tensor(name) for name in names}
        found_kind = metadata["kind"]
        numbers = json.loads(metadata["numbers"])
        digest = _digest(found_kind, metadata["numbers"], arrays)
        unchanged = metadata["sha256"] == digest
    # An AttributeError or TypeError where NumPy lacks a dtype, as bfloat16.
    except (
        SafetensorError,
        KeyError,
        ValueError,
        RecursionError,
        AttributeError,
        TypeError,
    ) as error:
        raise CheckpointError(
            f"path must be a whole checkpoint of adamref, got {str(path)!r}: {error}"
        ) from None
    if not unchanged:
        raise CheckpointError(
            f"path must be a whole checkpoint of adamref, got {str(path)!r}, "
            "in which bits have changed"
        )
    if not isinstance(numbers, dict):
        raise CheckpointError(
            f"path must be a checkpoint with an object of numbers, got {numbers!r}: {str(path)!r}"
        )
    if found_kind != kind:
        raise CheckpointError(
            f"path must be a checkpoint of {kind}, got a checkpoint of {found_kind}: {str(path)!r}"
        )
    if check is not None:
        check(numbers)
    # Last, because the names of another kind's arrays would explain less than its kind.
    check_arrays(arrays, {name: allowed[name] for name in allowed if name in {*like, *arrays}})
    return arrays, numbers


def _digest(kind: str, numbers: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of everything in a checkpoint."""
    sha256 = hashlib.sha256(json.dumps([kind, numbers]).encode())
    # Sorted, because safetensors may return the arrays in another order than they were given.
    for name in sorted(arrays):
        array = arrays[name]
        sha256.update(json.dumps([name, array.dtype.str, list(array.shape)]).encode())
        # A view, because a copy of a large table would double the memory.
        sha256.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return sha256.hexdigest()


def check_arrays(arrays: Mapping[str, NDArray[Any]], like: Mapping[str, NDArray[Any]]) -> None:
    """Raise CheckpointError unless ``arrays`` have the names, shapes and dtypes of ``like``."""
    missing = like.keys() - arrays.keys()
    surplus = arrays.keys() - like.keys()
    for verb, names in (("lacks", missing), ("also has", surplus)):
        if names:
            raise CheckpointError(
                f"a checkpoint must have the arrays {_join(like)}; it {verb} {_join(names)}"
            )
    for name, wanted in like.items():
        got = arrays[name]
        if (got.shape, got.dtype) != (wanted.shape, wanted.dtype):
            raise CheckpointError(
                f"{name} of a checkpoint must be {wanted.dtype} in shape {wanted.shape}, "
                f"got {got.dtype} in shape {got.shape}"
            )


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
