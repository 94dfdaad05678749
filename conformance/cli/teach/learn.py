"""adamref learn."""

from collections.abc import Iterable
from pathlib import Path

import click

from ..status import ExitStatus

_FOLDER = click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]"
)
_LANGUAGES = ("python", "c", "js")


@click.group()
def learn() -> None:
    """Find the bug: wrong Adams that you mend, one after the other.

    Each exercise is a short Adam with a mistake that somebody shipped. You edit its file in any
    editor; the judge says what is still wrong, never which mistake it is.

    \b
    Examples:
      adamref learn start exercises
      cd exercises && adamref learn check
    """


@learn.command(name="start")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--language",
    type=click.Choice(_LANGUAGES),
    help="Of the exercises; python has twelve, c and js have the first eight.  [default: python]",
)
@click.option(
    "--command",
    metavar="PROGRAM",
    help="Your own program in any language, which speaks the line protocol: the exercise is to "
    "write Adam.",
)
@click.option(
    "--exercise",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Begin with exercise N.",
)
def learn_start(folder: Path, language: str | None, command: str | None, exercise: int) -> int:
    """Make a folder with the first exercise.

    Files that DIR has are kept. With --command there is no file to mend: you write Adam, and
    `adamref learn check` runs your program in DIR.

    \b
    Examples:
      adamref learn start exercises
      adamref learn start in_c --language c
      adamref learn start my_own --command ./adam
    """
    from ...teach.learn.course import start
    from ...teach.learn.exercise import Language

    if command is not None and (language or not command.strip()):
        raise click.UsageError(
            "--command must be a program, and goes without --language: "
            f"got --command {command!r}, --language {language}"
        )
    chosen = Language.OWN if command else Language(language or "python")
    _print(start(folder, chosen, command or "", exercise))
    return ExitStatus.CONFORMANT


@learn.command(name="check")
@_FOLDER
def learn_check(folder: Path) -> int:
    """Judge the exercise that you are solving.

    If it is right, the next one is written. An exercise in C is compiled with `cc` first. DIR is
    the folder of the exercises, by default the current one.

    \b
    Example:
      adamref learn check
    """
    from ...teach.learn.course import judge

    is_right, lines = judge(folder)
    _print(lines)
    return ExitStatus.CONFORMANT if is_right else ExitStatus.NOT_CONFORMANT


@learn.command(name="hint")
@_FOLDER
def learn_hint(folder: Path) -> int:
    """Print one more hint to the exercise.

    There are three: which equation, which quantity, and the mistake itself with who shipped it.

    \b
    Example:
      adamref learn hint
    """
    from ...teach.learn.course import hint

    _print(hint(folder))
    return ExitStatus.CONFORMANT


@learn.command(name="show")
@_FOLDER
def learn_show(folder: Path) -> int:
    """Print where you stand.

    The file of the exercise is written again if you have deleted it.

    \b
    Example:
      adamref learn show
    """
    from ...teach.learn.course import show

    _print(show(folder))
    return ExitStatus.CONFORMANT


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
