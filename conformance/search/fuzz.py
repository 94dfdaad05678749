"""A search beyond the frozen vectors: inputs that nobody wrote down, judged by the oracle, until one fails."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import numpy as np

from ..diagnosis.smallest_failure import Smallest, reduced
from ..on_demand.judging import judge
from ..subject.subject import Subject, SubjectError
from ..trial.compare import Comparison
from ..trial.run import run
from ..truth.point import Point, without_unsupported
from ..vectors.inputs import Call, Inputs
from ..vectors.spec import VectorSpec
from ..vectors.suite import ListedConvention
from ..vectors.switches import LIMITS, NEEDS
from ..vectors.vector import Vector


class Fuzzed(NamedTuple):
    """What a search found.

    Fields:
        tried: inputs that were judged. supported: those of them that the subject could do.
        worst: the largest error over bound of any.
        found: the smallest input that fails, or None.
    """

    tried: int
    supported: int
    worst: float
    found: Smallest | None


def fuzz(
    subject: Subject,
    named: ListedConvention,
    *,
    seed: int = 0,
    examples: int = 500,
    progress: Callable[[int], None] | None = None,
) -> Fuzzed:
    """Search for an input that a subject fails, judged by one convention.

    Args:
        subject: the Adam under test.
        named: the convention; of its arithmetics one must explain an input.
        seed: the same seed tries the same inputs, with the same version of Hypothesis.
        examples: how many inputs are drawn for each of two dtypes and two kinds of hyperparameters.
        progress: called with the number of inputs tried.

    Raises:
        SubjectError: Hypothesis is not installed.
    """
    try:
        import hypothesis

        from .strategies import DECIMAL, DYADIC, inputs
    except ImportError:
        raise SubjectError("fuzz needs Hypothesis: pip install 'adamref[fuzz]'") from None
    search = _Search(subject, named, progress)
    quiet = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for dtype in ("float32", "float64"):
        for pool in (DYADIC, DECIMAL):
            strategy = inputs(search.switches, (), search.supports, pool, dtype)
            try:
                given = hypothesis.find(
                    strategy, search.fails, settings=quiet, random=Random(f"{seed} {dtype}")
                )
            except (hypothesis.errors.NoSuchExample, hypothesis.errors.Flaky):
                continue
            return search.result(given)
    return search.result(None)


class _Search:
    def __init__(
        self, subject: Subject, named: ListedConvention, progress: Callable[[int], None] | None
    ) -> None:
        self.subject, self.named, self.progress = subject, named, progress
        self.axes = without_unsupported(named.axes)
        lacking = {switch for switch, axis in NEEDS.items() if axis not in self.axes}
        self.switches = frozenset(NEEDS) - lacking - self._excluded()
        self.supports = subject.supports & {"none", "sparse"}
        if self._does(_changing_rate()):
            self.supports |= {"schedule"}
        if named.axes["none_gradient"] == "error":
            self.supports -= {"none"}
        if "sparse" not in self.axes:
            self.supports -= {"sparse"}
        self.tried = self.supported = 0
        self.worst = 0.0

    def _excluded(self) -> set[str]:
        """Switches that the subject has no parameter for."""
        return {switch for switch in NEEDS if self.subject.lacks([switch])}

    def _does(self, given: Inputs) -> bool:
        """Whether the subject can do an input at all."""
        probe = Vector(VectorSpec(id="probe", inputs=given))
        return run(self.subject, probe).status != "unsupported"

    def fails(self, given: Inputs) -> bool:
        """Whether an input tells right from wrong, and the subject fails it under every arithmetic."""
        judged = [self.judged(given, code) for code in self.named.arithmetics]
        self.tried += 1
        known = [one for one in judged if one is not None and one.status != "unsupported"]
        self.supported += bool(known)
        if self.progress:
            self.progress(self.tried)
        if known:
            self.worst = max(self.worst, min(one.worst_ratio for one in known))
        return bool(known) and all(one.status in ("failed", "errored") for one in known)

    def judged(self, given: Inputs, code: str) -> Comparison | None:
        """The subject on one input; None where it tells nothing, or sets several limits where only one may be."""
        if self.named.axes["clip"] == "exclusive" and len(given.switches.keys() & set(LIMITS)) > 1:
            return None
        try:
            return judge(self.subject, given, self._point(code))
        except ValueError:
            return None

    def _point(self, code: str) -> Point:
        return Point.of(self.axes, code)

    def result(self, given: Inputs | None) -> Fuzzed:
        """What was found, with the input made as small as it can be."""
        found = None
        if given is not None:
            code = self.named.arithmetics[0]
            first = self.judged(given, code)
            found = first and reduced(self.subject, given, first, self._point(code))
        return Fuzzed(self.tried, self.supported, self.worst, found)


def _changing_rate() -> Inputs:
    """A step with a learning rate of its own."""
    numbers = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 1.0}
    return Inputs(numbers, {}, [np.zeros(1)], [Call([np.ones(1)], 0.25)])
