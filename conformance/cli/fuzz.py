"""adamref fuzz."""

from pathlib import Path

import click

from .outputs import console, write_json
from .status import CONFORMANT, NOT_CONFORMANT, NOTHING


@click.command()
@click.argument("name", metavar="SUBJECT")
@click.option(
    "--convention",
    metavar="NAME",
    help="Judge by this convention instead of the subject's own, or paper.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed tries the same inputs."
)
@click.option(
    "--examples",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="Inputs for each of 2 dtypes and 2 kinds of numbers.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what fails as a vector, in JSON.",
)
def fuzz(name: str, convention: str | None, seed: int, examples: int, save: Path | None) -> int:
    """Search for an input that a subject fails, beyond the golden vectors.

    Configurations and gradients are drawn by Hypothesis and judged by the oracle; what fails is made as small as it
    can be and shown as a script. It needs `pip install 'adamref[fuzz]'`.
    Exit status: 0 nothing was found, 1 something fails, 5 the subject could do none of the inputs.

    \b
    Examples:
      adamref fuzz my_adam:make
      adamref fuzz my_adam:make --convention torch --examples 5000 --seed 7
    """
    from ..judge.selection import claimed
    from ..report.screens.progress import Progress
    from ..search.fuzz import fuzz as search
    from ..subject import loading
    from ..vectors import files

    if save is not None and not save.absolute().parent.is_dir():
        raise click.UsageError(
            f"--save must be a file in a folder that is there, got {str(save)!r}"
        )
    suite, one = files.load(), loading.load(name)
    named = claimed(suite, convention, one.convention, name)
    with Progress(name) as progress:
        result = search(one, named, seed=seed, examples=examples, progress=progress.count_to)
    out = console(markup=False)
    told = f"{result.tried} inputs, of which it could do {result.supported}, seed {seed}, convention {named.name}"
    if result.found is None:
        out.print(
            f"{name}: nothing found in {told}; worst error {result.worst:.2f} bounds",
            soft_wrap=True,
        )
        return CONFORMANT if result.supported else NOTHING
    out.print(
        f"{name}: fails; {told}. The smallest input found:\n\n{result.found.script}", soft_wrap=True
    )
    if save is not None:
        why = {
            "why": f"Found by fuzz: {name} fails it, judged by {named.name}.",
            "source": f"fuzz, seed {seed}",
        }
        write_json(save, {**result.found.vector.entry, **why})
    return NOT_CONFORMANT
