"""Whose Adam it is: the point of a subject on every axis, with what decided it, from what it returned."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import NamedTuple

from ..on_demand.judging import APART
from ..on_demand.solver import Solver
from ..subject.loading import as_subject
from ..subject.subject import Make, Subject
from ..trial.bench import Bench, failed
from ..trial.compare import Comparison
from ..trial.run import Run, run
from ..truth import reference
from ..truth.point import Values, nearest_point
from ..vectors import files
from ..vectors.suite import Suite
from ..vectors.switches import NEEDS
from ..vectors.vector import Vector, size
from .arithmetics import LARGEST, arithmetics
from .identity import Evidence, Identity
from .known_mistakes import suspects
from .questions import OF, QUESTIONS, Question, about, same

# So many vectors are asked beside those that were searched for; all values of a question are judged on so many.
_BESIDE, _WHOLE = 8, 12


class _Answer(NamedTuple):
    """What is known after a question: the points that are left, and for each vector the ratio at every point."""

    left: list[Values]
    ratios: dict[str, list[tuple[Values, float]]]
    unexplained: list[Run]


def identify(
    make: Make | Subject | str,
    *,
    suite: Suite | None = None,
    progress: Callable[[Vector], None] | None = None,
) -> Identity:
    """Whose Adam a subject is, from what it returns.

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
    found = identified(
        runs, suite, subject.convention if subject.convention in suite.conventions else "paper"
    )
    code = found.arithmetic or suite.conventions[found.nearest].arithmetics[0]
    wrong = {one.vector.id: one for one in found.unexplained}
    wrong |= {one.vector.id: one for one in failed(Bench(runs).compared(found.point, code))}
    mistakes = suspects(runs, set(wrong), found.point, code) if wrong else []
    return replace(found, unexplained=tuple(wrong.values()), mistakes=tuple(mistakes))


def identified(runs: Sequence[Run], suite: Suite, claimed: str = "paper") -> Identity:
    """The point of a subject, from its runs; where values cannot be told apart, that of ``claimed`` is taken."""
    return _Search(runs, suite, claimed).identity()


class _Search:
    """One search, question after question, each with what is known before it."""

    def __init__(self, runs: Sequence[Run], suite: Suite, claimed: str) -> None:
        self.runs, self.suite, self.claimed, self.solver = runs, suite, claimed, Solver()
        self.base: Values = dict(suite.conventions[claimed].axes)
        self.known: dict[str, str] = {}
        self.evidence: dict[str, Evidence] = {}
        self.undecided: dict[str, str] = {}
        self.lacks: dict[str, str] = {}
        self.unexplained: list[Run] = []
        self.waiting: list[Question] = []
        self.by_topic: dict[str, list[Run]] = {}
        for one in sorted(runs, key=lambda one: (one.vector.topic != "found", size(one.vector))):
            if size(one.vector) <= LARGEST and (topic := about(one.vector)):
                asked = self.by_topic.setdefault(topic, [])
                if (
                    one.vector.topic == "found"
                    or sum(o.vector.topic != "found" for o in asked) < _BESIDE
                ):
                    asked.append(one)

    def identity(self) -> Identity:
        """What is known when everything was asked."""
        for question in QUESTIONS:
            self._ask(question)
        for axis in reference.AXES:
            if axis not in self.known:
                self.undecided.setdefault(axis, "no vector is about it")
        point = {axis: self.known.get(axis, self.base[axis]) for axis in reference.AXES}
        accepted = self.suite.conventions[self.claimed].arithmetics
        codes, costs = arithmetics(self.runs, point, self.solver, accepted)
        nearest, differs = self._nearest(codes)
        convention = {axis: self.known[axis] for axis in reference.AXES if axis in self.known}
        code = next(iter(codes), self.suite.conventions[nearest].arithmetics[0])
        wrong = [self._judge_at(one, point, code) for one in self.unexplained]
        unexplained = tuple(found for found in wrong if found is not None)
        return Identity(
            convention=convention,
            evidence=self.evidence,
            undecided={
                axis: self.undecided[axis] for axis in reference.AXES if axis in self.undecided
            },
            lacks=self.lacks,
            arithmetics=codes,
            costs=costs,
            nearest=nearest,
            differs=differs,
            unexplained=unexplained,
            point=point,
            asked=any(one.status != "unsupported" for one in self.runs),
        )

    def _judge_at(self, run: Run, values: Values, code: str) -> Comparison | None:
        try:
            point = self.solver.awake(run.vector, values, code)
        except ValueError:  # the values that matter to it exclude each other
            return None
        return self.solver.judge(run, point)

    def _ask(self, question: Question) -> None:
        asked = self.by_topic.get(question.about, [])
        ran = [one for one in asked if one.status != "unsupported"]
        refused = all(one.status == "errored" for one in ran) and question.about in (
            *NEEDS,
            "epsilon_root",
            "clip",
        )
        if not ran or refused:
            self._not_asked(question, asked)
            return
        axes, options = question.axes, question.points()
        for other in self.waiting if question.about == "sparse" else ():
            axes, options = (
                (*axes, *other.axes),
                [option | more for option in options for more in other.points()],
            )
        if (
            not question.refines
        ):  # what is known already is not asked again, where it leaves an option at all
            options = [option for option in options if not self._contradicts(option)] or options
        found = self._answer(options, ran)
        self.unexplained += found.unexplained
        for axis in dict.fromkeys(axes):
            if len(found.unexplained) < len(ran):
                self._decide(axis, found, question.refines)
            elif axis not in self.known:
                self.undecided[axis] = f"no value explains what it returned in {ran[0].vector.id}"

    def _not_asked(self, question: Question, asked: Sequence[Run]) -> None:
        if question.about == "plain":
            self.waiting.append(question)  # it may take sparse gradients alone
        # Where not even plain vectors are supported, it may be for want of something else.
        named = asked and (asked[0].lacks == {question.about} or not self.waiting)
        why = asked[0].reason if asked else "no vector that ran is about it"
        if question.lack and named:
            self.known[question.lack], self.lacks[question.lack] = "unsupported", why
        for axis in question.axes:
            missing = self.known.get(OF.get(axis, "")) == "unsupported"
            if axis not in self.known:
                self.undecided.setdefault(
                    axis, f"only where there is {OF[axis]}" if missing else why
                )

    def _contradicts(self, option: Values) -> bool:
        return any(
            self.known.get(axis, value) not in (value, "unsupported")
            for axis, value in option.items()
        )

    def _answer(self, options: list[Values], ran: Sequence[Run]) -> _Answer:
        """Which options are left; a run that none of them explains leaves all."""
        left, ratios, unexplained = options, dict[str, list[tuple[Values, float]]](), list[Run]()
        for at, one in enumerate(ran):
            judged = [
                (option, self._ratio(one, option)) for option in (options if at < _WHOLE else left)
            ]
            ratios[one.vector.id] = judged
            passing = [option for option, ratio in judged if ratio <= 1 and option in left]
            left, unexplained = (passing, unexplained) if passing else (left, [*unexplained, one])
        return _Answer(left, ratios, unexplained)

    def _ratio(self, ran: Run, option: Values) -> float:
        """Error over bound of a run at a point: above 1 if it fails, infinite if that is no matter of numbers."""
        if option.get("clip") == "exclusive":
            return 0.0 if ran.status == "errored" else inf
        one = self.solver.judge(ran, nearest_point({**self.base, **self.known}, option))
        if one is None or one.status in ("passed", "not asked"):
            return 0.0 if one is None else min(one.worst_ratio, 1.0)
        return one.worst_ratio if one.discrepancy and one.worst_ratio > 1 else inf

    def _decide(self, axis: str, found: _Answer, refines: bool) -> None:
        values = list(dict.fromkeys(point[axis] for point in found.left if axis in point))
        if len(values) == 1 and (refines or axis not in self.known):
            self.undecided.pop(axis, None)
            self.known[axis] = values[0]
            if (evidence := evidence_for(axis, values[0], found)) is not None:
                self.evidence[axis] = evidence
        elif values and axis not in self.known:
            alike = (
                "none explains all" if found.unexplained else "no vector that ran tells them apart"
            )
            why = same(axis, values, {**self.known, **found.left[0]}) or alike
            self.undecided[axis] = f"{' or '.join(values)}: {why}"
            if self.base[axis] not in values:
                self.base[axis] = values[0]
        elif not values and axis not in self.known:
            self.undecided[axis] = f"not where {_about(OF.get(axis, ''), found.left[0])}"

    def _nearest(self, codes: Sequence[str]) -> tuple[str, dict[str, str]]:
        """The named convention with the fewest other values, and those; the claimed one where several have as few."""

        def apart(name: str) -> dict[str, str]:
            theirs = self.suite.conventions[name].axes
            return {axis: theirs[axis] for axis, own in self.known.items() if own != theirs[axis]}

        def rank(name: str) -> tuple[int, bool, bool, int]:
            found = apart(name)
            lacking = sum(
                "unsupported" in (self.known[axis], value) for axis, value in found.items()
            )
            accepted = not codes or any(
                code in self.suite.conventions[name].arithmetics for code in codes
            )
            return len(found) - lacking, not accepted, name != self.claimed, lacking

        nearest = min(self.suite.conventions, key=rank)
        return nearest, apart(nearest)


def _about(axis: str, point: Values) -> str:
    axis = axis if axis in point else next(iter(point))
    return f"{axis} is {point[axis]}"


def evidence_for(axis: str, value: str, found: _Answer) -> Evidence | None:
    """What tells a value from the next best one: of each other value the best point, of these the best one."""
    chosen = next(point for point in found.left if point.get(axis) == value)
    best: Evidence | None = None
    others = {
        id(p): p
        for judged in found.ratios.values()
        for p, _ in judged
        if p.get(axis) not in (value, None)
    }
    for other in others.values():
        seen = [(v, _of(judged, chosen), _of(judged, other)) for v, judged in found.ratios.items()]
        # The smallest vector that is plain enough.
        vector, own, its = next(
            (one for one in seen if one[2] >= APART), max(seen, key=lambda one: one[2])
        )
        if best is None or its < best.its_ratio:
            best = Evidence(vector, own, other[axis], its)
    return best


def _of(judged: Iterable[tuple[Values, float]], point: Values) -> float:
    return next((ratio for one, ratio in judged if one is point), 0.0)
