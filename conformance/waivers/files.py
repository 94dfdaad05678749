"""Waivers: failures that are known and explained; read from TOML files, and refused unless they make sense."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from sys import float_info
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..trial.outcomes import Failure
from .waiver import MEASURED, Waiver, WaiverError

SHIPPED = Path(__file__).parents[1] / "subjects" / "waivers.toml"
_ID = re.compile(r"(\*|[a-z0-9-]+)(\.(\*|[a-z0-9-]+)){2}")


def load(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file.

    Raises:
        WaiverError: the file cannot be read, is not TOML, or holds a waiver that is incomplete or makes no sense.
    """
    return parsed(read(path), str(path))


def read(path: Path) -> str:
    """The text of a waivers file, its ends of lines as they are."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        way = (
            "; `adamref waivers update` writes a first one"
            if isinstance(error, FileNotFoundError)
            else ""
        )
        raise WaiverError(f"{path} cannot be read: {error.strerror}{way}") from None
    except UnicodeDecodeError as error:
        raise WaiverError(
            f"{path} must be UTF-8, got byte {error.object[error.start]:#x} at {error.start}"
        ) from None


def parsed(text: str, file: str, *, explained: bool = True) -> tuple[Waiver, ...]:
    """The waivers in the text of a file; with explained=False some may still lack their reason."""
    found: list[Waiver] = []
    for number, entry in enumerate(entries(text, file), 1):
        try:
            waiver = _waiver(entry, file, explained)
            _stands_alone(waiver, found)
        except WaiverError as error:
            raise WaiverError(
                f"{file}: waiver {number} (id = {_shown(entry.get('id'))}): {error}"
            ) from None
        found.append(waiver)
    return tuple(found)


def entries(text: str, file: str) -> list[dict[str, Any]]:
    """The tables of a waivers file, as TOML has them."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise WaiverError(f"{file} must be TOML: {error}") from None
    tables = content.pop("waiver", [])
    if content:
        raise WaiverError(
            f"{file} must hold nothing but [[waiver]] tables, got {_shown(next(iter(content)))}"
        )
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise WaiverError(
            f"{file} must begin each waiver with [[waiver]], got waiver = {_shown(tables)}"
        )
    return tables


def _waiver(entry: Mapping[str, Any], file: str, explained: bool) -> Waiver:
    _obey(entry, _KEYS, "a waiver")
    values = dict(entry)
    when = values.pop("when", {})
    _obey(when, _WHEN, "when")
    for key in ("id", "failure", "reason"):
        if key not in values:
            raise WaiverError(f"{key} must be given")
    if explained and not values["reason"].strip():
        raise WaiverError(
            f"reason must say why it fails, got {values['reason']!r}; write it into {file}"
        )
    if "worst_ratio" in values and values["failure"] not in MEASURED:
        raise WaiverError(
            f"worst_ratio must be absent, for failure {values['failure']} has no ratio; remove it"
        )
    version = SpecifierSet(when["version"]) if "version" in when else None
    return Waiver(**values, version=version, device=when.get("device"), file=file)


def _obey(table: Mapping[str, Any], rules: "_Rules", name: str) -> None:
    for key, value in table.items():
        if key not in rules:
            close = get_close_matches(key, rules, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise WaiverError(
                f"{name} must have no keys but {', '.join(rules)}, got {_shown(key)}{hint}"
            )
        obeys, rule = rules[key]
        if not obeys(value):
            raise WaiverError(f"{key} must be {rule}, got {_shown(value)}")


def _stands_alone(waiver: Waiver, others: Iterable[Waiver]) -> None:
    """Raise WaiverError if one of ``others`` speaks of the same failure; two globs meet where one matches the other."""
    for other in others:
        same = (waiver.id, waiver.version, waiver.device) == (other.id, other.version, other.device)
        if same and (
            fnmatchcase(waiver.subject, other.subject) or fnmatchcase(other.subject, waiver.subject)
        ):
            raise WaiverError(
                "id must not be waived twice for one subject and one when; remove one of the two"
            )


def _is_text(value: Any) -> bool:
    """Without what could take control of a terminal."""
    return isinstance(value, str) and " ".join(value.split()).isprintable()


def _is_specifier(value: Any) -> bool:
    try:
        return bool(str(SpecifierSet(value)))
    except (InvalidSpecifier, TypeError, AttributeError):
        return False


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}..."


_Rules = Mapping[str, tuple[Callable[[Any], Any], str]]
_TEXT = (_is_text, "printable text")
_WHEN: _Rules = {
    "version": (_is_specifier, 'version specifiers, such as ">=2.0,<2.14"'),
    "device": _TEXT,
}
_KEYS: _Rules = {
    "id": (
        lambda x: isinstance(x, str) and _ID.fullmatch(x),
        "topic.dtype.name, where * stands for a whole one",
    ),
    "subject": _TEXT,
    "failure": (lambda x: x in tuple(Failure), f"one of {', '.join(Failure)}"),
    "worst_ratio": (
        lambda x: type(x) in (int, float) and 1 <= x <= float_info.max,
        "a number from 1 on",
    ),
    "reason": _TEXT,
    "link": _TEXT,
    "expires": (lambda x: type(x) is date, "a date without a time, such as 2027-06-30"),
    "when": (lambda x: isinstance(x, dict), "a table with version, device, or both"),
    "reproduction": (lambda x: isinstance(x, str), "lines of code"),
}
