"""adamref vectors."""

import shutil
from pathlib import Path

import click

from .options import PATH
from .status import ExitStatus


@click.group()
def vectors() -> None:
    """Verify the golden vectors, or copy them."""


@vectors.command(name="check")
@click.argument("folder", type=PATH, required=False, metavar="[DIR]")
def vectors_check(folder: Path | None) -> int:
    """Verify checksums and schema of the vectors.

    DIR is a folder of vectors, by default the shipped one.

    \b
    Examples:
      adamref vectors check
      adamref vectors check vendor/adam-vectors
    """
    from ..vectors.files import default_directory, load

    # Loading verifies; a damaged file raises VectorError.
    suite = load(folder or default_directory())
    click.echo(
        f"{len(suite.vectors)} vectors of version {suite.version}: checksums and schema are right"
    )
    return ExitStatus.CONFORMANT


@vectors.command(name="copy")
@click.argument("folder", type=PATH, metavar="DIR")
def vectors_copy(folder: Path) -> int:
    """Copy the vectors to a new folder.

    Their schema and README come with them, for use from another language.

    \b
    Example:
      adamref vectors copy vendor/adam-vectors
    """
    from ..report.text import printable
    from ..vectors.files import default_directory

    # A mixture of two versions would fail its checksums.
    if folder.exists():
        raise click.BadParameter(f"{folder} must not exist yet")
    try:
        shutil.copytree(default_directory(), folder)
    except BaseException:
        # A part of the vectors is no vectors.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    click.echo(printable(f"copied to {folder}"))
    return ExitStatus.CONFORMANT
