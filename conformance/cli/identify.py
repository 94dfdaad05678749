"""adamref identify."""

import contextlib
import json
import sys
from pathlib import Path

import click

from .status import CONFORMANT, NOT_CONFORMANT, NOTHING


@click.command()
@click.argument("name", metavar="SUBJECT")
@click.option("--json", "file", type=click.Path(path_type=Path), metavar="FILE", help="All of it as JSON; - is stdout.")
def identify(name: str, file: Path | None) -> int:
    """Say whose Adam it is, axis by axis, with what decided it.

    The SUBJECT is taken as a black box: what it declares decides nothing but how it is asked.
    Exit status: 0 if a point of the axes explains all numbers, 1 if none does, 5 if nothing could be asked.

    \b
    Examples:
      adamref identify torch
      adamref identify my_adam:make
    """
    from rich.console import Console

    from .. import subject
    from ..identity import identify as found
    from ..report.files import write
    from ..report.identity import as_dict, show
    from ..report.progress import Progress

    to_stdout = file == Path("-")
    console = Console(stderr=to_stdout, highlight=False, width=None if sys.stdout.isatty() else 150)
    quiet = contextlib.redirect_stdout(sys.stderr) if to_stdout else contextlib.nullcontext()
    with Progress(name) as progress, quiet:
        one = found(subject.load(name), progress=progress)
    show(console, name, one)
    if file is not None:
        text = json.dumps(as_dict(name, one), indent=1) + "\n"
        click.echo(text, nl=False) if to_stdout else write(file, text)
    if not one.asked:
        return NOTHING
    return CONFORMANT if one.explained else NOT_CONFORMANT
