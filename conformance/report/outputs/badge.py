"""A badge for shields.io: it says what is claimed, and never a percentage."""

import json

from ..results import Results, RunVerdict
from ..text import printable

_COLORS = {
    RunVerdict.CONFORMANT: "brightgreen",
    RunVerdict.WAIVED: "green",
    RunVerdict.OF_CLASS: "green",
    RunVerdict.DECLARED: "green",
    RunVerdict.PARTIAL: "yellow",
    RunVerdict.UNTESTED: "lightgrey",
    RunVerdict.INCONCLUSIVE: "lightgrey",
    RunVerdict.INTERRUPTED: "lightgrey",
}


def text(results: Results) -> str:
    """Return the text of the file, in the form of shields.io's endpoints."""
    # A claim needs all of these: other vectors or another level are another claim.
    conventions = dict.fromkeys(report.convention.name for report in results.reports)
    claim = ", ".join([*conventions, results.options.level, f"vectors {results.vectors}"])
    # What was not asked is not claimed.
    scopes = {report.confined for report in results.reports if report.conformant} - {""}
    color = _COLORS.get(results.verdict, "red")
    if scopes and color.endswith("green"):
        color = "yellow"
    badge = {
        "schemaVersion": 1,
        "label": "Adam",
        "message": printable(f"{' '.join([results.verdict_text, *sorted(scopes)])}: {claim}"),
        "color": color,
    }
    return json.dumps(badge) + "\n"
