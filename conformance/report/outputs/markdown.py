"""Markdown: the summary of a CI run."""

import re
from pathlib import Path
from typing import Any

import jinja2

from ..results import LEGEND, Results
from ..screens.failures import failures
from ..text import printable

# How many failures of a subject are shown in full.
_BLOCKS = 3
_TEMPLATE = Path(__file__).with_name("summary.md.jinja")
# What Markdown or HTML would obey.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#&$])")


class _Verbatim(str):
    """Text that is not escaped."""


def text(results: Results) -> str:
    """Return the text of the file."""
    # Every value in the template is escaped. Only blocks are not: they stand between fences.
    environment = jinja2.Environment(
        finalize=_escape, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    template = environment.from_string(_TEMPLATE.read_text("utf-8"))
    blocks = {}
    for report in results.reports:
        if report.failures:
            shown = "\n".join(failures(report, _BLOCKS))
            blocks[report.subject.name] = _Verbatim(shown)
    return template.render(results=results, legend=LEGEND, blocks=blocks) + "\n"


def _escape(value: Any) -> str:
    """Return ``value`` in one line, with a backslash before special characters."""
    if isinstance(value, _Verbatim):
        return value
    return _SPECIAL.sub(r"\\\1", printable(str(value)))
