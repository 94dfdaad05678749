"""Vector files: read from the package or from a folder, checksums first, and refused unless they make sense."""

import hashlib
import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from .relations import objection
from .suite import Named, Suite
from .vector import Vector

# The most numbers that the vectors of a folder may ask for together; the ones that ship have 2^25.5.
MOST = 2**28
# What MANIFEST.json lists beside topic files.
_NO_TOPICS = ("MANIFEST.json", "schema.json", "conventions.json", "flags.json", "quick.json")


class VectorError(Exception):
    """A vector file that cannot be trusted; the message says which, why, and what to do."""


def default_directory() -> Path:
    """The packaged vectors, or those beside the checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "_vectors"
    return packaged if packaged.is_dir() else package.parent / "vectors"


def load(directory: Path | None = None) -> Suite:
    """Read and verify every vector of ``directory``; None is the ones that ship with the package.

    Raises:
        VectorError: a file is missing, unreadable, does not have the checksum of MANIFEST.json, or, in a folder of the
            user's, does not fit the schema, does not hold together, or would fill the memory.
    """
    contents = dict(_verified(directory or default_directory()))
    topics = {name: content for name, content in contents.items() if name not in _NO_TOPICS}
    if directory is not None:
        _validate(topics)
    vectors = [
        Vector(content["topic"], entry)
        for content in topics.values()
        for entry in content["vectors"]
    ]
    if directory is not None:
        _limit(vectors)
        for vector in vectors:
            _decode(vector)
    named = contents["conventions.json"]
    try:
        conventions = {name: Named(name, **one) for name, one in named["conventions"].items()}
        version, axes, arithmetics = (
            str(contents["MANIFEST.json"]["version"]),
            named["axes"],
            named["arithmetics"],
        )
        quick = frozenset(contents.get("quick.json", {}).get("ids", ()))
        return Suite(version, vectors, conventions, dict(axes), dict(arithmetics), quick)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise VectorError(
            f"conventions.json must name conventions and arithmetics, but {error!r}"
        ) from None


def _validate(topics: dict[str, dict[str, Any]]) -> None:
    """Raise VectorError unless every topic file fits the schema: ours, for a schema is turned into code."""
    import fastjsonschema

    valid = fastjsonschema.compile(json.loads(_read(default_directory() / "schema.json")))
    for name, content in topics.items():
        try:
            valid(content)
        except fastjsonschema.JsonSchemaException as error:
            raise VectorError(f"{name} does not fit schema.json: {error.message[:300]}") from None


def _limit(vectors: list[Vector]) -> None:
    """Raise VectorError if the arrays of ``vectors``, repeated to their shapes, are too many; none is made here."""
    total = 0
    for vector in vectors:
        entry = vector.entry
        rows = sum(
            len(grid)
            for answer in entry["answers"]
            for grid in answer.values()
            if isinstance(grid, list)
        )
        total += sum(map(prod, entry["shapes"])) * (
            len(entry["steps"]) + entry.get("cycle", 0) + rows
        )
        if total > MOST:
            raise VectorError(
                f"vectors must have at most {MOST} numbers together, elements times calls and answers, but have more "
                f"with {vector.id}, of shapes {str(entry['shapes'])[:100]}; make it smaller"
            )


def _decode(vector: Vector) -> None:
    """Raise VectorError unless the arrays of ``vector`` fit its shapes and its answers its calls."""
    try:
        wrong = objection(vector) or _misfit(vector)
    except (ValueError, TypeError) as error:  # a TypeError where a count is written as 3.0
        wrong = str(error)
    if wrong:
        raise VectorError(f"vector {vector.id} does not hold together: {wrong}")


def _misfit(vector: Vector) -> str:
    """What does not fit, or an empty string; ValueError if arrays do not."""
    _ = vector.params, vector.calls, vector.load
    numeric = [answer for answer in vector.answers if answer.of != "calls"]
    rows = [
        grid
        for a in numeric
        for grid in (a.lo, a.hi, a.offset, a.bound, a.classes)
        if grid is not None
    ]
    if any(len(grid) != len(vector.after) for grid in rows):
        return "an answer must have a row for each call in after"
    if not all(0 < call <= len(vector.calls) for call in vector.after):
        return f"after must name calls from 1 to {len(vector.calls)}, got {vector.after}"
    return ""


def _verified(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of every file that the manifest lists, and the manifest itself."""
    manifest = _json("MANIFEST.json", _read(folder / "MANIFEST.json"))
    yield "MANIFEST.json", manifest
    sums = manifest.get("sha256")
    if not isinstance(sums, dict) or "conventions.json" not in sums or "schema.json" not in sums:
        raise VectorError(
            "MANIFEST.json must list the checksums of all files under sha256; restore it"
        )
    unlisted = {path.name for path in folder.glob("*.json")} - set(sums) - {"MANIFEST.json"}
    if unlisted:
        raise VectorError(
            f"{sorted(unlisted)[0]} is not in MANIFEST.json; remove it, or use an unchanged copy"
        )
    for name, expected in sums.items():
        if Path(name).name != name:
            raise VectorError(f"MANIFEST.json must list plain file names, got {name!r}")
        content = _read(folder / name)
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise VectorError(
                f"{name} must have the checksum {expected[:12]}... of MANIFEST.json, got {found[:12]}...; "
                "it was changed or cut off: use an unchanged copy (`adamref vectors copy DIR` writes one)"
            )
        yield name, _json(name, content)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VectorError(
            f"{path} cannot be read: {error.strerror}; name a folder with --vectors"
        ) from None


def _json(name: str, content: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise VectorError(f"{name} must be JSON, got {error}") from None
    if not isinstance(parsed, dict):
        raise VectorError(f"{name} must be a JSON object, got {type(parsed).__name__}")
    return parsed
