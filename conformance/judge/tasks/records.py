"""Records: a run as JSON has it, with the bits of every array."""

import base64
import hashlib
import sys
import zlib
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ...subject.messages import text_or
from ...subject.program.program import Program
from ...subject.subject import Subject
from ...trial.events import Snapshot
from ...trial.outcomes import Cause, Detail, RunStatus
from ...trial.run import Run
from ...vectors.vector import Vector
from ...vectors.words import Array

# Moments may be wider than any parameter.
_DTYPES = ("bfloat16", "float16", "float32", "float64", "longdouble", "float128")
# Arrays of more bytes are compressed; large vectors repeat few numbers.
_LARGE = 256
# Digits of a hash that tells the versions of a file apart.
_DIGITS = 12


def version_of_code(subject: Subject) -> str:
    """Return the version of a subject, and a hash of the file that it is written in.

    Of a program, the hash is that of all files that its command names.
    """
    if isinstance(subject.make, Program):
        return f"{subject.version} {subject.make.digest()[:_DIGITS]}".strip()
    module = sys.modules.get(text_or("", lambda: subject.make.__module__))
    file = getattr(module, "__file__", None)
    digits = ""
    if isinstance(file, str) and Path(file).is_file():
        digits = hashlib.sha256(Path(file).read_bytes()).hexdigest()[:_DIGITS]
    return f"{subject.version} {digits}".strip()


def encode_run(run: Run) -> dict[str, Any] | None:
    """Return a run as JSON has it; None if it has arrays that are not kept."""
    try:
        return {
            "status": run.status.value,
            "cause": list(run.cause),
            "snapshots": _encode_all(run.snapshots, _encode_snapshot),
            "raised": _encode_all(run.raised, list),
            "related": _encode_all(run.related, _encode_snapshot),
            "lacks": sorted(run.lacks),
            "storages": dict(run.storages),
        }
    except _UnknownArray:
        return None


def decode_run(record: Any, vector: Vector) -> Run:
    """Return the run of a vector from its record.

    Raises:
        ValueError: it is no record of a run of this vector.
    """
    try:
        return Run(
            vector=vector,
            status=RunStatus(record["status"]),
            cause=_decode_cause(record["cause"]),
            snapshots=_decode_snapshots(record["snapshots"], vector),
            raised={int(call): _decode_cause(one) for call, one in record["raised"].items()},
            related=_decode_snapshots(record["related"], vector),
            lacks=frozenset(map(str, record["lacks"])),
            storages={str(dtype): str(kept) for dtype, kept in record["storages"].items()},
        )
    except (KeyError, TypeError, AttributeError, IndexError, zlib.error) as error:
        raise ValueError(f"a run must have all its fields, got {error!r}") from None


class _UnknownArray(Exception):
    """An array whose format is not kept."""


def _encode_all(by_call: Mapping[int, Any], encode: Callable[[Any], Any]) -> dict[str, Any]:
    # The keys of an object are texts.
    return {str(call): encode(one) for call, one in by_call.items()}


def _encode_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    held: dict[str, Any] = {"params": snapshot.params, **snapshot.slots}
    return {name: list(map(_encode_array, arrays)) for name, arrays in held.items()}


def _encode_array(array: Array | None) -> Any:
    if array is None:
        return None
    if array.dtype.name not in _DTYPES:
        raise _UnknownArray
    # In the byte order of this machine, whatever the subject returned.
    bits = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).tobytes()
    if len(bits) <= _LARGE:
        return [array.dtype.name, list(array.shape), bits.hex()]
    packed = base64.b64encode(zlib.compress(bits, 1)).decode()
    return [array.dtype.name, list(array.shape), packed, "zlib"]


def _decode_snapshots(record: Mapping[str, Any], vector: Vector) -> dict[int, Snapshot]:
    shapes = [param.shape for param in vector.params]
    snapshots = {}
    for call, held in record.items():
        slots = {}
        for name, arrays in held.items():
            pairs = zip(arrays, shapes, strict=True)
            slots[str(name)] = [_decode_array(one, shape) for one, shape in pairs]
        params = [array for array in slots.pop("params") if array is not None]
        snapshots[int(call)] = Snapshot(params, slots)
    return snapshots


def _decode_array(record: Any, shape: tuple[int, ...]) -> Array | None:
    if record is None:
        return None
    name, listed, text, *packed = record
    # Before any memory is taken for it.
    if name not in _DTYPES or tuple(listed) != shape:
        raise ValueError(f"an array must have shape {list(shape)}, got {name} {listed}")
    dtype = np.dtype(name)
    size = prod(shape) * dtype.itemsize
    if packed:
        bits = zlib.decompressobj().decompress(base64.b64decode(text), size + 1)
    else:
        bits = bytes.fromhex(text)
    if len(bits) != size:
        raise ValueError(f"an array of {size} bytes must have them all, got {len(bits)}")
    return np.frombuffer(bits, dtype).reshape(shape).copy()


def _decode_cause(record: Any) -> Cause:
    message, place, detail = record
    return Cause(str(message), str(place), None if detail is None else Detail(detail))
