"""adamref check."""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .outputs import console, outputs, taken, write
from .status import CONFORMANT, FAILED, NOT_CONFORMANT, NOTHING, STALE, say, worst

if TYPE_CHECKING:
    from rich.console import Console

    from ..judge.verdict import Report
    from ..vectors.suite import Suite


@click.command()
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option(
    "--convention",
    metavar="NAME",
    help="Judge by this convention instead of the subject's own, or paper.",
)
@click.option(
    "--level",
    type=click.Choice(["quick", "core", "full"]),
    default="core",
    help="quick: the fewest vectors, no claim. full: long and large runs too.",
)
@click.option("--only", default="*", metavar="GLOB", help="Only the vectors whose id matches.")
@click.option(
    "--dtype",
    type=click.Choice(["float16", "float32", "float64"]),
    help="Only the vectors of this dtype.",
)
@click.option(
    "--require",
    multiple=True,
    metavar="FEATURE",
    help="Fail where this is not supported: none, sparse, load, schedule, ... Repeat for more.",
)
@click.option(
    "--config",
    callback=lambda _context, _option, text: numbers(text),
    metavar="NAME=NUMBER,...",
    help="Hyperparameters that are baked in: every vector gets them, and answers on the spot.",
)
@click.option(
    "--waivers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Known failures, each explained.",
)
@click.option("-x", "--fail-fast", is_flag=True, help="Stop a subject at its first failure.")
@click.option(
    "--vectors",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Vectors of your own.",
)
@outputs
@click.option(
    "--blocks",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    metavar="N",
    help="Failures in full.",
)
def check(subjects: tuple[str, ...], folder: Path | None, blocks: int, **options: Any) -> int:
    """Judge one or more Adams by the golden vectors.

    A SUBJECT is a shipped name (`adamref list subjects`) or module:attribute, a function

    \b
      make(params, learning_rate, beta1, beta2, epsilon, amsgrad=False)

    that returns an object with step(grads) -> list of new parameter arrays. Without a SUBJECT: our own backends and
    every known library that is installed. A FEATURE is none (None gradients), sparse (IndexedSlices), load (a state to
    start from), save (and restore), schedule (a rate that changes), amsgrad, epsilon_root, weight_decay, maximize,
    clipvalue, clipnorm, global_clipnorm, float16, float32, float64, or hygiene (gradients are left as they are, copies
    are handed back).
    Outputs are written whole or not at all; - is stdout.

    \b
    Examples:
      adamref check torch tf1
      adamref check my_adam:make --convention torch
      adamref check my_adam:make --only 'epsilon.*' -x
      adamref check torch --json report.jsonl --junit report.xml
      adamref check my_adam:make --waivers waivers.toml
      adamref check my_kernel:make --config beta2=.95,epsilon=1e-6
    """
    from ..judge.verdict import settled
    from ..report.results import Results
    from ..report.screens import table
    from ..subject.loading import installed, is_known
    from ..subject.subject import SubjectError
    from ..vectors.files import load
    from ..waivers.files import load as load_waivers

    files = taken(options)
    to_stdout = Path("-") in files.values()
    suite = load(folder)
    names = tuple(dict.fromkeys(subjects)) or tuple(installed())
    for name in names:
        is_known(name)
    out = console(to_stderr=to_stdout)
    options["waivers"] = load_waivers(options["waivers"]) if options["waivers"] else ()
    reports: list[Report] = []
    errors: dict[str, str] = {}
    for name in names:
        try:
            reports.append(_one(name, suite, options, out))
        except SubjectError as error:
            say(error)
            errors[name] = str(error)
    results = Results(settled(reports), errors, suite.version, options)
    table.show(out, results, blocks)
    write(results, files)
    stale = (STALE for report in results.reports if report.stale)
    return worst([*map(_status, reports), *stale, *(FAILED for _ in errors)])


def numbers(text: str | None) -> dict[str, float]:
    """The hyperparameters in ``beta2=.95,epsilon=1e-6``."""
    if text is None:
        return {}
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            number = float(value)
        except ValueError:
            raise click.UsageError(
                f"--config must be NAME=NUMBER, more of them after commas, got {part!r}"
            ) from None
        if name.strip() in found:
            raise click.UsageError(
                f"--config must set a name once, got {name.strip()} again in {text!r}"
            )
        found[name.strip()] = number
    return found


def _one(name: str, suite: "Suite", options: dict[str, Any], console: "Console") -> "Report":
    """Load and judge one subject, with a progress line on terminals."""
    from ..judge import check as judge
    from ..report.screens.progress import Progress
    from ..subject import loading

    # What a subject prints must not get into a report on stdout.
    quiet = contextlib.redirect_stdout(sys.stderr) if console.stderr else contextlib.nullcontext()
    with Progress(name) as progress, quiet:
        loaded = loading.load(name)
        return judge.check(loaded, suite=suite, progress=progress, **options)


def _status(report: "Report") -> int:
    return (
        CONFORMANT
        if report.conformant
        else NOTHING
        if report.verdict == "untested"
        else NOT_CONFORMANT
    )
