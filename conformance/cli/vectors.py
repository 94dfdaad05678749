"""adamref vectors."""

from pathlib import Path

import click

from .status import CONFORMANT


@click.group()
def vectors() -> None:
    """The golden vectors: verify them, or copy them for use without Python."""


@vectors.command(name="check")
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
def vectors_check(folder: Path | None) -> int:
    """Verify checksums and schema of the vectors, by default of those that ship.

    \b
    Examples:
      adamref vectors check
      adamref vectors check vendor/adam-vectors
    """
    from ..vectors.files import default_directory, load

    suite = load(folder or default_directory())
    click.echo(
        f"{len(suite.vectors)} vectors of version {suite.version}: checksums and schema are right"
    )
    return CONFORMANT


@vectors.command(name="copy")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def vectors_copy(folder: Path) -> int:
    """Copy the vectors with schema and README to a new folder.

    \b
    Example:
      adamref vectors copy vendor/adam-vectors
    """
    import shutil

    from ..vectors.files import default_directory

    if folder.exists():
        raise click.BadParameter(f"{folder} must not exist yet")
    shutil.copytree(default_directory(), folder)
    click.echo(f"copied to {folder}")
    return CONFORMANT
