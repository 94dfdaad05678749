"""Markdown: the report as the summary of a CI run shows it."""

import re
from pathlib import Path
from typing import Any

import jinja2

from ..results import LEGEND, Results
from ..screens.table import failures
from ..text import printable

# How many failures of a subject are shown in full.
_BLOCKS = 3


def text(results: Results) -> str:
    """The text of the file."""
    # Whatever the template names is escaped, blocks alone are not: they stand between fences.
    environment = jinja2.Environment(
        finalize=_escaped, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    template = environment.from_string(
        Path(__file__).with_name("summary.md.jinja").read_text("utf-8")
    )
    blocks = {
        report.subject.name: _Raw("\n".join(failures(report, _BLOCKS)))
        for report in results.reports
        if report.failures
    }
    return template.render(results=results, legend=LEGEND, blocks=blocks) + "\n"


class _Raw(str):
    """Text that is not escaped."""


def _escaped(value: Any) -> str:
    """``value`` in one line, with a backslash before whatever Markdown or HTML would obey."""
    return (
        value
        if isinstance(value, _Raw)
        else re.sub(r"([\\`*_{}\[\]<>|~#&$])", r"\\\1", printable(str(value)))
    )
