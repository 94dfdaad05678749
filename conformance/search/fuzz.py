"""Fuzzing: inputs that nobody wrote down, judged by the oracle, until the subject fails one."""

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..diagnosis.smallest_failure import Smallest, as_smallest, reduce_failure
from ..on_demand.judging import judge_at, judge_vector
from ..process.floating_point import own_floating_point
from ..process.journal import Journal, JournalError
from ..process.plain import from_json, to_json
from ..process.signals import Interrupted, obey
from ..subject.subject import Subject, SubjectError
from ..trial.comparison import Comparison
from ..trial.outcomes import RunStatus, Status
from ..trial.run import run
from ..trial.sentences import failure_line
from ..truth.point import Point, without_unsupported
from ..vectors.inputs import Call, Inputs
from ..vectors.spec import Relation, VectorSpec
from ..vectors.suite import ListedConvention
from ..vectors.switches import LIMITS, LOSS_SCALE, NEEDS
from ..vectors.vector import Vector

if TYPE_CHECKING:
    from .wide import Drawn

# Inputs that are drawn before the first of them is judged. Most wrong Adams fail one of the first.
_DRAWN_AT_ONCE = 100
# Calls of smaller inputs that are tried. Drawn inputs are larger than most vectors.
_CALLS_TRIED = 6000
_MOST_TRIES = 1000
# Runs of the smallest input, to see whether the subject fails it every time.
_REPEATS = 10


class Fuzzed(NamedTuple):
    """The result of a search.

    Attributes:
        tried: how many inputs were judged.
        supported: how many of them the subject could run.
        worst: the largest error over bound of any input, by the arithmetic that explains them best.
        found: the smallest input seen to fail; None if no input failed.
        repeats: whether the subject fails that input every time.
        arithmetic: by which it was judged.
    """

    tried: int
    supported: int
    worst: float
    found: Smallest | None
    repeats: bool
    arithmetic: str


class PartialFuzz(Interrupted):
    """A signal has ended a search.

    Attributes:
        result: the counts.
        failure: the failure that was about to be made smaller, in a line; empty if there is none.
    """

    def __init__(self, number: int, result: Fuzzed, failure: str) -> None:
        super().__init__(number)
        self.result = result
        self.failure = failure


@own_floating_point()
def fuzz(
    subject: Subject,
    convention: ListedConvention,
    *,
    seed: int = 0,
    examples: int = 500,
    progress: Callable[[int], None] | None = None,
    resume: Journal | None = None,
) -> Fuzzed:
    """Search for an input that a subject fails, judged by one convention.

    Args:
        subject: the Adam under test.
        convention: the named convention; one of its arithmetics must explain all inputs.
        seed: the same seed tries the same inputs, with the same version of Hypothesis.
        examples: how many inputs are drawn for each of two dtypes and two pools of numbers.
        progress: called with the number of inputs tried.
        resume: the journal of the same search; inputs that it has passed are not judged again.

    Raises:
        SubjectError: Hypothesis is not installed.
        PartialFuzz: a signal asked to end.
    """
    fuzzing = _Fuzzing(subject, convention)
    failure = None
    # The same inputs are drawn again, which takes less time than to judge them.
    passed = fuzzing.go_on(resume) if resume is not None else 0
    try:
        for drawn in islice(_draw_all(fuzzing, seed, examples), passed, None):
            failure = fuzzing.failure_on(drawn)
            if progress:
                progress(fuzzing.tried)
            # Even a failure that never comes again is a failure.
            if failure is not None:
                return fuzzing.result(drawn, failure)
            if resume is not None:
                resume.add((str(fuzzing.tried),), fuzzing.state())
    except KeyboardInterrupt as error:
        line = failure_line(failure) if failure is not None else ""
        raise PartialFuzz(obey(error), fuzzing.counts(), line) from None
    return fuzzing.counts()


def _draw_all(fuzzing: "_Fuzzing", seed: int, examples: int) -> Iterator["Drawn"]:
    """Yield small inputs and wide ones in turn, so that each kind is half of them."""
    try:
        from .strategies import DECIMAL, DYADIC, inputs, take
        from .wide import Drawn, Offer, draw
    except ImportError:
        raise SubjectError("fuzz needs Hypothesis: pip install 'adamref[fuzz]'") from None
    # Dyadic numbers first, because a failure with them has nothing to do with rounding.
    for dtype in ("float32", "float64"):
        for pool in (DYADIC, DECIMAL):
            strategy = inputs(fuzzing.switches, (), fuzzing.kinds, pool, dtype)
            random = Random(f"{seed} {dtype}")
            wide = Random(f"{seed} {dtype} {pool is DYADIC}")
            offer = Offer(fuzzing.switches, fuzzing.kinds)
            for start in range(0, examples, _DRAWN_AT_ONCE):
                count = min(_DRAWN_AT_ONCE, examples - start)
                for number, small in enumerate(take(strategy, (count + 1) // 2, random)):
                    yield Drawn(small)
                    # Of an odd number the last is a small one.
                    if 2 * number + 1 < count:
                        yield draw(wide, offer, dtype, exact=pool is DYADIC)


class _Fuzzing:
    """One search: what may be drawn for the subject, and what was found so far."""

    def __init__(self, subject: Subject, convention: ListedConvention) -> None:
        self.subject = subject
        self.convention = convention
        # What may be drawn: only features that both the convention and the subject have.
        self.axes = without_unsupported(convention.axes)
        self.switches = frozenset(
            switch
            for switch, axis in NEEDS.items()
            if axis in self.axes and not subject.lacks([switch])
        )
        self.kinds = self._kinds()
        # What was found so far.
        self.tried = 0
        self.supported = 0
        # The arithmetics that explain every input so far, with their largest error over bound.
        self._worst = dict.fromkeys(convention.arithmetics, 0.0)

    @property
    def codes(self) -> list[str]:
        """The arithmetics that explain every input so far."""
        return list(self._worst)

    @property
    def worst(self) -> float:
        """The largest error over bound so far, by the arithmetic that explains all inputs best."""
        return min(self._worst.values())

    def _kinds(self) -> frozenset[str]:
        """Return the kinds of gradients, calls and lifetimes that may be drawn."""
        kinds = set(self.subject.supports & {"none", "sparse", "float16", LOSS_SCALE})
        # These cannot be declared: the subject is asked by trying them.
        if self._can_run(_calls(2, rate=0.25)):
            kinds.add("schedule")
        if self._can_run(_calls(2), Relation("resume", after=1)):
            kinds.add("save")
        if self._can_run(_calls(2), Relation("resume", after=1, other=("numbers",))):
            kinds.add("numbers")
        if self.convention.axes["none_gradient"] == "error":
            kinds.discard("none")
        if "sparse" not in self.axes:
            kinds.discard("sparse")
        return frozenset(kinds)

    def _can_run(self, inputs: Inputs, relation: Relation | None = None) -> bool:
        probe = Vector(VectorSpec(id="probe", inputs=inputs, relation=relation))
        return run(self.subject, probe).status != RunStatus.UNSUPPORTED

    def failure_on(self, drawn: "Drawn") -> Comparison | None:
        """Judge an input, and return its comparison if no arithmetic explains it and all before."""
        # Inputs that tell nothing, or that the subject cannot run, are tried, but not supported.
        self.tried += 1
        comparisons = self._judge(drawn)
        if not comparisons or comparisons[0].status is Status.UNSUPPORTED:
            return None
        self.supported += 1
        if all(comparison.failed for comparison in comparisons):
            return comparisons[0]
        for code, comparison in zip(self.codes, comparisons, strict=True):
            # One arithmetic must explain all inputs, so the others are out for good.
            if comparison.failed:
                del self._worst[code]
            else:
                self._worst[code] = max(self._worst[code], comparison.worst_ratio)
        return None

    def _judge(self, drawn: "Drawn") -> list[Comparison]:
        """Return a comparison for each arithmetic left, or none if the input tells nothing."""
        exclusive = self.convention.axes["clip"] == "exclusive"
        # A convention whose limits exclude each other must raise, which no answer covers.
        if exclusive and len(drawn.inputs.switches.keys() & set(LIMITS)) > 1:
            return []
        return judge_at(self.subject, drawn.inputs, self._points(), drawn.relation)

    def _points(self) -> list[Point]:
        return [Point.of(self.axes, code) for code in self.codes]

    def state(self) -> Any:
        """Return what the inputs so far have shown, as JSON has it."""
        return to_json((self.supported, self._worst))

    def go_on(self, journal: Journal) -> int:
        """Take over what a search has found, and return how many inputs it has passed."""
        try:
            self.tried = max((int(key[0]) for key in journal), default=0)
            if self.tried:
                state = from_json(journal.get((str(self.tried),)))
                self.supported, self._worst = state
        except ValueError as error:
            raise JournalError(f"{journal.path}: {error}; name a new file") from None
        return self.tried

    def counts(self) -> Fuzzed:
        """Return the result of a search that has found nothing."""
        return Fuzzed(self.tried, self.supported, self.worst, None, False, self.codes[0])

    def result(self, drawn: "Drawn", failure: Comparison) -> Fuzzed:
        """Return the counts, and the failing input made as small as possible."""
        points = self._points()
        subject = self.subject
        inputs, relation = drawn
        # A try costs as much as its calls.
        tries = min(_MOST_TRIES, _CALLS_TRIED // len(inputs.calls))
        smallest = reduce_failure(subject, inputs, failure, points, tries=tries, relation=relation)
        if smallest is None:
            # It did not fail again: then it is shown as it was seen.
            smallest = as_smallest(subject, inputs, failure, points[0], relation)
        vector = smallest.vector
        repeats = all(judge_vector(subject, vector).failed for _ in range(_REPEATS))
        worst = max(self.worst, failure.worst_ratio)
        return Fuzzed(self.tried, self.supported, worst, smallest, repeats, self.codes[0])


def _calls(count: int, rate: float | None = None) -> Inputs:
    """Return plain calls, by which a subject is asked what it can do."""
    numbers = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 1.0}
    calls = [Call([np.ones(1)], rate) for _ in range(count)]
    return Inputs(numbers, {}, [np.zeros(1)], calls)
