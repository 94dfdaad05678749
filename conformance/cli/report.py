"""adamref report."""

from pathlib import Path

import click

from .outputs import console
from .status import CONFORMANT, NOT_CONFORMANT, NOTHING

_FILE = click.Path(path_type=Path)


@click.group()
def report() -> None:
    """Recorded runs: what changed between two of them, and what their lines mean."""


@report.command()
@click.argument("old", type=_FILE, metavar="OLD")
@click.argument("new", type=_FILE, metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="All changes as JSON on stdout.")
@click.option("--fail-on-drift", is_flag=True, help="Exit with 1 also where only bits changed.")
def diff(old: Path, new: Path, as_json: bool, fail_on_drift: bool) -> int:
    """Show what changed from OLD to NEW, two files that `adamref check --json FILE` wrote.

    A regression is a verdict or a status that got worse, or a subject or vector that is gone. Drift is a vector that
    has the same status with other bits; in brackets the largest error over the largest that a right Adam can have.
    Vectors of different versions: one that only one version has is no regression.

    \b
    Exit status: 0 no regression, 1 regressions, or drift with --fail-on-drift,
    3 a file cannot be read, 5 the two have no vector in common.

    \b
    Examples:
      adamref report diff main.jsonl report.jsonl
      adamref report diff main.jsonl report.jsonl --fail-on-drift --json
    """
    from ..report.diff import difference
    from ..report.recorded import read

    found = difference(read(old), read(new))
    if as_json:
        import json

        click.echo(json.dumps(found.to_dict(), indent=1))
    else:
        from ..report.screens import diff_table

        diff_table.show(console(), found)
    if found.of_kind("regression") or (fail_on_drift and found.of_kind("drift")):
        return NOT_CONFORMANT
    return CONFORMANT if found.vectors else NOTHING


@report.command()
def schema() -> int:
    """Print the JSON schema (draft 07) of a line that `adamref check --json FILE` writes.

    \b
    Example:
      adamref report schema > report.schema.json
    """
    from ..report.recorded import SCHEMA

    click.echo(SCHEMA.read_bytes(), nl=False)
    return CONFORMANT
