"""adamref selftest."""

import json
import sys
from pathlib import Path

import click

from .status import CONFORMANT, NOT_CONFORMANT


@click.command()
@click.option("--json", "file", type=click.Path(path_type=Path), metavar="FILE", help="All of it as JSON; - is stdout.")
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes; one for each core otherwise.")
def selftest(file: Path | None, jobs: int | None) -> int:
    """Measure the suite itself: what wrong Adams it rejects, what right ones it accepts, how far it tells apart.

    Wrong Adams are those that somebody once shipped (`adamref list defects`), and our reference with one operator,
    constant or variable replaced by its neighbour. Right ones are other orders of operations.
    It takes about a minute on two cores. Exit status: 0 if nothing wrong passes and nothing right fails, else 1.

    \b
    Examples:
      adamref selftest
      adamref selftest --json score.json
    """
    from rich.console import Console

    from ..report.files import write
    from ..report.progress import Progress
    from ..report.score import as_dict, show
    from ..selftest import selftest as measured

    to_stdout = file == Path("-")
    with Progress("selftest") as progress:
        score = measured(progress.say, jobs)
    show(Console(stderr=to_stdout, highlight=False, width=None if sys.stdout.isatty() else 150), score)
    if file is not None:
        text = json.dumps(as_dict(score), indent=1) + "\n"
        click.echo(text, nl=False) if to_stdout else write(file, text)
    return CONFORMANT if score.passed else NOT_CONFORMANT
