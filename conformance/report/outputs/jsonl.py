"""JSON lines: a header, a line for each vector of each subject, for each subject, and for each that failed to load."""

import json
from collections.abc import Iterator
from typing import Any

from ...trial.compare import Comparison
from ...vectors.words import finite
from ..results import Results

FORMAT = 1
# What is asked for, and tells one run from another; an option that names a file stays out.
_OPTIONS = ("convention", "level", "only", "dtype", "require", "fail_fast", "config")


def text(results: Results) -> str:
    """The text of the file; every line is one JSON object that fits report.schema.json."""
    return "".join(json.dumps(entry, allow_nan=False) + "\n" for entry in _entries(results))


def _entries(results: Results) -> Iterator[dict[str, Any]]:
    options = {name: results.options[name] for name in _OPTIONS}
    header = {
        "format": FORMAT,
        **results.versions,
        "options": options,
        "partial": bool(results.left_out),
    }
    yield {"type": "header", **header, "verdict": results.verdict}
    yield from (
        {"type": "error", "subject": name, "reason": reason}
        for name, reason in results.errors.items()
    )
    for report in results.reports:
        for one in report.comparisons:
            yield {"type": "vector", "subject": report.subject.name, **_vector(one)}
        yield {"type": "subject", **report.to_dict()}


def _vector(one: Comparison) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": one.vector.id, "status": one.status, "bits": one.bits}
    if one.failure:
        entry["failure"] = one.failure
    if one.reason:
        entry["reason"] = one.reason
    if one.worst:
        entry["worst"] = {of: finite(ratio) for of, ratio in one.worst.items()}
    if one.discrepancy:
        entry["discrepancy"] = {
            name: finite(value) if isinstance(value, float) else value
            for name, value in one.discrepancy._asdict().items()
        }
    return entry
