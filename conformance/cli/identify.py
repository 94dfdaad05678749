"""adamref identify."""

import contextlib
import sys
from pathlib import Path

import click

from .options import json_option
from .outputs import console, is_stdout, write_json
from .status import ExitStatus


@click.command()
@click.argument("name", metavar="SUBJECT")
@json_option
def identify(name: str, file: Path | None) -> int:
    """Find the convention that a subject follows.

    An axis is a choice that Adams make differently, such as where epsilon is added. The command
    prints the value of each axis with its evidence. If
    the choices on an axis give different numbers on some input, only the numbers that the SUBJECT
    returns decide. On any other axis, the value is that of the convention that the SUBJECT
    declares. The SUBJECT is given only inputs for the features that it declares.

    \b
    Exit status:
      0  a combination of choices explains all results, with a name or without
      1  no combination of choices explains all results
      5  the subject supports no vector

    \b
    Examples:
      adamref identify torch
      adamref identify my_adam:MyAdam
    """
    from ..identity.search import identify as find_identity
    from ..report.screens.identity import as_dict, show
    from ..report.screens.progress import Progress
    from ..subject.loading import load

    # What a subject prints must not get into JSON on stdout.
    to_stdout = is_stdout(file)
    redirect = contextlib.redirect_stdout(sys.stderr) if to_stdout else contextlib.nullcontext()
    with Progress(name) as progress, redirect:
        identity = find_identity(load(name), progress=progress)
    show(console(to_stderr=to_stdout), name, identity)
    if file is not None:
        write_json(file, as_dict(name, identity))
    # A subject that refuses every vector is neither explained nor unexplained.
    if not identity.asked:
        return ExitStatus.NOTHING
    return ExitStatus.CONFORMANT if identity.explained else ExitStatus.NOT_CONFORMANT
