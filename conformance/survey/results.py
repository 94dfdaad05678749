"""The results that are kept: results.json, and the table of README.md that is made from it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .row import HERE, Row, Rows

FILE = HERE / "results.json"
README = HERE / "README.md"
_BEGIN = "<!-- table: written by --update -->\n"
_END = "<!-- end of the table -->\n"
_COLUMNS = ("name", "language", "library", "judged by", "verdict", "scalars", "passed", "source")


def read() -> dict[str, dict[str, Any]]:
    """Return the kept results by the names of their rows."""
    if not FILE.exists():
        return {}
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    return {result["name"]: result for result in kept}


def text_of(results: Iterable[dict[str, Any]]) -> str:
    """Return the text of results.json, with a line for each result."""
    lines = [json.dumps(result, ensure_ascii=False) for result in results]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def table(rows: Rows, results: dict[str, dict[str, Any]]) -> str:
    """Return the table of all rows with a result, then the notes and what has no row."""
    lines = [_line(_COLUMNS), _line("---" for _ in _COLUMNS)]
    judged = [row for row in rows.rows if row.name in results]
    lines += [_line(_cells(row, results[row.name])) for row in judged]
    lines += ["", "Notes:", ""]
    lines += [f"- `{row.name}`: {_note(row)}" for row in judged if row.notes or row.defects]
    lines += ["", "Not judged here:", ""]
    for row in rows.rows:
        if row.name not in results:
            lines.append(
                f"- `{row.name}` ({row.language}, {row.library} {row.version}): {_how(row)}"
            )
    for absent in rows.missing:
        lines.append(f"- {absent.name} ({absent.language}, {absent.library}): {absent.reason}")
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row, result: dict[str, Any]) -> list[str]:
    counts = result["counts"]
    asked = counts["passed"] + counts["failed"] + counts["errored"] + counts["waived"]
    return [
        row.name,
        row.language,
        f"{row.library} {row.version}",
        f"`{row.convention}`",
        result["verdict"],
        result["arithmetic"] or "",
        f"{counts['passed']} of {asked}",
        f"`{row.source}`",
    ]


def _note(row: Row) -> str:
    links = [f"[{name}](defects/{name})" for name in row.defects]
    return " ".join([row.notes, *links]).strip()


def _how(row: Row) -> str:
    if row.repository:
        return f"its source is {row.repository} at `{row.commit}`, which the reader fetches"
    return "no run of it is kept"


def with_table(readme: str, made: str) -> str:
    """Return the text of README.md with another table."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{made}\n{_END}{after}"


def update(rows: Rows, new: Iterable[dict[str, Any]]) -> None:
    """Write results.json with new results in place of the old ones, and the table of README.md."""
    kept = read()
    for result in new:
        kept[result["name"]] = result
    ordered = [kept[row.name] for row in rows.rows if row.name in kept]
    FILE.write_text(text_of(ordered), encoding="utf-8")
    made = table(rows, kept)
    README.write_text(with_table(README.read_text(encoding="utf-8"), made), encoding="utf-8")


def read_folder(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results that runs have left in a folder of theirs, by name."""
    found = {}
    for path in sorted((folder / "results").glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        found[result["name"]] = result
    return found
