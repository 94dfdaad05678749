"""adamref report."""

import json
from pathlib import Path

import click

from .options import PATH
from .outputs import console
from .status import ExitStatus


@click.group()
def report() -> None:
    """Compare two recorded runs, or print their schema."""


@report.command()
@click.argument("old", type=PATH, metavar="OLD")
@click.argument("new", type=PATH, metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Print all changes as JSON.")
@click.option("--fail-on-drift", is_flag=True, help="Exit with 1 if there is drift.")
def diff(old: Path, new: Path, as_json: bool, fail_on_drift: bool) -> int:
    """Show the changes between two recorded runs.

    OLD and NEW are files that `adamref check --json FILE` wrote.

    A regression is a verdict or status that got worse, or a subject or vector that NEW lacks. Drift
    means that a vector has the same status but different bits. In the output, the
    number in brackets is the largest error of the vector, divided by the bound. If the two runs
    used different versions of the vectors, missing vectors do not count as regressions.

    \b
    Exit status:
      0  no regressions
      1  regressions, or drift with --fail-on-drift
      3  a file cannot be read
      5  the two files have no vector in common

    \b
    Examples:
      adamref report diff main.jsonl report.jsonl
      adamref report diff main.jsonl report.jsonl --fail-on-drift --json
    """
    from ..report.diff import ChangeKind, compare
    from ..report.recorded import read
    from ..report.screens.diff_table import show

    found = compare(read(old), read(new))
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1))
    else:
        show(console(), found)
    # First what is certainly worse, then what may be, then whether anything was compared.
    if found.of_kind(ChangeKind.REGRESSION):
        return ExitStatus.NOT_CONFORMANT
    if fail_on_drift and found.of_kind(ChangeKind.DRIFT):
        return ExitStatus.NOT_CONFORMANT
    return ExitStatus.CONFORMANT if found.vectors else ExitStatus.NOTHING


@report.command()
def schema() -> int:
    """Print the JSON schema of a recorded run.

    The schema (draft 07) describes one line of the file that `adamref check --json FILE` writes.

    \b
    Example:
      adamref report schema > report.schema.json
    """
    from ..report.recorded import SCHEMA

    click.echo(SCHEMA.read_text("utf-8"), nl=False)
    return ExitStatus.CONFORMANT
