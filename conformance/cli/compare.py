"""adamref compare."""

import click

from .outputs import console
from .status import CONFORMANT


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.option(
    "--subjects",
    "run",
    is_flag=True,
    help="Run both, also where the names are those of conventions.",
)
def compare(one: str, other: str, run: bool) -> int:
    """Show where two Adams agree, the input on which they differ most, and by how much at defaults.

    A and B are two conventions (`adamref list conventions`), compared in exact arithmetic, or two subjects
    (`adamref list subjects`), which are run. Names of both kinds, such as torch, are conventions where both are; a
    convention beside a subject is our own reference under it.

    \b
    Examples:
      adamref compare torch tfkeras
      adamref compare --subjects torch torch-fused
      adamref compare my_adam:make torch
    """
    from ..diagnosis.contrast import conventions, subjects
    from ..report.screens.contrast import show
    from ..subject import loading
    from ..subject.shipped import SHIPPED
    from ..vectors import files

    suite = files.load()
    reference = {
        name: "adamref" if name == "paper" else f"adamref-{name}" for name in suite.conventions
    }
    if not run and one in suite.conventions and other in suite.conventions:
        found = conventions(suite.conventions[one], suite.conventions[other], suite)
    else:
        # A convention beside a subject is our own reference under it.
        names = [name if name in SHIPPED else reference.get(name, name) for name in (one, other)]
        for name in names:
            loading.is_known(name)
        found = subjects(loading.load(names[0]), loading.load(names[1]), suite)
    show(console(), one, other, found)
    return CONFORMANT
