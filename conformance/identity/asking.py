"""Asking: the answer of a subject's runs to one question.

Every option is judged on every run about the question's topic. An option whose error exceeds the
bound in some run is out, and an axis is decided if the options that are left have one value on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from ..on_demand.judging import APART
from ..on_demand.solver import Solver
from ..trial.outcomes import RunStatus, Status
from ..trial.run import Run
from ..truth.point import UNSUPPORTED, Values, nearest_point
from .identity import Evidence
from .knowledge import Finding, Knowledge
from .questions import PARENTS, Question, why_same
from .topics import Topic

# All options are judged on this many runs, as evidence; on the others only those that are left.
_FULLY_JUDGED = 12


@dataclass(frozen=True)
class Elimination:
    """What is left of the options of a question. Options go by their index.

    Attributes:
        options: all that were tried.
        left: the options that explain every run that any option explains.
        ratios: id of the vector -> option -> error over bound.
        unexplained: the runs that none of the options left before them explains.
    """

    options: Sequence[Values]
    left: Sequence[int]
    ratios: Mapping[str, Mapping[int, float]]
    unexplained: Sequence[Run]

    @property
    def first_left(self) -> Values:
        """The first option that is left; there always is one."""
        return self.options[self.left[0]]

    def values_left(self, axis: str) -> list[str]:
        """Return the values of an axis in the options that are left."""
        options = [self.options[index] for index in self.left]
        return list(dict.fromkeys(option[axis] for option in options if axis in option))


def ask(
    question: Question,
    runs: Sequence[Run],
    knowledge: Knowledge,
    solver: Solver,
) -> Finding:
    """Return the findings of a question.

    Args:
        question: which values explain the runs.
        runs: the runs about its topic.
        knowledge: what the questions before it have found; not changed.
        solver: has the exact results; it keeps them from question to question.
    """
    ran = [run for run in runs if run.status != RunStatus.UNSUPPORTED]
    # Only several limits may be refused by a convention; elsewhere an error has no numbers.
    if question.about is not Topic.CLIPS:
        ran = [run for run in ran if run.status == RunStatus.RAN] or ran
    refused = question.error_is_lack and all(run.status == RunStatus.ERRORED for run in ran)
    if not ran or refused:
        return _finding_without_runs(question, runs, knowledge)
    axes, options = _join(question, knowledge.postponed)
    if not question.refines:
        # What is known is not asked again, unless this would leave no option.
        options = [option for option in options if not knowledge.contradicts(option)] or options
    elimination = _eliminate(options, ran, knowledge, solver)
    if not elimination.unexplained:
        return _decide(question, axes, elimination, knowledge)
    # A value that does not explain all is a guess, with which the next questions go on.
    why = f"no value explains what it returned in {elimination.unexplained[0].vector.id}"
    undecided = {axis: why for axis in axes if axis not in knowledge.values}
    guess = elimination.first_left if len(elimination.unexplained) < len(ran) else {}
    assumed = {axis: value for axis, value in guess.items() if axis not in knowledge.values}
    return Finding(undecided=undecided, assumed=assumed, unexplained=tuple(elimination.unexplained))


def _finding_without_runs(
    question: Question,
    runs: Sequence[Run],
    knowledge: Knowledge,
) -> Finding:
    """Return the findings of a question if the subject supports no vector about it."""
    postponed = question.instead is not None
    why = "no vector that ran is about it"
    is_for_this_lack = False
    if runs:
        why = runs[0].reason
        # If it does not even support plain vectors, it may lack something else than this feature.
        plain_ran = not (postponed or knowledge.postponed)
        is_for_this_lack = plain_ran or runs[0].lacks == {question.about}
    values: Values = {}
    lacking = {}
    if question.lack and is_for_this_lack:
        values[question.lack] = UNSUPPORTED
        lacking[question.lack] = why
    known = {**knowledge.values, **values}
    undecided = {}
    for axis in question.axes:
        if axis in known:
            continue
        parent = PARENTS.get(axis, "")
        reason = f"only where there is {parent}" if known.get(parent) == UNSUPPORTED else why
        # The first reason counts.
        undecided[axis] = knowledge.undecided.get(axis, reason)
    return Finding(values=values, lacking=lacking, undecided=undecided, postponed=postponed)


def _join(question: Question, postponed: Sequence[Question]) -> tuple[list[str], list[Values]]:
    """Return the axes and options of a question with those of the questions postponed to it."""
    axes = list(question.axes)
    options = question.possible_options()
    for other in postponed:
        if other.instead == question.about:
            axes += other.axes
            more_options = other.possible_options()
            options = [option | more for option in options for more in more_options]
    return list(dict.fromkeys(axes)), options


def _eliminate(
    options: Sequence[Values],
    runs: Sequence[Run],
    knowledge: Knowledge,
    solver: Solver,
) -> Elimination:
    """Judge the options run after run; a run that no option explains eliminates none."""
    left = list(range(len(options)))
    ratios: dict[str, dict[int, float]] = {}
    unexplained = []
    for number, run in enumerate(runs):
        # Also options that are out, because the evidence names the next best value.
        judged = range(len(options)) if number < _FULLY_JUDGED else left
        found = {index: _ratio(run, options[index], knowledge, solver) for index in judged}
        ratios[run.vector.id] = found
        passing = [index for index in left if found[index] <= 1]
        if passing:
            left = passing
        else:
            unexplained.append(run)
    return Elimination(options, left, ratios, unexplained)


def _ratio(
    run: Run,
    option: Values,
    knowledge: Knowledge,
    solver: Solver,
) -> float:
    """Return the error over bound of a run at an option, infinite if it is no matter of numbers."""
    if option.get("clip") == "exclusive":
        # Then setting several limits must raise, whatever the numbers would be.
        return 0.0 if run.status == RunStatus.ERRORED else inf
    comparison = solver.judge(run, nearest_point(knowledge.axes, option, knowledge.code))
    if comparison is None:
        # The input tells nothing at this point, so it is no argument against it.
        return 0.0
    if comparison.status in (Status.PASSED, Status.NOT_ASKED):
        return min(comparison.worst_ratio, 1.0)
    is_numeric = comparison.discrepancy is not None and comparison.worst_ratio > 1
    return comparison.worst_ratio if is_numeric else inf


def _decide(
    question: Question,
    axes: Sequence[str],
    elimination: Elimination,
    knowledge: Knowledge,
) -> Finding:
    """Return the axes that the options left decide, and why they do not decide the others."""
    values: Values = {}
    evidence = {}
    undecided = {}
    assumed: Values = {}
    for axis in axes:
        left = elimination.values_left(axis)
        # First what is known already, then one value, several values, and no value at all.
        if axis in knowledge.values and not question.refines:
            continue
        if len(left) == 1:
            values[axis] = left[0]
            decisive = evidence_for(axis, left[0], elimination)
            if decisive is not None:
                evidence[axis] = decisive
        elif axis in knowledge.values:
            continue
        elif left:
            # Later questions need some value; one that is out would fail them.
            undecided[axis] = _why_several(axis, left, elimination, {**knowledge.values, **values})
            if knowledge.assumed[axis] not in left:
                assumed[axis] = left[0]
        else:
            undecided[axis] = f"not where {_cause(axis, elimination.first_left)}"
    return Finding(
        values=values,
        evidence=evidence,
        undecided=undecided,
        assumed=assumed,
    )


def _why_several(
    axis: str,
    left: Sequence[str],
    elimination: Elimination,
    known: Values,
) -> str:
    why = why_same(axis, left, {**known, **elimination.first_left})
    if not why:
        why = "no vector that ran tells them apart"
    return f"{' or '.join(left)}: {why}"


def _cause(axis: str, option: Values) -> str:
    """Return the value because of which an axis has no meaning in an option."""
    parent = PARENTS.get(axis, "")
    if parent not in option:
        parent = next(iter(option))
    return f"{parent} is {option[parent]}"


def evidence_for(
    axis: str,
    value: str,
    elimination: Elimination,
) -> Evidence | None:
    """Return the vector that tells a value from the next best one; None if no other was tried.

    Of each option with another value it takes the vector that tells best, and of these options the
    one that comes nearest.
    """
    options = elimination.options
    chosen = next(index for index in elimination.left if options[index].get(axis) == value)
    best: Evidence | None = None
    for index, option in enumerate(options):
        if option.get(axis, value) == value:
            continue
        # Vectors of later runs may not be judged at an option that was out by then.
        seen = [
            Evidence(vector, ratios.get(chosen, 0.0), option[axis], ratios.get(index, 0.0))
            for vector, ratios in elimination.ratios.items()
        ]
        # The first vector that is plain enough is the smallest.
        plain = [evidence for evidence in seen if evidence.its_ratio >= APART]
        evidence = plain[0] if plain else max(seen, key=lambda evidence: evidence.its_ratio)
        if best is None or evidence.its_ratio < best.its_ratio:
            best = evidence
    return best
