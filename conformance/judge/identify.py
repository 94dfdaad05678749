"""identify: which convention a subject follows, from its numbers, and what they leave unexplained.

For example, `identify(torch_adam).sentence` is "this is torch". The numbers decide; what a subject
declares decides only where no input can tell. What no convention explains is explained as in a
report of `check`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ..diagnosis.case import Case
from ..diagnosis.diagnosis import diagnose
from ..diagnosis.explanation import Kind
from ..identity.identity import Identity
from ..identity.known_mistakes import find_departures
from ..identity.search import identify_runs
from ..identity.storages import find_storage
from ..process.floating_point import own_floating_point
from ..subject.loading import as_subject
from ..subject.program.connect import HERE, Running
from ..subject.subject import Make, Subject
from ..trial.comparison import Comparison
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import Status
from ..trial.run import Run, run
from ..vectors import files
from ..vectors.storage import USUAL
from ..vectors.suite import ListedConvention, Suite
from ..vectors.vector import Vector
from ..waivers.staleness import waivers_for
from .causes import Causes
from .check import check
from .probes import ignored_numbers, unrepeatable_vector
from .selection import check_numbers, choose_vectors, within
from .settle import require_and_waive


@own_floating_point()
def identify(
    make: Make | Subject | str,
    level: str = "core",
    *,
    only: str = "*",
    config: Mapping[str, float] | None = None,
    suite: Suite | None = None,
    running: Running = HERE,
    progress: Callable[[Vector], None] | None = None,
) -> Identity:
    """Return which convention a subject follows, from what it returns.

    Args:
        make: the function that starts a run, a Subject, or a name as on the command line.
        level: `quick`, `core` or `full`, as for `check`; of few vectors fewer axes are told.
        only: glob on vector ids.
        config: hyperparameters that are fixed in the subject, as for `check`.
        suite: the vectors; None is the ones that ship.
        running: whether the subject gets a process of its own, and the limits of a program.
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
    subject = as_subject(make, running=running)
    suite = suite or files.load()
    chosen = choose_vectors(suite, suite.conventions["paper"], level, only=only)
    part = replace(suite, vectors=chosen)
    if config:
        part = _with_inputs(part, config)
        subject = replace(subject, fixed=frozenset(config))
    # What it keeps is found from numbers, so that it may declare nothing, or something else.
    asking = replace(subject, storage=dict.fromkeys(subject.halves, USUAL))
    part = within(part, subject.roundings)
    runs = []
    of_storages = []
    for vector in part.vectors:
        if vector.is_about_storage:
            of_storages.append(run(asking, vector))
        else:
            runs.append(run(subject, vector))
        if progress:
            progress(vector)
    claimed = subject.convention if subject.convention in suite.conventions else "paper"
    identity = identify_runs(runs, suite, claimed, fixed=bool(config))
    if config:
        return _verify(identity, subject, level, only, config, suite)
    nearest = suite.conventions[identity.nearest]
    codes = identity.arithmetics or nearest.arithmetics
    found = [
        replace(
            find_storage(dtype, of_storages, identity.axes, codes),
            declared=subject.storage.get(dtype, ""),
        )
        for dtype in subject.halves
    ]
    identity = replace(identity, storages=tuple(found))
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
    if not identity.asked:
        return identity
    identity = replace(identity, also=_which_pass(identity.also, judged, suite))
    if identity.explained:
        identity = _with_mistake_of_half(identity, subject, of_storages, nearest, suite)
    if identity.explained:
        identity = _with_mistake_of_rounding(identity, subject, judged, nearest, suite)
    if identity.explained:
        return _with_known_departure(identity, judged, nearest, code)
    if identity.cause:
        return identity
    case = _case(subject, judged, nearest, code, suite)
    if not case.failures:
        return identity
    if case.unrepeatable:
        identity = _decide_nothing(identity, f"two runs of {case.unrepeatable} differ")
    return replace(identity, cause=diagnose(case).sentence())


def _with_known_departure(
    identity: Identity, judged: JudgedRuns, nearest: ListedConvention, code: str
) -> Identity:
    """Return an identity with the known mistakes that its departure from the nearest one is."""
    if not identity.departs:
        return identity
    wrong = {one.vector.id for one in failures(judged.under(nearest.axes, code))}
    found = find_departures(judged.runs, wrong, nearest.axes, code)
    return replace(identity, known_as=tuple(defect.sentence for defect in found))


def _with_mistake_of_half(
    identity: Identity,
    subject: Subject,
    runs: Sequence[Run],
    nearest: ListedConvention,
    suite: Suite,
) -> Identity:
    """Return an identity with what no storage explains, and what does."""
    kept = {one.dtype: one.nearest for one in identity.storages if one.failures}
    if not kept:
        return identity
    own = [replace(one, storages=kept) for one in runs if one.vector.dtype in kept]
    keeping = replace(subject, storage=kept)
    case = _case(keeping, JudgedRuns(own), nearest, nearest.arithmetics[0], suite)
    cause = diagnose(case).sentence() if case.failures else ""
    return replace(identity, unexplained=tuple(case.failures), cause=cause)


def _which_pass(names: Sequence[str], judged: JudgedRuns, suite: Suite) -> tuple[str, ...]:
    """Return those of some conventions under which nothing fails, and not because it is unasked."""
    passing = []
    for name in names:
        listed = suite.conventions[name]
        told = judged.under(listed.axes, listed.arithmetics[0])
        if any(one.status is Status.PASSED for one in told) and not failures(told):
            passing.append(name)
    return tuple(passing)


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


def _with_mistake_of_rounding(
    identity: Identity,
    subject: Subject,
    judged: JudgedRuns,
    nearest: ListedConvention,
    suite: Suite,
) -> Identity:
    """Return an identity with the known mistake that looks like its arithmetic, if there is one."""
    accepted = nearest.arithmetics
    if identity.differs or not identity.arithmetics or identity.arithmetic in accepted:
        return identity
    case = _case(subject, judged, nearest, accepted[0], suite)
    if not case.failures:
        return identity
    explanation = diagnose(replace(case, arithmetics=identity.arithmetics))
    if explanation.kind is not Kind.MISTAKE:
        return identity
    return replace(identity, unexplained=tuple(case.failures), cause=explanation.sentence())


def _decide_nothing(identity: Identity, why: str) -> Identity:
    """Return an identity of which nothing is known."""
    undecided = dict.fromkeys(identity.axes, why)
    return replace(identity, convention={}, evidence={}, undecided=undecided, differs={})


def _case(
    subject: Subject, judged: JudgedRuns, nearest: ListedConvention, code: str, suite: Suite
) -> Case:
    """Return the failures under the nearest convention, as they are explained in a report."""
    listed = replace(nearest, arithmetics=[code])
    comparisons = judged.under(listed.axes, code)
    # Waived failures are explained already.
    waived = {one.vector.id for one in comparisons if _is_waived(one)}
    failed = failures(comparisons)
    case = Case(
        judged=judged,
        convention=listed,
        suite=suite,
        comparisons=comparisons,
        arithmetics=(),
        unrepeatable=unrepeatable_vector(subject, judged.runs, comparisons) if failed else "",
        ignored=ignored_numbers(subject, judged.runs, comparisons),
    )
    return case.without(waived)
