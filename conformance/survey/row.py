"""Rows of the survey: what is judged, where it comes from, and how it is made."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_ORIGINS = ("PyPI", "Debian", "npm", "torch wheel", "repository")
# What a row that is not conformant is -> how the summary of README.md names it.
KINDS = {
    "bug": "a bug",
    "float64": "float64 lost: right in float32, but numbers of float64 go through float32",
    "refusal": "a refusal: what it returns is right, but it raises where its convention does not",
    "no Adam": "no Adam: another algorithm or formula, under the name or near it",
}
# What a reader must be able to see for himself.
_NEED_DEFECTS = ("bug", "float64")


class RowError(ValueError):
    """A rows file holds a row that makes no sense; the message names the file, row and rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A subject of the survey; README.md says what each field means.

    Raises:
        RowError: a field is missing where the others need it, or has no meaning beside them.
    """

    name: str
    language: str
    library: str
    version: str
    what: str
    origin: str
    convention: str
    verdict: str
    source: str
    environment: str = ""
    bridge: str = ""
    command: str = ""
    arithmetic: str = ""
    storage: str = ""
    config: str = ""
    needs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    repository: str = ""
    commit: str = ""
    build: tuple[str, ...] = ()
    notes: str = ""
    kind: str = ""
    defects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise RowError(f"name must have letters, digits, points and hyphens, got {self.name!r}")
        if self.origin not in _ORIGINS:
            raise RowError(f"from must be one of {', '.join(_ORIGINS)}, got {self.origin!r}")
        if bool(self.bridge) == bool(self.command):
            raise RowError(f"bridge or command must be given, not both, got {self.bridge!r}")
        if self.bridge and not self.environment:
            raise RowError("environment must be given with bridge, got none")
        # Some verdicts go on with a reason, in parentheses.
        is_wrong = self.verdict.split()[:1] == ["nonconformant"]
        if is_wrong and self.kind not in KINDS:
            raise RowError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.kind and not is_wrong:
            raise RowError(f"kind must be given with nonconformant alone, got {self.kind!r}")
        if self.kind in _NEED_DEFECTS and not self.defects:
            raise RowError(f"defects must be given with kind = {self.kind!r}, got none")
        from_repository = self.origin == "repository"
        if not (from_repository == bool(self.repository) == bool(self.commit)):
            raise RowError(
                "repository and commit must be given with from = 'repository' alone, "
                f"got {self.repository!r} and {self.commit!r}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """An environment of Python libraries.

    Args:
        name: of its requirements file in environments/.
        python: the version of the interpreter, such as 3.11.
        options: more arguments for pip.
    """

    name: str
    python: str = "3.11"
    options: tuple[str, ...] = ()

    @property
    def requirements(self) -> Path:
        return HERE / "environments" / f"{self.name}.txt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A library without a row, and the reason."""

    name: str
    language: str
    library: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """All that the files in rows/ say.

    Fields:
        rows, missing: in the order of the files, which are sorted by name.
        environments: name -> environment.
    """

    rows: tuple[Row, ...]
    missing: tuple[Missing, ...]
    environments: dict[str, Environment]


def load(files: Iterable[Path] | None = None) -> Rows:
    """Return the rows of files, or of all in rows/.

    Raises:
        RowError: a file is not TOML, a field is unknown, missing or of another type, a name is
            there twice, or an environment is named that no file describes.
    """
    rows: dict[str, Row] = {}
    missing: dict[str, Missing] = {}
    environments: dict[str, Environment] = {}
    for path in sorted((HERE / "rows").glob("*.toml")) if files is None else files:
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            _add(rows, Row, content.pop("row", []))
            _add(missing, Missing, content.pop("missing", []))
            _add(environments, Environment, content.pop("environment", []))
            if content:
                raise RowError(f"tables must be row, missing or environment, got {list(content)}")
        except (ValueError, TypeError) as error:
            raise RowError(f"{path.name}: {error}") from None
    for row in rows.values():
        if row.environment and row.environment not in environments:
            raise RowError(f"environment of {row.name} must be described, got {row.environment!r}")
    return Rows(tuple(rows.values()), tuple(missing.values()), environments)


def _add(found: dict[str, Any], kind: type, tables: list[dict[str, Any]]) -> None:
    """Add the records of one kind to those found before."""
    known = {field.name: field.type for field in fields(kind)}
    for table in tables:
        name = table.get("name")
        # `from` is a word of Python.
        if "from" in table:
            table["origin"] = table.pop("from")
        for key, value in table.items():
            if key not in known:
                raise RowError(f"{name}: unknown field {key!r}")
            is_text = known[key] is str
            if is_text != isinstance(value, str):
                raise RowError(f"{name}: {key} must be {'text' if is_text else 'a list'}")
            if not is_text:
                table[key] = tuple(value)
        if name in found:
            raise RowError(f"{name}: a name must be there once")
        try:
            found[str(name)] = kind(**table)
        except (RowError, TypeError) as error:
            raise RowError(f"{name}: {error}") from None
