"""identify: which convention a subject follows, from its numbers, and what they leave unexplained.

For example, `identify(torch_adam).sentence` is "this is torch". The numbers decide; what a subject
declares decides only where no input can tell. What no convention explains is explained as in a
report of `check`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from ..diagnosis.case import Case
from ..diagnosis.diagnosis import diagnose
from ..identity.identity import Identity
from ..identity.search import identify_runs
from ..process.floating_point import own_floating_point
from ..subject.loading import as_subject
from ..subject.subject import Make, Subject
from ..trial.comparison import Comparison
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import Status
from ..trial.run import run
from ..vectors import files
from ..vectors.suite import ListedConvention, Suite
from ..vectors.vector import Vector
from ..waivers.staleness import waivers_for
from .causes import Causes
from .check import check
from .selection import check_numbers, choose_vectors
from .settle import require_and_waive


@own_floating_point()
def identify(
    make: Make | Subject | str,
    level: str = "core",
    *,
    only: str = "*",
    config: Mapping[str, float] | None = None,
    suite: Suite | None = None,
    progress: Callable[[Vector], None] | None = None,
) -> Identity:
    """Return which convention a subject follows, from what it returns.

    Args:
        make: the function that starts a run, a Subject, or a name as on the command line.
        level: `quick`, `core` or `full`, as for `check`; of few vectors fewer axes are told.
        only: glob on vector ids.
        config: hyperparameters that are fixed in the subject, as for `check`.
        suite: the vectors; None is the ones that ship.
        progress: called after each vector.

    Raises:
        UsageError: an argument has a value that it cannot have.
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
    chosen = choose_vectors(suite, suite.conventions["paper"], level, only=only)
    part = replace(suite, vectors=chosen)
    if config:
        part = _with_inputs(part, config)
        subject = replace(subject, fixed=frozenset(config))
    runs = []
    for vector in part.vectors:
        runs.append(run(subject, vector))
        if progress:
            progress(vector)
    claimed = subject.convention if subject.convention in suite.conventions else "paper"
    identity = identify_runs(runs, suite, claimed, fixed=bool(config))
    if config:
        return _verify(identity, subject, level, only, config, suite)
    nearest = suite.conventions[identity.nearest]
    code = identity.arithmetic or nearest.arithmetics[0]
    holding = waivers_for((), subject.record)
    causes = Causes(holding, nearest, suite)
    judged = JudgedRuns(runs, require_and_waive((), holding, causes))
    # The questions took a few small vectors. Now every vector must pass at the point found.
    known = {one.vector.id for one in judged.under(identity.axes, code) if _is_waived(one)}
    wrong = {one.vector.id: one for one in identity.unexplained if one.vector.id not in known}
    for comparison in failures(judged.under(identity.axes, code)):
        wrong[comparison.vector.id] = comparison
    identity = replace(identity, unexplained=tuple(wrong.values()))
    if not identity.unexplained or not identity.asked:
        return identity
    return replace(identity, cause=_cause(judged, nearest, code, suite))


def _with_inputs(suite: Suite, config: Mapping[str, float]) -> Suite:
    # Late, because it loads the oracle.
    from ..on_demand.configured import with_inputs

    check_numbers(config)
    return with_inputs(suite, config)


def _verify(
    identity: Identity,
    subject: Subject,
    level: str,
    only: str,
    config: Mapping[str, float],
    suite: Suite,
) -> Identity:
    """Return an identity with what fails by the answers of its point, which no file has."""
    convention = identity.convention_option
    report = check(subject, convention, level, only=only, config=config, suite=suite)
    unexplained = (*identity.unexplained, *report.failures)
    return replace(identity, unexplained=unexplained, cause=report.diagnosis)


def _is_waived(comparison: Comparison) -> bool:
    return comparison.status is Status.WAIVED


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
