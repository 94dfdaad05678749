"""JSON lines: a header, a line for each vector of each subject, for each subject, and for each that failed to load."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adamref import __version__

from ..compare import Comparison
from ..verdict import Report, finite

FORMAT = 1


def lines(reports: Sequence[Report], errors: Mapping[str, str]) -> str:
    """The text of the file; every line is one JSON object with a ``type``.

    Args:
        reports: of the subjects that were judged.
        errors: subject -> why it could not be loaded.
    """
    return "".join(json.dumps(entry, allow_nan=False) + "\n" for entry in _entries(reports, errors))


def _entries(reports: Sequence[Report], errors: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield {"type": "header", "format": FORMAT, "adamref": __version__}
    yield from ({"type": "error", "subject": name, "reason": reason} for name, reason in errors.items())
    for report in reports:
        for one in report.comparisons:
            yield {"type": "vector", "subject": report.subject.name, **_vector(one)}
        yield {"type": "subject", **report.to_dict()}


def _vector(one: Comparison) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": one.vector.id, "status": one.status}
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
