"""JSON lines that an earlier run has written: read, and refused unless they fit the schema and are whole."""

import json
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = Path(__file__).with_name("report.schema.json")

Entry = dict[str, Any]


class RecordError(Exception):
    """A file that is no report; the message says which line, why, and what to do."""


class Recorded(NamedTuple):
    """One run, as its file has it.

    Fields:
        header: the first line.
        subjects, errors: name -> its line, of those that were judged, and of those that could not be loaded.
        vectors: subject -> id -> its line.
    """

    header: Entry
    subjects: dict[str, Entry]
    errors: dict[str, Entry]
    vectors: dict[str, dict[str, Entry]]


def read(path: Path) -> Recorded:
    """The run that is recorded in ``path``.

    Raises:
        RecordError: it cannot be read, a line does not fit the schema, or the file was cut off.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    if lines.pop():
        raise RecordError(
            f"{path} must end with a whole line, but was cut off in line {len(lines) + 1}; write it anew"
        )
    recorded = Recorded({}, {}, {}, {})
    valid = _validator()
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line, parse_constant=_refused)
            valid(entry)
            _enter(recorded, entry)
        except (ValueError, RecursionError) as error:
            raise RecordError(
                f"{path} line {number}: {error}; write it anew with this version"
            ) from None
    if not recorded.header:
        raise RecordError(f"{path} must begin with a header, but is empty; write it anew")
    if unfinished := recorded.vectors.keys() - recorded.subjects.keys():
        raise RecordError(
            f"{path} must have a line of type subject for {min(unfinished)!r}; write it anew"
        )
    return recorded


def _validator() -> Any:
    """A function that raises ValueError unless an entry fits the schema: ours, for a schema is turned into code."""
    import fastjsonschema

    fits = fastjsonschema.compile(json.loads(SCHEMA.read_text("utf-8")))

    def valid(entry: object) -> None:
        try:
            fits(entry)
        except fastjsonschema.JsonSchemaValueException as error:
            raise ValueError(f"{error.message[:200]}, got {str(error.value)[:100]!r}") from None

    return valid


def _refused(constant: str) -> None:
    raise ValueError(f"a number must be finite, got {constant}")


def _enter(recorded: Recorded, entry: Entry) -> None:
    """Put an entry in its place, which must be free."""
    kind = entry["type"]
    if (kind == "header") == bool(recorded.header):
        raise ValueError(f"the header must be the first line and no other, got {kind!r}")
    if kind == "header":
        recorded.header.update(entry)
        return
    name = key = entry["subject"]
    place = {"subject": recorded.subjects, "error": recorded.errors}.get(kind)
    if place is None:
        place, key = recorded.vectors.setdefault(name, {}), entry["id"]
    if key in place:
        raise ValueError(f"a line of type {kind} must stand once for each, got {key!r} again")
    place[key] = entry
