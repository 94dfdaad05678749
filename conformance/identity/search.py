"""The search for an identity: question after question, then the arithmetic.

`identify_runs` finds the convention from runs that were made already. Its numbers decide; what a
subject declares decides only where no input can tell. `conformance.judge.identify` makes the runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..on_demand.solver import Solver
from ..trial.comparison import Comparison
from ..trial.outcomes import RunStatus
from ..trial.run import Run
from ..truth import reference
from ..truth.point import UNSUPPORTED, Values
from ..vectors.suite import ListedConvention, Suite
from .arithmetics import fit_arithmetics
from .asking import ask
from .identity import Identity
from .knowledge import Knowledge
from .questions import QUESTIONS
from .topics import Topic, runs_by_topic

# Answers take long to find, and are the same for every subject.
_SOLVER = Solver()
# A feature that a convention lacks is so many other values.
_LACKING = 2


def identify_runs(
    runs: Sequence[Run],
    suite: Suite,
    claimed: str = "paper",
    *,
    fixed: bool = False,
) -> Identity:
    """Return the identity of a subject from its runs.

    Args:
        runs: of the subject.
        suite: the conventions.
        claimed: the one that has the values where no input can tell them apart.
        fixed: the hyperparameters of all runs are those that are fixed in the subject, so that the
            arithmetic must be found with the convention.
    """
    solver = _SOLVER
    knowledge = Knowledge(assumed=dict(suite.conventions[claimed].axes))
    asked = runs_by_topic(runs, decimal=fixed)
    if fixed:
        knowledge = replace(knowledge, code=_code_of(asked, knowledge, suite))
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
    listed = suite.conventions[nearest]
    code = next(iter(arithmetics.codes), listed.arithmetics[0])
    differs = _differences(knowledge.values, listed.axes)
    return Identity(
        convention=known,
        evidence=knowledge.evidence,
        undecided=undecided,
        lacks=knowledge.lacking,
        arithmetics=arithmetics.codes,
        costs=arithmetics.costs,
        nearest=nearest,
        differs=differs,
        unexplained=tuple(_judge_at(knowledge.unexplained, knowledge.axes, code, solver)),
        axes=knowledge.axes,
        asked=any(subject_run.status != RunStatus.UNSUPPORTED for subject_run in runs),
        also=() if differs else _same(knowledge.values, suite, nearest),
        convention_option=_option(knowledge.values, listed, arithmetics.codes),
    )


def _same(known: Values, suite: Suite, nearest: str) -> tuple[str, ...]:
    """Return the other named conventions that have all known values."""
    return tuple(
        name
        for name, listed in suite.conventions.items()
        if name != nearest and not _differences(known, listed.axes)
    )


def _option(known: Values, listed: ListedConvention, codes: Sequence[str]) -> str:
    """Return a convention and what is other than in it, as `torch,epsilon=hat`."""
    parts = [listed.name]
    parts += [
        f"{axis}={known[axis]}"
        for axis in _differences(known, listed.axes)
        if UNSUPPORTED not in (known[axis], listed.axes[axis])
    ]
    if codes and not set(codes) & set(listed.arithmetics) and codes[0] in reference.ARITHMETICS:
        parts.append(f"arithmetic={codes[0]}")
    return ",".join(parts)


def _code_of(asked: Mapping[Topic, Sequence[Run]], knowledge: Knowledge, suite: Suite) -> str:
    """Return the arithmetic in which some value explains every plain run."""
    question = QUESTIONS[0]
    runs = asked.get(question.about, [])
    for code in suite.arithmetics:
        finding = ask(question, runs, replace(knowledge, code=code), _SOLVER)
        if not finding.unexplained:
            return code
    return knowledge.code


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
    """Return the named convention that differs least, the claimed one if several do."""

    def rank(name: str) -> tuple[int, bool, bool]:
        differences = _differences(known, suite.conventions[name].axes)
        # What the subject cannot be asked is no difference; what the convention lacks counts most.
        unasked = sum(known[axis] == UNSUPPORTED for axis in differences)
        lacking = sum(value == UNSUPPORTED for value in differences.values())
        others = len(differences) - unasked - lacking
        arithmetics = suite.conventions[name].arithmetics
        accepted = not codes or any(code in arithmetics for code in codes)
        return others + _LACKING * lacking, not accepted, name != claimed

    return min(suite.conventions, key=rank)
