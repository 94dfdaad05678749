"""adamref compare."""

from typing import TYPE_CHECKING

import click

from .options import complete_subject, running_options
from .outputs import console
from .status import ExitStatus

if TYPE_CHECKING:
    from ..subject.program.connect import Running


@click.command()
@click.argument("one", metavar="A", shell_complete=complete_subject)
@click.argument("other", metavar="B", shell_complete=complete_subject)
@click.option(
    "--subjects",
    "as_subjects",
    is_flag=True,
    help="Run A and B as subjects, even if both are conventions as well.",
)
@running_options
def compare(one: str, other: str, as_subjects: bool, running: "Running") -> int:
    """Show where two Adams agree, and where they differ most.

    A and B are two conventions (`adamref list conventions`), which are compared in exact
    arithmetic, or two subjects (`adamref list subjects`, or module:attribute), which are run. Some
    names, such as torch, are a convention and a subject. If A and B both name conventions, the
    conventions are compared. Otherwise such a name means the subject, and a name that is only a
    convention means our reference under this convention.

    The last lines say how far the two are apart with default hyperparameters, for gradients of
    several sizes.

    \b
    Examples:
      adamref compare torch tfkeras
      adamref compare --subjects torch torch-fused
      adamref compare my_adam:MyAdam torch
    """
    from ..diagnosis.contrast import contrast_conventions, contrast_subjects
    from ..report.screens.contrast import show
    from ..subject.loading import load, require_known
    from ..vectors import files

    suite = files.load()
    named = suite.conventions
    # Exact arithmetic tells more than two runs, so that names that are both mean conventions.
    if not as_subjects and one in named and other in named:
        found = contrast_conventions(named[one], named[other], suite)
    else:
        names = [_subject_name(name, tuple(named)) for name in (one, other)]
        # Both names are checked before the first library is imported.
        for name in names:
            require_known(name)
        first, second = [load(name, running) for name in names]
        found = contrast_subjects(first, second, suite)
    # Under the names that were typed, which the reader knows.
    show(console(), one, other, found)
    return ExitStatus.CONFORMANT


def _subject_name(name: str, conventions: tuple[str, ...]) -> str:
    """Return the subject that is meant: for a mere convention, our reference under it."""
    from ..subject.shipped import SHIPPED

    # A library that ships is the better known bearer of its name.
    if name in SHIPPED or name not in conventions:
        return name
    return "adamref" if name == "paper" else f"adamref-{name}"
