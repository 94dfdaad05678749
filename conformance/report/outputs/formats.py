"""Formats of a report: the table that the options, the help and the writing of files all read."""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..results import Results


class OutputFormat(NamedTuple):
    """One format.

    Fields:
        module: the module beside this one whose function ``text(results)`` returns the file.
        help: what `adamref check --help` says of it.
    """

    module: str
    help: str


# Option of `adamref check`, without its dashes -> its format, in the order of the help.
FORMATS = {
    "json": OutputFormat(
        "jsonl", "Write all results as JSON Lines; `adamref report schema` describes them."
    ),
    "junit": OutputFormat("junit", "Write JUnit XML, for CI test reports."),
    "markdown": OutputFormat("markdown", "Write Markdown, for the summary of a CI run."),
    "badge": OutputFormat("badge", "Write JSON for a shields.io badge."),
}


def texts(results: "Results", names: Iterable[str]) -> dict[str, str]:
    """Return the text of each of the formats ``names``."""
    # The modules are imported late, because the help needs nothing but the table.
    modules = {name: import_module(f".{FORMATS[name].module}", __package__) for name in names}
    return {name: module.text(results) for name, module in modules.items()}
