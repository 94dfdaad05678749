"""identify: which convention a subject follows, from its numbers, and what they leave unexplained.

For example, `identify(torch_adam).sentence` is "this is torch". The numbers decide; what a subject
declares decides only where no input can tell. What no convention explains is explained as in a
report of `check`.
"""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase

from ..diagnosis.case import Case
from ..diagnosis.diagnosis import diagnose
from ..identity.identity import Identity
from ..identity.search import identify_runs
from ..process.floating_point import own_floating_point
from ..subject.loading import as_subject
from ..subject.subject import Make, Subject
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.run import run
from ..vectors import files
from ..vectors.suite import ListedConvention, Suite
from ..vectors.vector import Vector


@own_floating_point()
def identify(
    make: Make | Subject | str,
    *,
    only: str = "*",
    suite: Suite | None = None,
    progress: Callable[[Vector], None] | None = None,
) -> Identity:
    """Return which convention a subject follows, from what it returns.

    Args:
        make: the function that starts a run, a Subject, or a name as on the command line.
        only: glob on vector ids.
        suite: the vectors; None is the ones that ship.
        progress: called after each vector.

    Raises:
        SubjectError: ``make`` cannot be a subject.

    >>> from adamref import Adam, AdamConfig
    >>> def make(params, *numbers):
    ...     names = ("learning_rate", "beta1", "beta2", "epsilon")
    ...     return Adam(params, AdamConfig(**dict(zip(names, numbers))), "torch")
    >>> identify(make).convention["epsilon"]
    'outside'
    """
    subject = as_subject(make)
    suite = suite or files.load()
    runs = []
    for vector in suite.vectors:
        if vector.level == "core" and fnmatchcase(vector.id, only):
            runs.append(run(subject, vector))
            if progress:
                progress(vector)
    claimed = subject.convention if subject.convention in suite.conventions else "paper"
    identity = identify_runs(runs, suite, claimed)
    nearest = suite.conventions[identity.nearest]
    code = identity.arithmetic or nearest.arithmetics[0]
    judged = JudgedRuns(runs)
    # The questions took a few small vectors. Now every vector must pass at the point found.
    wrong = {comparison.vector.id: comparison for comparison in identity.unexplained}
    for comparison in failures(judged.under(identity.axes, code)):
        wrong[comparison.vector.id] = comparison
    identity = replace(identity, unexplained=tuple(wrong.values()))
    if not identity.unexplained or not identity.asked:
        return identity
    return replace(identity, cause=_cause(judged, nearest, code, suite))


def _cause(judged: JudgedRuns, nearest: ListedConvention, code: str, suite: Suite) -> str:
    """Return what explains the failures under the nearest convention, in a sentence."""
    listed = replace(nearest, arithmetics=[code])
    comparisons = judged.under(listed.axes, code)
    if not failures(comparisons):
        return ""
    case = Case(
        judged=judged,
        convention=listed,
        suite=suite,
        comparisons=comparisons,
        arithmetics=(),
        unrepeatable="",
    )
    return diagnose(case).sentence()
