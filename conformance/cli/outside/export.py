"""adamref export."""

from pathlib import Path

import click

from ..options import PATH, complete_convention, config_option, level_option, vectors_option
from ..status import ExitStatus


@click.command()
@click.argument("target", type=PATH, metavar="DIR")
@click.option(
    "--convention",
    metavar="NAME[,AXIS=VALUE]",
    shell_complete=complete_convention,
    help="Ask only vectors that have an answer for this convention.",
)
@level_option
@click.option("--only", default="*", metavar="GLOB", help="Ask only vectors with a matching id.")
@click.option(
    "--dtype",
    type=click.Choice(["bfloat16", "float16", "float32", "float64"]),
    help="Ask only vectors of this dtype.",
)
@config_option
@vectors_option
def export(
    target: Path,
    convention: str | None,
    level: str,
    only: str,
    dtype: str | None,
    config: dict[str, float],
    folder: Path | None,
) -> int:
    """Write all questions to files, for a program that runs elsewhere.

    DIR gets questions.jsonl and questions.txt: the same runs in the two forms of the line
    protocol, without answers. A program that speaks it reads one of them and writes its answers,
    on a phone, in a browser, or behind a queue of GPUs. `adamref check file:FILE` then judges
    them as if the program were running.

    Without --convention, the questions are those of all conventions, so that `identify` finds
    what it needs, too.

    \b
    Examples:
      adamref export questions --level quick
      ./adam < questions/questions.txt > answers.txt
      adamref check file:answers.txt --level quick
    """
    from ...gate.export import questions_of
    from ...judge.selection import UsageError
    from ...process.files import write
    from ...vectors.files import load

    suite = load(folder)
    if config and convention is None:
        raise UsageError("--config must come with --convention, whose vectors are computed anew")
    recorder = questions_of(
        suite, convention=convention, level=level, only=only, dtype=dtype, config=config
    )
    target.mkdir(parents=True, exist_ok=True)
    for name, text in recorder.files().items():
        write(target / name, text)
        click.echo(f"wrote {target / name}")
    click.echo(f"{len(recorder.questions)} runs; next: adamref check file:ANSWERS")
    return ExitStatus.CONFORMANT
