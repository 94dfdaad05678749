"""adamref waivers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .status import CONFORMANT

if TYPE_CHECKING:
    from ..judge.verdict import Report
    from ..vectors.suite import Suite


@click.group()
def waivers() -> None:
    """Known failures, each explained: bring the file that holds them up to date."""


@waivers.command()
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...")
@click.option(
    "--waivers",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Rewritten.",
)
@click.option("--convention", metavar="NAME", help="As for check.")
@click.option("--require", multiple=True, metavar="FEATURE", help="As for check.")
@click.option(
    "--vectors", "folder", type=click.Path(path_type=Path), metavar="DIR", help="As for check."
)
def update(
    subjects: tuple[str, ...],
    file: Path,
    convention: str | None,
    require: tuple[str, ...],
    folder: Path | None,
) -> int:
    """Run all vectors and rewrite FILE so that it fits, or write a first one.

    What passes now or matches nothing is removed, failure and worst_ratio are brought up to date, and what fails and
    has no waiver gets one without a reason, which check refuses until somebody has written the reason. A waiver that
    is not true of all it covers is split. Comments and order stay, and so do waivers for other subjects, versions and
    devices. Name all subjects that the file is for.

    \b
    Examples:
      adamref waivers update my_adam:make --waivers waivers.toml
      adamref waivers update torch my_adam:make --waivers waivers.toml --convention torch
    """
    from ..judge.waiver_update import FIRST, updated
    from ..report import files
    from ..subject.loading import is_known
    from ..vectors.files import load
    from ..waivers.files import parsed, read

    old = read(file) if file.exists() else FIRST
    parsed(old, str(file), explained=False)
    suite = load(folder)
    for name in subjects:
        is_known(name)
    reports = [_judged(name, convention, require, suite) for name in subjects]
    text, changes = updated(old, str(file), reports)
    if changes or not file.exists():
        files.write(file, text)
    for line in changes or ["nothing to change"]:
        click.echo(line)
    if missing := sum(
        not waiver.reason.strip() for waiver in parsed(text, str(file), explained=False)
    ):
        click.echo(f"{missing} without a reason: write into {file} why they fail")
    return CONFORMANT


def _judged(
    name: str, convention: str | None, require: tuple[str, ...], suite: "Suite"
) -> "Report":
    """The report of a whole run, without the waivers of the file."""
    from ..judge import check as judge
    from ..report.screens.progress import Progress
    from ..subject import loading
    from ..subject.subject import SubjectError
    from ..waivers.waiver import WaiverError

    try:
        with Progress(name) as progress:
            report = judge.check(
                loading.load(name), convention, suite=suite, require=require, progress=progress
            )
    except SubjectError as error:
        raise WaiverError(
            f"{error}; waivers are updated by a whole run only, nothing was changed"
        ) from error
    if report.verdict == "untested":
        raise WaiverError(
            f"{name}: {report.diagnosis}; waivers are updated by a whole run only, nothing was changed"
        )
    return report
