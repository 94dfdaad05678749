"""A badge: what shields.io reads at its endpoint. It says what is claimed, and never a percentage."""

import json

from ..results import Results
from ..text import printable

_COLORS = {
    "conformant": "brightgreen",
    "conformant (waived)": "green",
    "partial": "yellow",
    "untested": "lightgrey",
}


def text(results: Results) -> str:
    """The text of the file."""
    conventions = dict.fromkeys(report.convention.name for report in results.reports)
    claim = ", ".join([*conventions, results.options["level"], f"vectors {results.vectors}"])
    badge = {
        "schemaVersion": 1,
        "label": "Adam",
        "message": printable(f"{results.verdict}: {claim}"),
        "color": _COLORS.get(results.verdict, "red"),
    }
    return json.dumps(badge) + "\n"
