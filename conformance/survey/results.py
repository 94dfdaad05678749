"""The results that are kept: results.json, and the table of README.md that is made from it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .row import HERE, KINDS, Row, Rows

FILE = HERE / "results.json"
README = HERE / "README.md"
_SECTION = "<!-- {}: written by --update -->\n"
_END = "<!-- end of the {} -->\n"
_COLUMNS = (
    *("name", "language", "library", "judged by", "verdict", "scalars"),
    *("dtypes", "passed", "source"),
)
_DTYPES = ("float16", "bfloat16", "float32", "float64")


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


def summary(rows: Rows, results: dict[str, dict[str, Any]]) -> str:
    """Return how many rows are of each kind, and their names where they are not right."""
    judged = [row for row in rows.rows if row.name in results]
    languages = {row.language for row in judged}
    of_kind: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for row in judged:
        if row.kind:
            of_kind[row.kind].append(f"`{row.name}`")
    waived = [f"`{row.name}`" for row in judged if row.verdict == "conformant (waived)"]
    right = len(judged) - len(waived) - sum(map(len, of_kind.values()))
    sources = sorted({f"{row.library} {row.version}" for row in judged})
    lines = [
        f"{len(judged)} rows are judged, of {len(sources)} libraries in "
        f"{len(languages)} languages ({', '.join(sorted(languages))}):",
        "",
        _line(("what they are", "rows", "which")),
        _line("---" for _ in range(3)),
        _line(("right, by the convention that is theirs", str(right), "all others")),
        _line(
            (
                "right, but for what a [waiver](../waivers/README.md) names",
                *_count_and_names(waived),
            )
        ),
    ]
    lines += [_line((KINDS[kind], *_count_and_names(names))) for kind, names in of_kind.items()]
    return "\n".join(lines) + "\n"


def _count_and_names(names: list[str]) -> tuple[str, str]:
    return str(len(names)), ", ".join(names)


def table(rows: Rows, results: dict[str, dict[str, Any]]) -> str:
    """Return the table of all rows with a result, then the notes and what has no row."""
    lines = [_line(_COLUMNS), _line("---" for _ in _COLUMNS)]
    judged = [row for row in rows.rows if row.name in results]
    lines += [_line(_cells(row, results[row.name])) for row in judged]
    lines += ["", "What is kept of half precision:", "", *_storages(judged, results)]
    lines += ["", "Notes:", ""]
    lines += [f"- `{row.name}`: {note}" for row in judged if (note := _note(row))]
    lines += ["", "Not judged here:", ""]
    for row in rows.rows:
        if row.name not in results:
            why = _source(row) or "No run of it is kept."
            lines.append(f"- `{row.name}` ({row.language}, {row.library} {row.version}): {why}")
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
        ", ".join(dtype for dtype in _DTYPES if dtype not in result["missing"]),
        f"{counts['passed']} of {asked}",
        f"`{row.source}`",
    ]


def _storages(judged: Iterable[Row], results: dict[str, dict[str, Any]]) -> list[str]:
    """Return a line for each storage of half precision, with the rows that have it."""
    names: dict[str, list[str]] = {}
    for row in judged:
        for storage in results[row.name]["storages"]:
            names.setdefault(storage, []).append(f"`{row.name}`")
    return [f"- `{storage}`: {', '.join(names[storage])}" for storage in sorted(names)]


def _note(row: Row) -> str:
    links = [f"[{name}](defects/{name})" for name in row.defects]
    return " ".join(filter(None, [row.notes, _source(row), *links]))


def _source(row: Row) -> str:
    """Return where a source is that no registry has."""
    if not row.repository:
        return ""
    return (
        f"Its source is in no registry: the reader fetches {row.repository} at `{row.commit}` into "
        f"`DIR/sources/{row.name}`."
    )


def with_section(readme: str, name: str, made: str) -> str:
    """Return the text of README.md with another summary or table."""
    begin = _SECTION.format(name)
    end = _END.format(name)
    before, _, rest = readme.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{made}\n{end}{after}"


def page(readme: str, rows: Rows, results: dict[str, dict[str, Any]]) -> str:
    """Return the text of README.md with the summary and the table of results."""
    with_summary = with_section(readme, "summary", summary(rows, results))
    return with_section(with_summary, "table", table(rows, results))


def update(rows: Rows, new: Iterable[dict[str, Any]]) -> None:
    """Write results.json with new results in place of the old ones, and the table of README.md."""
    kept = read()
    for result in new:
        kept[result["name"]] = result
    ordered = [kept[row.name] for row in rows.rows if row.name in kept]
    FILE.write_text(text_of(ordered), encoding="utf-8")
    README.write_text(page(README.read_text(encoding="utf-8"), rows, kept), encoding="utf-8")


def read_folder(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results that runs have left in a folder of theirs, by name."""
    found = {}
    for path in sorted((folder / "results").glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        found[result["name"]] = result
    return found
