"""adamref selftest."""

from pathlib import Path

import click

from .options import json_option, resume_option
from .outputs import console, destinations, stdout_for, write_json
from .status import ExitStatus, interrupted_by, say


@click.command()
@json_option
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Number of processes. Default: one for each core.",
)
@resume_option
def selftest(file: Path | None, jobs: int | None, resume: Path | None) -> int:
    """Measure how many wrong Adams the vectors reject.

    Also measured: how many mutants they reject, how many right Adams they accept, and how clearly
    they tell conventions apart. `adamref list defects` names the wrong Adams. A mutant is a copy of
    our reference with one operator, constant, comparison or variable replaced. The right Adams use
    other orders of operations. The command takes about a minute on two cores. A signal, such as
    Ctrl-C, ends it, and it says how much was measured.

    \b
    Exit status:
      0  all wrong Adams are rejected, and all right ones accepted
      1  otherwise

    \b
    Examples:
      adamref selftest
      adamref selftest --json score.json
      adamref selftest -j 8 --resume selftest.jsonl
    """
    from ..report.screens.progress import Progress
    from ..report.screens.score import as_dict, show
    from ..selftest.results import PartialSelftest
    from ..selftest.selftest import selftest as measure

    places = destinations({"json": file})
    with stdout_for(places.values()) as stdout_is_taken:
        try:
            with Progress("selftest") as progress:
                score = measure(progress.say, jobs, resume)
        except PartialSelftest as error:
            for what, (done, total) in error.counts.items():
                click.echo(f"{what}: {done} of {total} measured", err=stdout_is_taken)
            say("interrupted" + ("" if resume is None else f"; --resume {resume} goes on"))
            return interrupted_by(error.number)
        for place in places.values():
            write_json(place, as_dict(score))
        show(console(to_stderr=stdout_is_taken), score)
    return ExitStatus.CONFORMANT if score.passed else ExitStatus.NOT_CONFORMANT
