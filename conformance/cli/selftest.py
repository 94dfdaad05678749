"""adamref selftest."""

from pathlib import Path

import click

from .outputs import console, write_json
from .status import CONFORMANT, NOT_CONFORMANT


@click.command()
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="All of it as JSON; - is stdout.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Processes; one for each core otherwise.",
)
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
    from ..report.screens.progress import Progress
    from ..report.screens.score import as_dict, show
    from ..selftest.selftest import selftest as measured

    with Progress("selftest") as progress:
        score = measured(progress.say, jobs)
    show(console(to_stderr=file == Path("-")), score)
    if file is not None:
        write_json(file, as_dict(score))
    return CONFORMANT if score.passed else NOT_CONFORMANT
