"""adamref plot."""

from pathlib import Path

import click

from ..status import ExitStatus, say

_ALL = "all"
# As the rooms that draw have them, which are imported late.
THEMES = ("light", "dark")
FORMATS = ("svg", "png")


@click.command()
@click.argument("kind", required=False, metavar="[KIND]")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An .svg or .png file; for all, a folder of .svg files.",
)
@click.option("--theme", type=click.Choice(THEMES), default="light", help="Default: light.")
def plot(kind: str | None, output: Path | None, theme: str) -> int:
    """Draw a picture of what Adam does.

    Without KIND it lists the kinds. All numbers are computed anew, by our own Adam, our oracle and
    the golden vectors. The same version of matplotlib writes the same bytes again. It needs
    matplotlib: pip install 'adamref[plot]'. Kinds whose names begin with digits need scikit-learn.

    \b
    Examples:
      adamref plot
      adamref plot epsilon-place --output epsilon.svg
      adamref plot conventions --output conventions.png --theme dark
      adamref plot all --output pictures
    """
    from ...process.files import Destination
    from ...teach.plot.kinds import KINDS, picture

    if kind is None:
        for name, entry in KINDS.items():
            click.echo(f"{name:24}{entry.shows}")
        return ExitStatus.CONFORMANT
    if kind not in (*KINDS, _ALL):
        raise click.UsageError(f"KIND must be {_ALL} or one of {', '.join(KINDS)}, got {kind!r}")
    if output is None:
        what = "a folder" if kind == _ALL else "an .svg or .png file"
        raise click.UsageError(f"--output must name {what}, got nothing")
    places = {kind: output}
    if kind == _ALL:
        places = {name: output / f"{name}.svg" for name in KINDS}
        output.mkdir(parents=True, exist_ok=True)
    for name, place in places.items():
        file_format = place.suffix.removeprefix(".").lower()
        if file_format not in FORMATS:
            raise click.UsageError(f"--output must end in .svg or .png, got {str(place)!r}")
        # Found first: drawing may take half a minute.
        destination = Destination(place)
        try:
            content = picture(name, theme, file_format)
        except ImportError as error:
            say(error)
            return ExitStatus.FAILED
        destination.write_bytes(content)
        click.echo(f"wrote {place}")
    return ExitStatus.CONFORMANT
