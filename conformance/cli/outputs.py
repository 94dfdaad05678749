"""Everything that a command prints or writes: the console, JSON, and the files of a report."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..report.outputs.formats import FORMATS

if TYPE_CHECKING:
    from rich.console import Console

    from ..process.files import Destination
    from ..report.results import Results

# Characters a line where output goes to a file: enough for the widest table.
_WIDTH = 150


def format_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add an option for each format of a report."""
    kind = click.Path(path_type=Path, allow_dash=True)
    # Each option is put in front of those that are there.
    for name, output in reversed(FORMATS.items()):
        command = click.option(f"--{name}", type=kind, metavar="FILE", help=output.help)(command)
    return command


def console(*, to_stderr: bool = False, markup: bool = True) -> "Console":
    """Return the console that people read."""
    from rich.console import Console

    # A file has no width, and a terminal knows its own.
    width = None if sys.stdout.isatty() else _WIDTH
    return Console(stderr=to_stderr, highlight=False, markup=markup, width=width)


def destinations(files: Mapping[str, Path | None]) -> dict[str, "Destination"]:
    """Return option -> the place of its file, for the options that have one.

    Places are found before a subject runs, which could change the folder or a link.

    Raises:
        UsageError: two options mean one file, which they would overwrite.
        WriteError: a place cannot be written to.
    """
    from ..process.files import Destination

    found: dict[str, Destination] = {}
    for name, file in files.items():
        if file is None:
            continue
        destination = Destination(file)
        for other, taken in found.items():
            if taken.place == destination.place:
                raise click.UsageError(
                    f"--{other} must have a FILE of its own, got {str(file)!r} as --{name} has it"
                )
        found[name] = destination
    return found


@contextlib.contextmanager
def stdout_for(places: Iterable["Destination"]) -> Iterator[bool]:
    """Keep everything else off stdout if a file is written there, and yield whether one is."""
    from ..process.streams import stdout_to_stderr

    is_taken = any(place.is_stdout for place in places)
    with stdout_to_stderr() if is_taken else contextlib.nullcontext():
        yield is_taken


def write_json(destination: "Destination", content: Mapping[str, Any]) -> None:
    """Write ``content`` as JSON."""
    destination.write(json.dumps(content, indent=1) + "\n")


def write_report(results: "Results", places: Mapping[str, "Destination"]) -> None:
    """Write the report in each format of ``places``.

    Raises:
        WriteError: a file could not be written; all others are.
    """
    from ..process.files import WriteError
    from ..report.outputs.formats import texts

    # All texts come first: if one cannot be made, no file is written.
    errors = []
    for name, text in texts(results, places).items():
        try:
            places[name].write(text)
        except WriteError as error:
            errors.append(str(error))
    if errors:
        raise WriteError("; ".join(errors))
