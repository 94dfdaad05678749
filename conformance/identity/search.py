"""The search for an identity: question after question, then the arithmetic, then known mistakes.

For example, `identify(torch_adam).sentence` is "this is torch". Its numbers decide; what a
subject declares decides only where no input can tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..on_demand.solver import Solver
from ..process.floating_point import own_floating_point
from ..subject.loading import as_subject
from ..subject.subject import Make, Subject
from ..trial.comparison import Comparison
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import RunStatus
from ..trial.run import Run, run
from ..truth import reference
from ..truth.point import UNSUPPORTED, Values
from ..vectors import files
from ..vectors.suite import Suite
from ..vectors.vector import Vector
from .arithmetics import fit_arithmetics
from .asking import ask
from .identity import Identity
from .knowledge import Knowledge
from .known_mistakes import find_mistakes
from .questions import QUESTIONS
from .topics import runs_by_topic

# Answers take long to find, and are the same for every subject.
_SOLVER = Solver()


@own_floating_point()
def identify(
    make: Make | Subject | str,
    *,
    suite: Suite | None = None,
    progress: Callable[[Vector], None] | None = None,
) -> Identity:
    """Return which convention a subject follows, from what it returns.

    Args:
        make: the function that starts a run, a Subject, or a name as on the command line.
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
        if vector.level == "core":
            runs.append(run(subject, vector))
            if progress:
                progress(vector)
    claimed = subject.convention if subject.convention in suite.conventions else "paper"
    identity = identify_runs(runs, suite, claimed)
    code = identity.arithmetic or suite.conventions[identity.nearest].arithmetics[0]
    # The questions took a few small vectors. Now every vector must pass at the point found.
    wrong = {comparison.vector.id: comparison for comparison in identity.unexplained}
    for comparison in failures(JudgedRuns(runs).under(identity.axes, code)):
        wrong[comparison.vector.id] = comparison
    # What no point explains, a known mistake may.
    mistakes = find_mistakes(runs, set(wrong), identity.axes, code)
    return replace(identity, unexplained=tuple(wrong.values()), mistakes=tuple(mistakes))


def identify_runs(
    runs: Sequence[Run],
    suite: Suite,
    claimed: str = "paper",
) -> Identity:
    """Return the identity of a subject from its runs.

    ``claimed``: the convention that has the values where no input can tell them apart.
    """
    solver = _SOLVER
    knowledge = Knowledge(assumed=dict(suite.conventions[claimed].axes))
    asked = runs_by_topic(runs)
    # First the convention, question by question.
    for question in QUESTIONS:
        finding = ask(question, asked.get(question.about, []), knowledge, solver)
        knowledge = knowledge.with_finding(question, finding)
    known = {axis: knowledge.values[axis] for axis in reference.AXES if axis in knowledge.values}
    undecided = {}
    for axis in reference.AXES:
        if axis in knowledge.undecided:
            undecided[axis] = knowledge.undecided[axis]
        elif axis not in known:
            undecided[axis] = "no vector is about it"
    # Then the arithmetic, because its error is small and only shows once the convention is right.
    accepted = suite.conventions[claimed].arithmetics
    arithmetics = fit_arithmetics(runs, knowledge.axes, solver, accepted)
    # Last the named convention that is most like it.
    nearest = _nearest(knowledge.values, arithmetics.codes, suite, claimed)
    code = next(iter(arithmetics.codes), suite.conventions[nearest].arithmetics[0])
    return Identity(
        convention=known,
        evidence=knowledge.evidence,
        undecided=undecided,
        lacks=knowledge.lacking,
        arithmetics=arithmetics.codes,
        costs=arithmetics.costs,
        nearest=nearest,
        differs=_differences(knowledge.values, suite.conventions[nearest].axes),
        unexplained=tuple(_judge_at(knowledge.unexplained, knowledge.axes, code, solver)),
        axes=knowledge.axes,
        asked=any(subject_run.status != RunStatus.UNSUPPORTED for subject_run in runs),
    )


def _judge_at(
    runs: Sequence[Run],
    axes: Values,
    code: str,
    solver: Solver,
) -> list[Comparison]:
    """Return the comparisons at values that may exclude each other; such a run has none."""
    comparisons = []
    for subject_run in runs:
        try:
            point = solver.awake(subject_run.vector, axes, code)
        except ValueError:
            continue
        comparison = solver.judge(subject_run, point)
        if comparison is not None:
            comparisons.append(comparison)
    return comparisons


def _differences(known: Values, axes: Values) -> Values:
    """Return the values of a named convention on the axes where it has another than is known."""
    return {axis: axes[axis] for axis, value in known.items() if value != axes[axis]}


def _nearest(
    known: Values,
    codes: Sequence[str],
    suite: Suite,
    claimed: str,
) -> str:
    """Return the named convention with the fewest other values, the claimed one if several do."""

    def rank(name: str) -> tuple[int, bool, bool, int]:
        differences = _differences(known, suite.conventions[name].axes)
        # That one of the two lacks a feature is a smaller difference than another value.
        lacking = sum(UNSUPPORTED in (known[axis], value) for axis, value in differences.items())
        arithmetics = suite.conventions[name].arithmetics
        accepted = not codes or any(code in arithmetics for code in codes)
        return len(differences) - lacking, not accepted, name != claimed, lacking

    return min(suite.conventions, key=rank)
