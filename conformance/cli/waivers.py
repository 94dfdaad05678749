"""adamref waivers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import PATH, complete_subject, convention_option, require_option, vectors_option
from .status import ExitStatus

if TYPE_CHECKING:
    from ..judge.verdict import Report
    from ..vectors.suite import Suite


@click.group()
def waivers() -> None:
    """Update a file of known failures."""


@waivers.command()
@click.argument(
    "subjects", nargs=-1, required=True, metavar="SUBJECT...", shell_complete=complete_subject
)
@click.option(
    "--waivers", "file", type=PATH, required=True, metavar="FILE", help="File to update or create."
)
@convention_option
@require_option
@vectors_option
def update(
    subjects: tuple[str, ...],
    file: Path,
    convention: str | None,
    require: tuple[str, ...],
    folder: Path | None,
) -> int:
    """Run all vectors of level core and update a file of known failures.

    \b
    The file of --waivers is changed as follows:
    - A waiver that no failure needs is removed.
    - If the vectors of a waiver fail in another way than it says, its `failure` (the kind of
      failure) and `worst_ratio` (the largest error divided by the bound) are corrected.
    - If only some vectors of a waiver fail, or they fail in several ways, the waiver is
      replaced by one for each vector that fails.
    - A failure without a waiver gets one with an empty reason.

    `adamref check` refuses the file until you have written every reason. Comments, the order, and
    waivers for other subjects, versions and devices do not change.

    \b
    Examples:
      adamref waivers update my_adam:MyAdam --waivers waivers.toml
      adamref waivers update torch my_adam:MyAdam --waivers waivers.toml --convention torch
    """
    from ..judge.waiver_update import FIRST, update_text
    from ..process.files import Destination
    from ..subject.loading import require_known
    from ..vectors.files import load
    from ..waivers.files import parse, read

    # A file that cannot be read must be found before minutes of judging.
    exists = file.exists()
    old = read(file) if exists else FIRST
    parse(old, str(file), explained=False)
    destination = Destination(file)
    suite = load(folder)
    for name in subjects:
        require_known(name)
    reports = [_judge(name, convention, require, suite) for name in subjects]
    text, changes = update_text(old, str(file), reports)
    # An unchanged file keeps its time of change.
    if changes or not exists:
        destination.write(text)
    for line in changes or ["nothing to change"]:
        click.echo(line)
    # The reasons are the user's part.
    waivers_now = parse(text, str(file), explained=False)
    missing = [waiver for waiver in waivers_now if not waiver.reason.strip()]
    if missing:
        click.echo(f"{len(missing)} without a reason: write into {file} why they fail")
    return ExitStatus.CONFORMANT


def _judge(name: str, convention: str | None, require: tuple[str, ...], suite: "Suite") -> "Report":
    """Return the report of a whole run, without the waivers of the file."""
    from ..judge.check import check
    from ..judge.verdicts import Verdict
    from ..report.screens.progress import Progress
    from ..subject.loading import load
    from ..subject.subject import SubjectError
    from ..waivers.waiver import WaiverError

    # From part of a run every other waiver would look as if nobody needed it.
    whole = "waivers are updated by a whole run only, nothing was changed"
    try:
        with Progress(name) as progress:
            report = check(load(name), convention, suite=suite, require=require, progress=progress)
    except SubjectError as error:
        raise WaiverError(f"{error}; {whole}") from error
    if report.verdict is Verdict.UNTESTED:
        raise WaiverError(f"{name}: {report.diagnosis}; {whole}")
    return report
