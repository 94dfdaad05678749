"""JSON lines: a header, then lines for what failed to load, for vectors and for subjects.

report.schema.json describes every field. Published fields are never renamed.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ...trial.comparison import Comparison, Discrepancy
from ...vectors.words import finite
from ..results import Results

# Another number is another schema.
FORMAT = 1


def text(results: Results) -> str:
    """Return the text of the file; every line is one JSON object."""
    # JSON has no NaN: where one may occur, `finite` has made a word of it.
    return "".join(json.dumps(entry, allow_nan=False) + "\n" for entry in _entries(results))


def _entries(results: Results) -> Iterator[dict[str, Any]]:
    yield {
        "type": "header",
        "format": FORMAT,
        **results.versions,
        "options": asdict(results.options),
        "partial": bool(results.left_out),
        "verdict": results.verdict,
    }
    for name, reason in results.errors.items():
        yield {"type": "error", "subject": name, "reason": reason}
    # The line of a subject follows its vectors, so that a file that was cut off shows it.
    for report in results.reports:
        for comparison in report.comparisons:
            yield {"type": "vector", "subject": report.subject.name, **_vector(comparison)}
        yield {"type": "subject", **report.to_dict()}


def _vector(comparison: Comparison) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": comparison.vector.id,
        "status": comparison.status,
        "bits": comparison.bits,
    }
    if comparison.failure:
        entry["failure"] = comparison.failure
    if comparison.reason:
        entry["reason"] = comparison.reason
    if comparison.worst:
        entry["worst"] = {of: finite(ratio) for of, ratio in comparison.worst.items()}
    if comparison.discrepancy:
        entry["discrepancy"] = _discrepancy(comparison.discrepancy)
    return entry


def _discrepancy(discrepancy: Discrepancy) -> dict[str, Any]:
    entry = discrepancy.to_dict()
    for name, value in entry.items():
        if isinstance(value, float):
            entry[name] = finite(value)
    return entry
