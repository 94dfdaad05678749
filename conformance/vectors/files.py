"""Vector files: read from the package or a folder, after their checksums and forms are checked."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

from ..process import strict_json
from ..process.regular_file import UnreadableFile, read_regular
from .reading import UnreadVectors, read_checked
from .spec import Entry
from .suite import ListedConvention, Suite, contradiction, schema_of_conventions
from .vector import Vector

# The most numbers that the vectors of a folder may have together; those of the package have 2^25.5.
MOST = 2**28
# The most bytes that the files of a folder may have together; those of the package have 2^23.1.
_MOST_BYTES = 2**27
# The files of a folder that are not topics; by the first of them nothing is judged.
_UNJUDGED = ("MANIFEST.json", "schema.json", "flags.json", "learn.json")
_NO_TOPICS = (*_UNJUDGED, "conventions.json", "quick.json")
_QUICK_SCHEMA = {
    "required": ["ids"],
    "properties": {"ids": {"type": "array", "items": {"type": "string"}}},
}
# The most characters of another's message, or of a file, that a message of ours repeats.
_LONGEST_QUOTE = 300
_LONGEST_SHAPES = 100

Content = dict[str, Any]
Contents = dict[str, Content]
Parse = Callable[[str, bytes], Content]


class VectorError(Exception):
    """A vector file that cannot be trusted; the message says which, why, and what to do."""


def default_directory() -> Path:
    """Return the folder of the packaged vectors, or of the checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "_vectors"
    return packaged if packaged.is_dir() else package.parent / "vectors"


def load(directory: Path | None = None) -> Suite:
    """Read and verify every vector of ``directory``; None means the packaged vectors.

    The packaged ones are read once in a process.

    Raises:
        VectorError: a file is missing, unreadable, or does not have the checksum of
            MANIFEST.json. Also, in a folder of the user's: a file does not fit the schema, a
            vector or a convention contradicts itself, or the vectors would fill the memory.
    """
    if directory is None:
        return _shipped_suite()
    contents = dict(_read_verified(directory, _parse_strictly))
    for name, content in contents.items():
        _check_content(name, content)
    _check_conventions(contents["conventions.json"]["conventions"])
    entries = _entries(contents)
    _check_ids(entries)
    _limit(entries)
    return _suite(contents, [_read_whole(entry) for entry in entries])


# A suite is never changed, and remembers the answers that it has decoded.
@cache
def _shipped_suite() -> Suite:
    contents = dict(_read_verified(default_directory(), _parse))
    return _suite(contents, UnreadVectors(_entries(contents)))


def _entries(contents: Contents) -> list[Entry]:
    """Return the vectors of all topics."""
    entries: list[Entry] = []
    for name, content in contents.items():
        if name not in _NO_TOPICS:
            entries += content["vectors"]
    return entries


def _suite(contents: Contents, vectors: Sequence[Vector]) -> Suite:
    listed = contents["conventions.json"]
    conventions = {}
    for name, fields in listed["conventions"].items():
        conventions[name] = ListedConvention(name, **fields)
    return Suite(
        version=contents["MANIFEST.json"]["version"],
        vectors=vectors,
        conventions=conventions,
        axes=dict(listed["axes"]),
        arithmetics=dict(listed["arithmetics"]),
        # Folders from before there was a level quick have no such file.
        quick=frozenset(contents.get("quick.json", {}).get("ids", ())),
    )


def _check_content(name: str, content: Content) -> None:
    """Raise VectorError unless a file of a folder fits our schema for it.

    The schema of the folder is not used, because a schema is turned into code.
    """
    import fastjsonschema

    schemas = _schemas()
    try:
        schemas.get(name, schemas["topic"])(content)
    except fastjsonschema.JsonSchemaException as error:
        raise VectorError(f"{name} does not fit schema.json: {_quote(error.message)}") from None


@cache
def _schemas() -> dict[str, Callable[[object], object]]:
    """Return for each name of a file the function that raises unless a content fits."""
    # Imported here, because the packaged vectors need no validation.
    import fastjsonschema

    shipped = default_directory()
    axes = _parse("conventions.json", _read(shipped / "conventions.json"))["axes"]
    schemas: dict[str, Any] = {
        "topic": _parse("schema.json", _read(shipped / "schema.json")),
        "conventions.json": schema_of_conventions(axes),
        "quick.json": _QUICK_SCHEMA,
        **{name: {} for name in _UNJUDGED},
    }
    return {name: fastjsonschema.compile(schema) for name, schema in schemas.items()}


def _check_conventions(conventions: dict[str, Content]) -> None:
    for name, fields in conventions.items():
        if excluded := contradiction(fields["axes"]):
            raise VectorError(
                f"conventions.json must have values that go together, but {name} has {excluded}"
            )


def _check_ids(entries: list[Entry]) -> None:
    known: set[str] = set()
    for entry in entries:
        name = entry["id"]
        if name in known:
            raise VectorError(f"an id must stand for one vector, got {name} twice; rename one")
        known.add(name)


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
    try:
        return read_checked(entry)
    except (ValueError, TypeError, IndexError) as error:
        raise VectorError(
            f"vector {entry['id']} contradicts itself: {_quote(str(error))}"
        ) from None


def _read_verified(folder: Path, parse: Parse) -> Iterator[tuple[str, Content]]:
    """Yield name and content of the manifest, then of every file that it lists."""
    left = _MOST_BYTES
    manifest = parse("MANIFEST.json", _read_inside(folder, "MANIFEST.json", left))
    yield "MANIFEST.json", manifest
    sums = _checksums_of(manifest)
    # A file that is not listed would be a vector that no checksum protects.
    unlisted = {path.name for path in folder.glob("*.json")} - set(sums) - {"MANIFEST.json"}
    if unlisted:
        raise VectorError(
            f"{_quote(min(unlisted))} is not in MANIFEST.json; remove it, or use an unchanged copy"
        )
    for name, expected in sums.items():
        # No path that leads out of the folder.
        if Path(name).name != name:
            raise VectorError(f"MANIFEST.json must list plain file names, got {_show(name)}")
        content = _read_inside(folder, name, left)
        left -= len(content)
        _check_sum(name, content, expected)
        yield name, parse(name, content)


def _checksums_of(manifest: Content) -> dict[str, str]:
    """Return name -> checksum of the files of a folder."""
    version = manifest.get("version")
    if not isinstance(version, str):
        raise VectorError(f"MANIFEST.json must have a version, a text, got {_show(version)}")
    sums = manifest.get("sha256")
    if not isinstance(sums, dict) or "conventions.json" not in sums or "schema.json" not in sums:
        raise VectorError(
            "MANIFEST.json must list the checksums of all files under sha256; restore it"
        )
    for name, checksum in sums.items():
        if not isinstance(checksum, str):
            raise VectorError(
                f"MANIFEST.json must have a text as the checksum of {_show(name)}, "
                f"got {_show(checksum)}; restore it"
            )
    return sums


def _check_sum(name: str, content: bytes, expected: str) -> None:
    checksum = hashlib.sha256(content).hexdigest()
    if checksum != expected:
        # Twelve digits are enough to compare by eye.
        raise VectorError(
            f"{name} must have the checksum {expected[:12]}... of MANIFEST.json, "
            f"got {checksum[:12]}...; it was changed or cut off: use an unchanged copy "
            "(`adamref vectors copy DIR` writes one)"
        )


def _read_inside(folder: Path, name: str, most: int) -> bytes:
    """Return the content of a file in a folder, which must be no link that leads out of it.

    Messages quote what is read, and a folder from a stranger must not choose what that is. The
    packaged folder may be made of links, as some package managers do.
    """
    path = folder / name
    content = _read(path, most)
    leads_out = path.resolve().parent != folder.resolve()
    if leads_out and folder != default_directory():
        raise VectorError(
            f"{_quote(name)} must be a file in the folder of the vectors, but is a link out of it; "
            "copy the file"
        )
    return content


def _read(path: Path, most: int = _MOST_BYTES) -> bytes:
    try:
        return read_regular(path, most)
    except UnreadableFile as error:
        raise VectorError(
            f"{_quote(str(path))} cannot be read: {error}; name a folder with --vectors"
        ) from None


def _parse(name: str, content: bytes) -> Content:
    """Return the content of a file of the package, whose checksums are our own."""
    try:
        return _object(name, json.loads(content))
    except (ValueError, RecursionError) as error:
        raise VectorError(f"{name} must be JSON, got {error}") from None


def _parse_strictly(name: str, content: bytes) -> Content:
    """Return the content of a file of the user's, which must have counts and printable texts."""
    try:
        parsed = strict_json.parse(content.decode(), counts_only=True)
    except ValueError as error:
        raise VectorError(f"{_quote(name)} must be JSON, got {error}") from None
    for text in strict_json.texts_of(parsed):
        # Whatever is printed later can then be printed, and does nothing else to a terminal.
        if not text.isprintable():
            raise VectorError(f"{_quote(name)} must have printable texts, got {_show(text)}")
    return _object(name, parsed)


def _object(name: str, parsed: object) -> Content:
    if not isinstance(parsed, dict):
        raise VectorError(f"{_quote(name)} must be a JSON object, got {type(parsed).__name__}")
    return parsed


def _show(value: object) -> str:
    return repr(value)[:_LONGEST_QUOTE]


def _quote(text: str) -> str:
    """Return another's words, short and without what a terminal would obey."""
    return "".join(map(_visible, text[:_LONGEST_QUOTE]))


def _visible(letter: str) -> str:
    return letter if letter.isprintable() else "?"
