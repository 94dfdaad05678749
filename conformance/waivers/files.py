"""Waivers files: TOML read into waivers, and refused unless every waiver makes sense."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from sys import float_info
from typing import Any, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..process.regular_file import UnreadableFile, read_regular
from ..process.strict_json import texts_of
from ..trial.outcomes import Failure
from .waiver import MEASURED, Waiver, WaiverError

SHIPPED = Path(__file__).parents[1] / "subjects" / "waivers.toml"
# topic.dtype.name, where * stands for a whole part.
_ID = re.compile(r"(\*|[a-z0-9-]+)(\.(\*|[a-z0-9-]+)){2}")
# Thousands of waivers. TOML takes a second to read for each megabyte.
_MOST_BYTES = 2**21
# A key a.a.a takes the parser time by the square of its parts.
_MOST_DOTS = 100
# Longer values are cut in messages.
_LONGEST_SHOWN = 80


def load(path: Path) -> tuple[Waiver, ...]:
    """Return the waivers of a file.

    Raises:
        WaiverError: the file cannot be read, is not TOML, or holds a waiver that is incomplete or
            makes no sense.
    """
    return parse(read(path), str(path))


def read(path: Path) -> str:
    """Return the text of a waivers file, with its line ends unchanged."""
    try:
        return read_regular(path, _MOST_BYTES).decode()
    except UnreadableFile as error:
        way_out = "; `adamref waivers update` writes a first one" if error.missing else ""
        raise WaiverError(f"{path} cannot be read: {error}{way_out}") from None
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise WaiverError(f"{path} must be UTF-8, got byte {byte:#x} at {error.start}") from None


def parse(text: str, file: str, *, explained: bool = True) -> tuple[Waiver, ...]:
    """Return the waivers in the text of a file.

    Args:
        text: of the file.
        file: its name, for errors.
        explained: every waiver must have its reason; False while a person still writes it.

    Raises:
        WaiverError: the text is not TOML, or a waiver is incomplete or makes no sense.
    """
    waivers: list[Waiver] = []
    unexplained: list[str] = []
    for number, table in enumerate(tables_of(text, file), 1):
        # People count the waivers of a file from 1.
        try:
            waiver = _waiver_of(table, file)
            _check_alone(waiver, waivers)
        except WaiverError as error:
            key = "cause" if "cause" in table else "id"
            place = f"{file}: waiver {number} ({key} = {_show(table.get(key))})"
            raise WaiverError(f"{place}: {error}") from None
        waivers.append(waiver)
        if not waiver.reason.strip():
            unexplained.append(f"{number} ({waiver.cause or waiver.id})")
    # All of them at once, so that they can be written at once.
    if explained and unexplained:
        raise WaiverError(
            f"{file}: reason must say why it fails, and is empty in {len(unexplained)} of "
            f"{len(waivers)} waivers: {', '.join(unexplained)}; write it into {file}"
        )
    return tuple(waivers)


def tables_of(text: str, file: str) -> list[dict[str, Any]]:
    """Return the [[waiver]] tables of a file, unchecked."""
    if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise WaiverError(f"{file} must have at most {_MOST_DOTS} dots in a line, but has more")
    try:
        content = tomllib.loads(text)
        for _ in texts_of(content):
            # Only the depth is of interest: Python itself could not show what is deep.
            pass
    # Deeply nested arrays exhaust the parser's stack.
    except (ValueError, RecursionError) as error:
        raise WaiverError(f"{file} must be TOML: {error}") from None
    tables = content.pop("waiver", [])
    # A misspelt [[waivers]] would otherwise waive nothing, and nobody would notice.
    if content:
        other = next(iter(content))
        raise WaiverError(f"{file} must hold nothing but [[waiver]] tables, got {_show(other)}")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise WaiverError(
            f"{file} must begin each waiver with [[waiver]], got waiver = {_show(tables)}"
        )
    return tables


def _waiver_of(table: Mapping[str, Any], file: str) -> Waiver:
    _check_keys(table, _WAIVER_RULES, "a waiver")
    # Every value is checked by now; what is left are rules about several keys.
    values = dict(table)
    when = values.pop("when", {})
    _check_keys(when, _WHEN_RULES, "when")
    # A cause says which vectors fail, and how.
    needed = ("reason",) if "cause" in values else ("id", "failure", "reason")
    for key in needed:
        if key not in values:
            raise WaiverError(f"{key} must be given")
    failure = Failure(values.pop("failure")) if "failure" in values else None
    if "worst_ratio" in values and failure not in (None, *MEASURED):
        raise WaiverError(
            f"worst_ratio must be absent, because failure {failure} has no ratio; remove it"
        )
    version = SpecifierSet(when["version"]) if "version" in when else None
    device = when.get("device")
    return Waiver(**values, failure=failure, version=version, device=device, file=file)


def _check_keys(table: Mapping[str, Any], rules: Mapping[str, "_Rule"], name: str) -> None:
    """Raise WaiverError unless every key of a table has a rule, and its value obeys it."""
    for key, value in table.items():
        if key not in rules:
            close = get_close_matches(key, rules, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            known = ", ".join(rules)
            raise WaiverError(f"{name} must have no keys but {known}, got {_show(key)}{hint}")
        rule = rules[key]
        if not rule.holds(value):
            raise WaiverError(f"{key} must be {rule.words}, got {_show(value)}")


def _check_alone(waiver: Waiver, others: Iterable[Waiver]) -> None:
    """Raise WaiverError if another waiver speaks of the same failure."""
    for other in others:
        # Two globs are taken to overlap if one of them matches the other. That misses few pairs,
        # and refuses none that is apart.
        overlap = fnmatchcase(waiver.subject, other.subject) or fnmatchcase(
            other.subject, waiver.subject
        )
        if overlap and _place_of(waiver) == _place_of(other):
            raise WaiverError(
                "id must not be waived twice for one subject and one when; remove one of the two"
            )


def _place_of(waiver: Waiver) -> tuple[str, str, SpecifierSet | None, str | None]:
    return waiver.id, waiver.cause, waiver.version, waiver.device


def _show(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # hexadecimal numbers may be longer than Python shows
        text = f"{type(value).__name__} with a number of thousands of digits"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _is_text(value: Any) -> bool:
    """Return whether it is text without anything that could take control of a terminal."""
    return isinstance(value, str) and " ".join(value.split()).isprintable()


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_failure(value: Any) -> bool:
    return value in tuple(Failure)


def _is_ratio(value: Any) -> bool:
    # True is an int in Python, but no number in TOML.
    return type(value) in (int, float) and 1 <= value <= float_info.max


def _is_date(value: Any) -> bool:
    # A datetime is a date in Python.
    return type(value) is date


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_code(value: Any) -> bool:
    return isinstance(value, str)


def _is_specifier(value: Any) -> bool:
    # A list would be taken for one of specifiers, and fail when a version is compared.
    if not isinstance(value, str):
        return False
    try:
        return bool(str(SpecifierSet(value)))
    except InvalidSpecifier:
        return False


class _Rule(NamedTuple):
    """The rule for the value of a key, and the words for it in a message."""

    holds: Callable[[Any], bool]
    words: str


_TEXT = _Rule(_is_text, "printable text")
_WHEN_RULES = {
    "version": _Rule(_is_specifier, 'version specifiers, such as ">=2.0,<2.14"'),
    "device": _TEXT,
}
# The order is that of the message about an unknown key.
_WAIVER_RULES = {
    "id": _Rule(_is_id, "topic.dtype.name, where * stands for a whole one"),
    "cause": _TEXT,
    "subject": _TEXT,
    "failure": _Rule(_is_failure, f"one of {', '.join(Failure)}"),
    "worst_ratio": _Rule(_is_ratio, "a number from 1 on"),
    "reason": _TEXT,
    "link": _TEXT,
    "expires": _Rule(_is_date, "a date without a time, such as 2027-06-30"),
    "when": _Rule(_is_table, "a table with version, device, or both"),
    "reproduction": _Rule(_is_code, "lines of code"),
}
