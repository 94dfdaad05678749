"""Vector files: read from the package or a folder, after their checksums and forms are checked."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, overload

from .reading import read_vector
from .relations import objection
from .spec import Entry
from .suite import ListedConvention, Suite
from .vector import Vector

# The most numbers that the vectors of a folder may have together; those of the package have 2^25.5.
MOST = 2**28
# The files of a manifest that are not topics.
_NO_TOPICS = ("MANIFEST.json", "schema.json", "conventions.json", "flags.json", "quick.json")
# The most characters of another's message, or of a file, that a message of ours repeats.
_LONGEST_QUOTE = 300
_LONGEST_SHAPES = 100


class VectorError(Exception):
    """A vector file that cannot be trusted; the message says which, why, and what to do."""


def default_directory() -> Path:
    """Return the folder of the packaged vectors, or of the checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "_vectors"
    return packaged if packaged.is_dir() else package.parent / "vectors"


def load(directory: Path | None = None) -> Suite:
    """Read and verify every vector of ``directory``; None means the packaged vectors.

    Raises:
        VectorError: a file is missing, unreadable, or does not have the checksum of
            MANIFEST.json. Also, in a folder of the user's: a file does not fit the schema, a
            vector contradicts itself, or the vectors would fill the memory.
    """
    contents = dict(_read_verified(directory or default_directory()))
    topics = {name: content for name, content in contents.items() if name not in _NO_TOPICS}
    if directory is not None:
        _validate(topics)
    entries = [entry for content in topics.values() for entry in content["vectors"]]
    vectors: Sequence[Vector] = _Unread(entries)
    if directory is not None:
        _limit(entries)
        vectors = [_read_whole(entry) for entry in entries]
    try:
        return _suite(contents, vectors)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise VectorError(
            f"conventions.json must name conventions and arithmetics, but {error!r}"
        ) from None


def _suite(contents: dict[str, dict[str, Any]], vectors: Sequence[Vector]) -> Suite:
    listed = contents["conventions.json"]
    conventions = {}
    for name, fields in listed["conventions"].items():
        conventions[name] = ListedConvention(name, **fields)
    return Suite(
        version=str(contents["MANIFEST.json"]["version"]),
        vectors=vectors,
        conventions=conventions,
        axes=dict(listed["axes"]),
        arithmetics=dict(listed["arithmetics"]),
        # Folders from before there was a level quick have no such file.
        quick=frozenset(contents.get("quick.json", {}).get("ids", ())),
    )


def _validate(topics: dict[str, dict[str, Any]]) -> None:
    """Raise VectorError unless every topic file fits our schema.

    The schema of the folder is not used, because a schema is turned into code.
    """
    # Imported here, because the packaged vectors need no validation.
    import fastjsonschema

    valid = fastjsonschema.compile(json.loads(_read(default_directory() / "schema.json")))
    for name, content in topics.items():
        try:
            valid(content)
        except fastjsonschema.JsonSchemaException as error:
            reason = error.message[:_LONGEST_QUOTE]
            raise VectorError(f"{name} does not fit schema.json: {reason}") from None


class _Unread(Sequence[Vector]):
    """The vectors of a package, read when the first is used: to list conventions takes none."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    @cached_property
    def _vectors(self) -> list[Vector]:
        vectors = [read_vector(entry) for entry in self._entries]
        self._entries = []
        return vectors

    @overload
    def __getitem__(self, index: int) -> Vector: ...
    @overload
    def __getitem__(self, index: slice) -> list[Vector]: ...
    def __getitem__(self, index: int | slice) -> Vector | list[Vector]:
        return self._vectors[index]

    def __len__(self) -> int:
        return len(self._vectors)

    def __iter__(self) -> Iterator[Vector]:
        return iter(self._vectors)


def _limit(entries: list[Entry]) -> None:
    """Raise VectorError if the arrays of the vectors have too many numbers in their shapes.

    No array is made here, because a file of a few bytes can ask for terabytes.
    """
    total = 0
    for entry in entries:
        elements = sum(prod(shape) for shape in entry["shapes"])
        rows = len(entry["steps"]) + entry.get("cycle", 0)
        for answer in entry["answers"]:
            rows += sum(len(grid) for grid in answer.values() if isinstance(grid, list))
        total += elements * rows
        if total > MOST:
            shapes = str(entry["shapes"])[:_LONGEST_SHAPES]
            raise VectorError(
                f"vectors must have at most {MOST} numbers together, elements times calls and "
                f"answers, but have more with {entry['id']}, of shapes {shapes}; make it smaller"
            )


def _read_whole(entry: Entry) -> Vector:
    """Read a vector, and raise VectorError unless its relation, calls and answers fit it."""
    try:
        vector = read_vector(entry)
        wrong = objection(vector) or _misfit(vector)
    except (ValueError, TypeError) as error:  # a TypeError where a count is written as 3.0
        wrong = str(error)
    if wrong:
        raise VectorError(f"vector {entry['id']} contradicts itself: {wrong}")
    return vector


def _misfit(vector: Vector) -> str:
    """Return what does not fit, or an empty string; raise ValueError if arrays do not."""
    calls = len(vector.inputs.calls)
    if not all(0 < call <= calls for call in vector.after):
        return f"after must name calls from 1 to {calls}, got {list(vector.after)}"
    for answer in vector.answers:
        if any(rows != len(vector.after) for rows in answer.row_counts()):
            return "an answer must have a row for each call in after"
        # Decoding raises if an array does not fit.
        _ = answer.intervals
    return ""


def _read_verified(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and content of the manifest, then of every file that it lists."""
    manifest = _parse("MANIFEST.json", _read(folder / "MANIFEST.json"))
    yield "MANIFEST.json", manifest
    sums = manifest.get("sha256")
    if not isinstance(sums, dict) or "conventions.json" not in sums or "schema.json" not in sums:
        raise VectorError(
            "MANIFEST.json must list the checksums of all files under sha256; restore it"
        )
    # A file that is not listed would be a vector that no checksum protects.
    unlisted = {path.name for path in folder.glob("*.json")} - set(sums) - {"MANIFEST.json"}
    if unlisted:
        raise VectorError(
            f"{min(unlisted)} is not in MANIFEST.json; remove it, or use an unchanged copy"
        )
    for name, expected in sums.items():
        # No path that leads out of the folder.
        if Path(name).name != name:
            raise VectorError(f"MANIFEST.json must list plain file names, got {name!r}")
        content = _read(folder / name)
        _check_sum(name, content, expected)
        yield name, _parse(name, content)


def _check_sum(name: str, content: bytes, expected: str) -> None:
    checksum = hashlib.sha256(content).hexdigest()
    if checksum != expected:
        # Twelve digits are enough to compare by eye.
        raise VectorError(
            f"{name} must have the checksum {expected[:12]}... of MANIFEST.json, "
            f"got {checksum[:12]}...; it was changed or cut off: use an unchanged copy "
            "(`adamref vectors copy DIR` writes one)"
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VectorError(
            f"{path} cannot be read: {error.strerror}; name a folder with --vectors"
        ) from None


def _parse(name: str, content: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise VectorError(f"{name} must be JSON, got {error}") from None
    if not isinstance(parsed, dict):
        raise VectorError(f"{name} must be a JSON object, got {type(parsed).__name__}")
    return parsed
