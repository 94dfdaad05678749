"""Fuzzing: inputs that nobody wrote down, judged by the oracle, until the subject fails one."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import numpy as np

from ..diagnosis.smallest_failure import Smallest, reduce_failure
from ..on_demand.judging import judge
from ..subject.subject import Subject, SubjectError
from ..trial.comparison import Comparison
from ..trial.outcomes import RunStatus, Status
from ..trial.run import run
from ..truth.point import Point, without_unsupported
from ..vectors.inputs import Call, Inputs
from ..vectors.spec import VectorSpec
from ..vectors.suite import ListedConvention
from ..vectors.switches import LIMITS, NEEDS
from ..vectors.vector import Vector


class Fuzzed(NamedTuple):
    """The result of a search.

    Attributes:
        tried: how many inputs were judged.
        supported: how many of them the subject could run.
        worst: the largest error over bound of any input.
        found: the smallest input that fails, or None.
    """

    tried: int
    supported: int
    worst: float
    found: Smallest | None


def fuzz(
    subject: Subject,
    convention: ListedConvention,
    *,
    seed: int = 0,
    examples: int = 500,
    progress: Callable[[int], None] | None = None,
) -> Fuzzed:
    """Search for an input that a subject fails, judged by one convention.

    Args:
        subject: the Adam under test.
        convention: the named convention; one of its arithmetics must explain an input.
        seed: the same seed tries the same inputs, with the same version of Hypothesis.
        examples: how many inputs are drawn for each of two dtypes and two pools of numbers.
        progress: called with the number of inputs tried.

    Raises:
        SubjectError: Hypothesis is not installed.
    """
    try:
        import hypothesis

        from .strategies import DECIMAL, DYADIC, inputs
    except ImportError:
        raise SubjectError("fuzz needs Hypothesis: pip install 'adamref[fuzz]'") from None
    fuzzing = _Fuzzing(subject, convention, progress)
    settings = hypothesis.settings(
        max_examples=examples,
        # A database would bring inputs of earlier runs, which the seed does not name.
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    # Dyadic numbers first, because a failure with them has nothing to do with rounding.
    for dtype in ("float32", "float64"):
        for pool in (DYADIC, DECIMAL):
            strategy = inputs(fuzzing.switches, (), fuzzing.supports, pool, dtype)
            random = Random(f"{seed} {dtype}")
            try:
                failing = hypothesis.find(strategy, fuzzing.fails, settings=settings, random=random)
            except (hypothesis.errors.NoSuchExample, hypothesis.errors.Flaky):
                continue
            return fuzzing.result(failing)
    return fuzzing.result(None)


class _Fuzzing:
    """One search: what may be drawn for the subject, and the counts so far."""

    def __init__(
        self,
        subject: Subject,
        convention: ListedConvention,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.subject = subject
        self.convention = convention
        self.progress = progress
        # What may be drawn: only features that both the convention and the subject have.
        self.axes = without_unsupported(convention.axes)
        self.switches = frozenset(
            switch
            for switch, axis in NEEDS.items()
            if axis in self.axes and not subject.lacks([switch])
        )
        self.supports = self._supports()
        # What was found so far.
        self.tried = 0
        self.supported = 0
        self.worst = 0.0

    def _supports(self) -> frozenset[str]:
        """Return the kinds of gradients and calls that may be drawn."""
        # A new rate cannot be declared: the subject is asked by trying it.
        kinds = set(self.subject.supports & {"none", "sparse"})
        if self._can_run(_call_with_a_new_rate()):
            kinds.add("schedule")
        if self.convention.axes["none_gradient"] == "error":
            kinds.discard("none")
        if "sparse" not in self.axes:
            kinds.discard("sparse")
        return frozenset(kinds)

    def _can_run(self, inputs: Inputs) -> bool:
        probe = Vector(VectorSpec(id="probe", inputs=inputs))
        return run(self.subject, probe).status != RunStatus.UNSUPPORTED

    def fails(self, inputs: Inputs) -> bool:
        """Return whether the subject fails an input under every arithmetic of the convention."""
        comparisons = []
        for code in self.convention.arithmetics:
            comparison = self._judge(inputs, code)
            if comparison is not None and comparison.status != Status.UNSUPPORTED:
                comparisons.append(comparison)
        # Inputs that the subject cannot run are tried, but not supported.
        self.tried += 1
        if self.progress:
            self.progress(self.tried)
        if not comparisons:
            return False
        self.supported += 1
        # The arithmetic that explains the input best is the one that counts.
        best = min(comparison.worst_ratio for comparison in comparisons)
        self.worst = max(self.worst, best)
        return all(comparison.failed for comparison in comparisons)

    def _judge(self, inputs: Inputs, code: str) -> Comparison | None:
        """Return the comparison for an input, or None if the input tells nothing."""
        exclusive = self.convention.axes["clip"] == "exclusive"
        # A convention whose limits exclude each other must raise, which no answer covers.
        if exclusive and len(inputs.switches.keys() & set(LIMITS)) > 1:
            return None
        try:
            return judge(self.subject, inputs, Point.of(self.axes, code))
        except ValueError:  # the input does not tell right from wrong
            return None

    def result(self, failing: Inputs | None) -> Fuzzed:
        """Return the counts, and the failing input made as small as possible."""
        smallest = None
        if failing is not None:
            code = self.convention.arithmetics[0]
            comparison = self._judge(failing, code)
            if comparison is not None:
                point = Point.of(self.axes, code)
                smallest = reduce_failure(self.subject, failing, comparison, point)
        return Fuzzed(self.tried, self.supported, self.worst, smallest)


def _call_with_a_new_rate() -> Inputs:
    numbers = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 1.0}
    return Inputs(numbers, {}, [np.zeros(1)], [Call([np.ones(1)], 0.25)])
