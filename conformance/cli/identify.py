"""adamref identify."""

import contextlib
import sys
from pathlib import Path

import click

from .outputs import console, write_json
from .status import CONFORMANT, NOT_CONFORMANT, NOTHING


@click.command()
@click.argument("name", metavar="SUBJECT")
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="All of it as JSON; - is stdout.",
)
def identify(name: str, file: Path | None) -> int:
    """Say whose Adam it is, axis by axis, with what decided it.

    The SUBJECT is taken as a black box: what it declares decides nothing but how it is asked.
    Exit status: 0 if a point of the axes explains all numbers, 1 if none does, 5 if nothing could be asked.

    \b
    Examples:
      adamref identify torch
      adamref identify my_adam:make
    """
    from ..identity.search import identify as found
    from ..report.screens.identity import as_dict, show
    from ..report.screens.progress import Progress
    from ..subject import loading

    to_stdout = file == Path("-")
    quiet = contextlib.redirect_stdout(sys.stderr) if to_stdout else contextlib.nullcontext()
    with Progress(name) as progress, quiet:
        one = found(loading.load(name), progress=progress)
    show(console(to_stderr=to_stdout), name, one)
    if file is not None:
        write_json(file, as_dict(name, one))
    if not one.asked:
        return NOTHING
    return CONFORMANT if one.explained else NOT_CONFORMANT
