"""JSON lines of an earlier run: read again, and refused unless whole and right by the schema."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..process import strict_json
from ..process.regular_file import UnreadableFile, read_regular
from .text import printable

SCHEMA = Path(__file__).with_name("report.schema.json")
# A run of all shipped subjects has 2^22 bytes.
_MOST_BYTES = 2**28
# How much of a message and of a value is shown.
_MESSAGE_LENGTH = 200
_VALUE_LENGTH = 100

Entry = dict[str, Any]


class RecordError(Exception):
    """A file that is no report; the message says which line, why, and what to do."""


class Recorded(NamedTuple):
    """One run, as its file has it.

    Fields:
        header: the first line.
        subjects: name -> its line, of the subjects that were judged.
        errors: name -> its line, of the subjects that could not be loaded.
        vectors: subject -> id -> its line.
    """

    header: Entry
    subjects: dict[str, Entry]
    errors: dict[str, Entry]
    vectors: dict[str, dict[str, Entry]]

    def vectors_of(self, subject: str) -> dict[str, Entry]:
        return self.vectors.get(subject, {})


def read(path: Path) -> Recorded:
    """Return the run that is recorded in ``path``.

    Raises:
        RecordError: it cannot be read, a line does not fit the schema, or the file was cut off.
    """
    try:
        lines = read_regular(path, _MOST_BYTES).decode().split("\n")
    except (UnreadableFile, UnicodeDecodeError) as error:
        raise RecordError(f"{path} cannot be read: {error}") from None
    # After the last line break there must be nothing. A file that was cut off ends in a part of
    # a line.
    if lines.pop():
        raise RecordError(
            f"{path} must end with a whole line, but was cut off in line {len(lines) + 1}; "
            "write it anew"
        )
    recorded = Recorded({}, {}, {}, {})
    check_schema = _schema_check()
    for number, line in enumerate(lines, 1):
        try:
            entry = strict_json.parse(line)
            check_schema(entry)
            _enter(recorded, entry)
        except ValueError as error:
            raise RecordError(
                f"{path} line {number}: {error}; write it anew with this version"
            ) from None
    if not recorded.header:
        raise RecordError(f"{path} must begin with a header, but is empty; write it anew")
    # The line of a subject follows its vectors: without it the run ended too early.
    if unfinished := recorded.vectors.keys() - recorded.subjects.keys():
        raise RecordError(
            f"{path} must have a line of type subject for {min(unfinished)[:_VALUE_LENGTH]!r}; "
            "write it anew"
        )
    return recorded


@cache
def _schema_check() -> Callable[[object], None]:
    """Return a function that raises ValueError unless an entry fits the schema."""
    import fastjsonschema

    # It compiles the schema to code, which is safe because the schema is ours.
    validate = fastjsonschema.compile(json.loads(SCHEMA.read_text("utf-8")))

    def check_schema(entry: object) -> None:
        try:
            validate(entry)
        except fastjsonschema.JsonSchemaValueException as error:
            # The file may hold what a terminal would obey.
            message = printable(error.message[:_MESSAGE_LENGTH])
            value = str(error.value)[:_VALUE_LENGTH]
            raise ValueError(f"{message}, got {value!r}") from None

    return check_schema


def _enter(recorded: Recorded, entry: Entry) -> None:
    """Put an entry in its place, which must be free."""
    kind = entry["type"]
    if (kind == "header") == bool(recorded.header):
        raise ValueError(f"the header must be the first line and no other, got {kind!r}")
    if kind == "header":
        recorded.header.update(entry)
        return
    name = entry["subject"]
    if kind == "vector":
        key = entry["id"]
        place = recorded.vectors.setdefault(name, {})
    else:
        key = name
        place = recorded.subjects if kind == "subject" else recorded.errors
    if key in place:
        shown = key[:_VALUE_LENGTH]
        raise ValueError(f"a line of type {kind} must stand once for each, got {shown!r} again")
    place[key] = entry
