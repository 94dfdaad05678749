"""adamref check."""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .status import CONFORMANT, FAILED, NOT_CONFORMANT, NOTHING, STALE, say, worst

if TYPE_CHECKING:
    from rich.console import Console

    from ..vectors import Suite
    from ..verdict import Report


@click.command()
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--convention", metavar="NAME", help="Judge by this convention instead of the subject's own, or paper.")
@click.option("--level", type=click.Choice(["core"]), default="core", help="Which vectors; core is the claim.")
@click.option("--only", default="*", metavar="GLOB", help="Only the vectors whose id matches.")
@click.option("--dtype", type=click.Choice(["float32", "float64"]), help="Only the vectors of this dtype.")
@click.option(
    "--require",
    multiple=True,
    metavar="FEATURE",
    help="Fail where this is not supported: none, load, schedule, amsgrad, ... Repeat for more.",
)
@click.option("--waivers", type=click.Path(path_type=Path), metavar="FILE", help="Known failures, each explained.")
@click.option("-x", "--fail-fast", is_flag=True, help="Stop a subject at its first failure.")
@click.option("--vectors", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Vectors of your own.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="JSON lines; - is stdout.")
@click.option("--blocks", type=click.IntRange(0), default=2, show_default=True, metavar="N", help="Failures in full.")
def check(subjects: tuple[str, ...], folder: Path | None, json_file: Path | None, blocks: int, **options: Any) -> int:
    """Judge one or more Adams by the golden vectors.

    A SUBJECT is a shipped name (`adamref list subjects`) or module:attribute, a function

    \b
      make(params, learning_rate, beta1, beta2, epsilon, amsgrad=False)

    that returns an object with step(grads) -> list of new parameter arrays. Without a SUBJECT: our own backends and
    every known library that is installed. A FEATURE is none (None gradients), load (a state to start from), schedule
    (a learning rate that changes), amsgrad, epsilon_root, weight_decay, maximize, float32 or float64.

    \b
    Examples:
      adamref check torch tf1
      adamref check my_adam:make --convention torch
      adamref check my_adam:make --only 'epsilon.*' -x
      adamref check torch --json report.jsonl
      adamref check my_adam:make --waivers waivers.toml
    """
    from rich.console import Console

    from ..report import files, jsonl, table
    from ..subject import SubjectError, installed, is_known
    from ..vector_files import load
    from ..verdict import settled
    from ..waivers import load as load_waivers

    suite = load(folder)
    names = subjects or tuple(installed())
    for name in names:
        is_known(name)
    to_stdout = json_file is not None and str(json_file) == "-"
    console = Console(stderr=to_stdout, highlight=False, width=None if sys.stdout.isatty() else 150)
    options["waivers"] = load_waivers(options["waivers"]) if options["waivers"] else ()
    reports: list[Report] = []
    errors: dict[str, str] = {}
    for name in names:
        try:
            reports.append(_one(name, suite, options, console))
        except SubjectError as error:
            say(error)
            errors[name] = str(error)
    reports = settled(reports)
    if reports:
        table.show(console, reports, blocks)
    if json_file is not None:
        text = jsonl.lines(reports, errors)
        click.echo(text, nl=False) if to_stdout else files.write(json_file, text)
    stale = (STALE for report in reports if report.stale)
    return worst([*map(_status, reports), *stale, *(FAILED for _ in errors)])


def _one(name: str, suite: "Suite", options: dict[str, Any], console: "Console") -> "Report":
    """Load and judge one subject, with a progress line on terminals."""
    from .. import judge, subject
    from ..report.progress import Progress

    # What a subject prints must not get into a report on stdout.
    quiet = contextlib.redirect_stdout(sys.stderr) if console.stderr else contextlib.nullcontext()
    with Progress(name) as progress, quiet:
        loaded = subject.load(name)
        return judge.check(loaded, suite=suite, progress=progress, **options)


def _status(report: "Report") -> int:
    return CONFORMANT if report.conformant else NOTHING if report.verdict == "untested" else NOT_CONFORMANT
