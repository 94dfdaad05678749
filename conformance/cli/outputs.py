"""Everything that a command prints or writes: the console, JSON, and the files of a report."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..report.outputs.formats import FORMATS

if TYPE_CHECKING:
    from rich.console import Console

    from ..report.results import Results

# Characters a line where output goes to a file: enough for the widest table.
_WIDTH = 150
_STDOUT = Path("-")


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


def is_stdout(file: Path | None) -> bool:
    return file == _STDOUT


def write_text(file: Path, text: str) -> None:
    """Write ``text`` to a file, whole or not at all, or to stdout."""
    from ..report.files import write

    if is_stdout(file):
        # As bytes: every system gets the same line ends and UTF-8.
        click.echo(text.encode(), nl=False)
    else:
        write(file, text)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write ``content`` as JSON to a file or to stdout."""
    write_text(file, json.dumps(content, indent=1) + "\n")


def chosen_files(options: Mapping[str, Path | None]) -> dict[str, Path]:
    """Return the file of each format that the options ask for."""
    files: dict[str, Path] = {}
    # Two formats in one file would overwrite each other.
    for name in FORMATS:
        file = options[name]
        if file is None:
            continue
        for other, taken in files.items():
            if taken == file:
                raise click.UsageError(
                    f"--{other} must have a FILE of its own, got {str(file)!r} as --{name} has it"
                )
        files[name] = file
    return files


def write_report(results: "Results", files: Mapping[str, Path]) -> None:
    """Write the report in each format of ``files``."""
    from ..report.outputs.formats import texts

    # All texts come first: if one cannot be made, no file is written.
    for name, text in texts(results, files).items():
        write_text(files[name], text)
