"""adamref identify."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import (
    complete_subject,
    config_option,
    json_option,
    level_option,
    running_options,
)
from .outputs import console, destinations, stdout_for, write_json
from .status import ExitStatus

if TYPE_CHECKING:
    from ..subject.program.connect import Running


@click.command()
@click.argument("name", metavar="SUBJECT", shell_complete=complete_subject)
@level_option
@click.option("--only", default="*", metavar="GLOB", help="Run only vectors with these ids.")
@config_option
@running_options
@json_option
def identify(
    name: str,
    level: str,
    only: str,
    config: dict[str, float],
    file: Path | None,
    running: "Running",
) -> int:
    """Find the convention that a subject follows.

    An axis is a choice that Adams make differently, such as where epsilon is added. The command
    prints the value of each axis with its evidence. If
    the choices on an axis give different numbers on some input, only the numbers that the SUBJECT
    returns decide. On any other axis, the value is that of the convention that the SUBJECT
    declares. The SUBJECT is given only inputs for the features that it declares. If it declares
    bfloat16 or float16, the command also finds what it keeps between steps.

    \b
    Exit status:
      0  a combination of choices explains all results, with a name or without
      1  no combination of choices explains all results
      5  the subject supports no vector

    \b
    Examples:
      adamref identify torch
      adamref identify my_adam:MyAdam
      adamref identify my_kernel:make --config beta2=.95,epsilon=1e-6
    """
    from ..judge.identify import identify as find_identity
    from ..report.screens.identity import as_dict, show
    from ..report.screens.progress import Progress
    from ..subject.loading import load

    places = destinations({"json": file})
    with stdout_for(places.values()) as stdout_is_taken:
        with Progress(name) as progress:
            identity = find_identity(
                load(name, running), level, only=only, config=config, progress=progress
            )
        for place in places.values():
            write_json(place, as_dict(name, identity))
        numbers = ",".join(f"{key}={value!r}" for key, value in config.items())
        again = ["--config", numbers] if config else []
        show(console(to_stderr=stdout_is_taken), name, identity, again)
    # A subject that refuses every vector is neither explained nor unexplained.
    if not identity.asked:
        return ExitStatus.CONFORMANT if identity.keeps else ExitStatus.NOTHING
    return ExitStatus.CONFORMANT if identity.explained else ExitStatus.NOT_CONFORMANT
