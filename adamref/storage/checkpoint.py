"""Checkpoints: arrays and numbers in one safetensors file, from which nothing is ever executed."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from secrets import token_hex
from shutil import copymode
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class CheckpointError(ValueError):
    """A file that is no checkpoint, or one of something else."""


def write(
    path: str | Path, kind: str, arrays: Mapping[str, NDArray[Any]], numbers: Mapping[str, Any]
) -> None:
    """Write a checkpoint whole, or leave the file as it was.

    Args:
        path: the file. It is replaced in one move, after the new one is on the disk: a kill leaves the old one, and it
            may leave a hidden one beside it, which begins with a dot and its name.
        kind: of what it is; `read` asks for it.
        arrays: by name, of any shape and any dtype that safetensors has.
        numbers: what JSON can hold; floats come back bit for bit.

    Raises:
        OSError: the folder cannot be written to.
    """
    from safetensors.numpy import save

    contiguous = {
        name: np.ascontiguousarray(array).reshape(np.shape(array)) for name, array in arrays.items()
    }
    text = json.dumps(dict(numbers))
    content = save(
        contiguous, {"kind": kind, "numbers": text, "sha256": _digest(kind, text, contiguous)}
    )
    target = Path(path)
    beside = target.with_name(f".{target.name}.{token_hex(6)}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            copymode(target, beside)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def read(
    path: str | Path, kind: str, like: Mapping[str, NDArray[Any]]
) -> tuple[Arrays, dict[str, Any]]:
    """The arrays and numbers of a checkpoint.

    Args:
        path: the file.
        kind: what it must be of.
        like: arrays with the names, shapes and dtypes that it must have.

    Raises:
        OSError: there is no such file.
        CheckpointError: it is damaged, no checkpoint at all, not one of ``kind``, or its arrays are not ``like`` these.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it is no dict)
        found, numbers = metadata["kind"], json.loads(metadata["numbers"])
        whole = metadata["sha256"] == _digest(found, metadata["numbers"], arrays)
    except (SafetensorError, KeyError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"path must be a whole checkpoint of adamref, got {str(path)!r}: {error}"
        ) from None
    if not whole:
        raise CheckpointError(
            f"path must be a whole checkpoint of adamref, got {str(path)!r}, in which bits have changed"
        )
    if not isinstance(numbers, dict):
        raise CheckpointError(
            f"path must be a checkpoint with an object of numbers, got {numbers!r}: {str(path)!r}"
        )
    if found != kind:
        raise CheckpointError(
            f"path must be a checkpoint of {kind}, got one of {found}: {str(path)!r}"
        )
    check_arrays(arrays, like)
    return arrays, numbers


def _digest(kind: str, numbers: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """The SHA-256 of all that is in a checkpoint."""
    sha256 = hashlib.sha256(json.dumps([kind, numbers]).encode())
    for name in sorted(arrays):
        array = arrays[name]
        sha256.update(json.dumps([name, array.dtype.str, list(array.shape)]).encode())
        sha256.update(array.tobytes())
    return sha256.hexdigest()


def check_arrays(arrays: Mapping[str, NDArray[Any]], like: Mapping[str, NDArray[Any]]) -> None:
    """Raise CheckpointError unless ``arrays`` have the names, shapes and dtypes of ``like``."""
    for what, names in (
        ("lacks", like.keys() - arrays.keys()),
        ("has beside them", arrays.keys() - like.keys()),
    ):
        if names:
            raise CheckpointError(
                f"a checkpoint must have the arrays {_listed(like)}; it {what} {_listed(names)}"
            )
    for name, array in like.items():
        got = arrays[name]
        if (got.shape, got.dtype) != (array.shape, array.dtype):
            due = f"{array.dtype} in shape {array.shape}"
            raise CheckpointError(
                f"{name} of a checkpoint must be {due}, got {got.dtype} in shape {got.shape}"
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
