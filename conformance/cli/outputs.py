"""The outputs of adamref check: an option for each, and the writing of what was asked for."""

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from ..report.results import Results

# Option -> the module of conformance.report.outputs that has its text, and what it is.
_OUTPUTS = {
    "json": ("jsonl", "JSON lines with all numbers; `adamref report schema` explains them."),
    "junit": ("junit", "JUnit XML, for the test report of a CI."),
    "markdown": ("markdown", "Markdown, for the summary of a CI run."),
    "badge": ("badge", "JSON for a badge of shields.io."),
}


def outputs(command: Callable[..., int]) -> Callable[..., int]:
    """An option for each output, in the order of the list."""
    kind = click.Path(path_type=Path, allow_dash=True)
    for name, (_, what) in reversed(_OUTPUTS.items()):
        command = click.option(f"--{name}", type=kind, metavar="FILE", help=what)(command)
    return command


def console(*, to_stderr: bool = False, markup: bool = True) -> "Console":
    """Where people read; wide enough for a table where nobody sees how wide it is."""
    from rich.console import Console

    return Console(
        stderr=to_stderr, highlight=False, markup=markup, width=None if sys.stdout.isatty() else 150
    )


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write what was found; - is stdout."""
    from ..report.files import write

    text = json.dumps(content, indent=1) + "\n"
    click.echo(text, nl=False) if str(file) == "-" else write(file, text)


def taken(options: dict[str, Any]) -> dict[str, Path]:
    """The outputs that are asked for and their files, taken out of ``options``."""
    files = {name: file for name in _OUTPUTS if (file := options.pop(name)) is not None}
    for name, file in files.items():
        if others := [f"--{other}" for other in files if other != name and files[other] == file]:
            raise click.UsageError(
                f"--{name} must have a FILE of its own, got {str(file)!r} as {others[0]} has it"
            )
    return files


def write(results: "Results", files: Mapping[str, Path]) -> None:
    """Write the outputs; nothing is written before all have a text."""
    from ..report.files import write

    texts = {
        name: import_module(f"..report.outputs.{_OUTPUTS[name][0]}", __package__).text(results)
        for name in files
    }
    for name, file in files.items():
        click.echo(texts[name].encode(), nl=False) if str(file) == "-" else write(file, texts[name])
