"""The command line: adamref check, list, vectors."""

import contextlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from .judge import Report
    from .vectors import Suite

CONFORMANT, NOT_CONFORMANT, USAGE, FAILED, STALE, NOTHING, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
# Which status wins when several subjects end differently.
_PRECEDENCE = (USAGE, FAILED, NOT_CONFORMANT, STALE, NOTHING, CONFORMANT)


class _Examples(click.Group):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        formatter.write("\nExit status: 0 conformant, 1 not, 2 usage, 3 a subject could not be loaded or an\n")
        formatter.write("internal error, 5 nothing was tested, 130 interrupted.\n")


@click.group(cls=_Examples, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(message="%(version)s", package_name="adamref")
def cli() -> None:
    """The yardstick for Adam: is an implementation right, whose Adam is it, where does it go wrong.

    \b
    Examples:
      adamref check                          our own backends and every known library that is installed
      adamref check torch                    PyTorch, against its own convention
      adamref check my_package.adam:make     yours
    """


@cli.command()
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
    """
    from rich.console import Console

    from .report import files, jsonl, table
    from .subject import SubjectError, installed, is_known

    suite = _suite(folder)
    names = subjects or tuple(installed())
    for name in names:
        is_known(name)
    to_stdout = json_file is not None and str(json_file) == "-"
    console = Console(stderr=to_stdout, highlight=False, width=None if sys.stdout.isatty() else 150)
    reports: list[Report] = []
    errors: dict[str, str] = {}
    for name in names:
        try:
            reports.append(_one(name, suite, options, console))
        except SubjectError as error:
            _say(error)
            errors[name] = str(error)
    if reports:
        table.show(console, reports, blocks)
    if json_file is not None:
        text = jsonl.lines(reports, errors)
        click.echo(text, nl=False) if to_stdout else files.write(json_file, text)
    return _worst([*map(_status, reports), *(FAILED for _ in errors)])


def _one(name: str, suite: "Suite", options: dict[str, Any], console: "Console") -> "Report":
    """Load and judge one subject, with a progress line on terminals."""
    from . import judge, subject
    from .report.progress import Progress

    # What a subject prints must not get into a report on stdout.
    quiet = contextlib.redirect_stdout(sys.stderr) if console.stderr else contextlib.nullcontext()
    with Progress(name) as progress, quiet:
        loaded = subject.load(name)
        return judge.check(loaded, suite=suite, progress=progress, **options)


def _suite(folder: Path | None) -> "Suite":
    from .vector_files import load

    return load(folder)


def _status(report: "Report") -> int:
    return {"conformant": CONFORMANT, "untested": NOTHING}.get(report.verdict, NOT_CONFORMANT)


def _worst(statuses: Iterable[int]) -> int:
    seen = set(statuses)
    return next((status for status in _PRECEDENCE if status in seen), NOTHING)


@cli.command(name="list")
@click.argument("what", type=click.Choice(["subjects", "conventions", "vectors", "defects"]))
def list_(what: str) -> int:
    """List the shipped subjects, the named conventions, the vectors, or the wrong Adams.

    \b
    Examples:
      adamref list subjects
      adamref list vectors
    """
    from rich.console import Console
    from rich.table import Table

    from . import listing

    columns, rows = listing.TABLES[what]()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=column in columns[:1])
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 150).print(table)
    return CONFORMANT


@cli.group()
def vectors() -> None:
    """The golden vectors: verify them, or copy them for use without Python."""


@vectors.command(name="check")
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
def vectors_check(folder: Path | None) -> int:
    """Verify checksums and schema of the vectors, by default of those that ship.

    \b
    Examples:
      adamref vectors check
      adamref vectors check vendor/adam-vectors
    """
    from .vector_files import default_directory

    suite = _suite(folder or default_directory())
    click.echo(f"{len(suite.vectors)} vectors of version {suite.version}: checksums and schema are right")
    return CONFORMANT


@vectors.command(name="copy")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def vectors_copy(folder: Path) -> int:
    """Copy the vectors with schema and README to a new folder.

    \b
    Example:
      adamref vectors copy vendor/adam-vectors
    """
    import shutil

    from .vector_files import default_directory

    if folder.exists():
        raise click.BadParameter(f"{folder} must not exist yet")
    shutil.copytree(default_directory(), folder)
    click.echo(f"copied to {folder}")
    return CONFORMANT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status and never shows a traceback for what a user can mend."""
    try:
        return int(cli.main(arguments, standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return INTERRUPTED
    except Exception as error:
        return _explained(error)


def _explained(error: Exception) -> int:
    from .judge import UsageError
    from .report.files import WriteError
    from .subject import SubjectError, UnknownSubject
    from .vector_files import VectorError

    if isinstance(error, (UnknownSubject, UsageError)):
        _say(error)
        return USAGE
    if isinstance(error, (SubjectError, VectorError, WriteError, OSError)):
        _say(error)
        return FAILED
    import traceback

    traceback.print_exc()
    _say("this is a mistake of adamref's own; please report it with the lines above")
    return FAILED


def _say(what: object) -> None:
    click.echo(f"adamref: {what}", err=True)
