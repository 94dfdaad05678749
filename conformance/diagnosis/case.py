"""Case: a subject that does not conform, with everything that an explainer may use.

All of it is derived from runs that were made already; the subject is not needed.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..trial.comparison import Comparison
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import Status
from ..vectors.answer import Axes
from ..vectors.suite import ListedConvention, Suite

if TYPE_CHECKING:
    from ..defects.defect import Defect
    from ..identity.identity import Identity

# The statuses of vectors that say something about a convention.
_TOLD = (Status.PASSED, Status.FAILED, Status.ERRORED)


class Candidate(NamedTuple):
    """A convention and an arithmetic to judge the runs by again.

    Fields:
        whole: a named convention, not the claimed one with another value.
    """

    name: str
    whole: bool
    axes: Axes
    code: str


class Fit(NamedTuple):
    """The runs judged again by a candidate.

    Fields:
        compared: how many vectors have an answer for it.
        failed: how many of them fail.
        explained: how many vectors pass that failed under the claimed convention.
    """

    candidate: Candidate
    compared: int
    failed: int
    explained: int

    @property
    def failing_part(self) -> float:
        return self.failed / self.compared


@dataclass(frozen=True)
class Case:
    """A subject that does not conform.

    Fields:
        judged: the runs that are not waived.
        convention: the one that it was judged by.
        suite: the other conventions, and the values of the axes.
        comparisons: under the convention, without waived ones.
        arithmetics: the ones under which nothing fails; empty unless the verdict is about them.
        unrepeatable: the vector whose second run gave other numbers, or an empty string.
        ignored: hyperparameters that change nothing in what the subject returns.
    """

    judged: JudgedRuns
    convention: ListedConvention
    suite: Suite
    comparisons: Sequence[Comparison]
    arithmetics: Sequence[str]
    unrepeatable: str
    ignored: Sequence[str] = ()

    @cached_property
    def failures(self) -> list[Comparison]:
        """The comparisons that failed or errored."""
        return failures(self.comparisons)

    @cached_property
    def failed_ids(self) -> set[str]:
        """The vectors that failed."""
        return {comparison.vector.id for comparison in self.failures}

    @cached_property
    def defects(self) -> "list[Defect]":
        """The known mistakes in the claimed convention that explain what failed."""
        code = self.convention.arithmetics[0]
        return self.find_mistakes(self.failed_ids, self.convention.axes, code)

    @cached_property
    def numeric_defects(self) -> "list[Defect]":
        """Those of rounding: where the algorithm is right, no other mistake explains anything."""
        from ..defects import DEFECTS
        from ..identity.known_mistakes import find_mistakes

        numeric = [defect for defect in DEFECTS if defect.is_numeric]
        code = self.convention.arithmetics[0]
        return find_mistakes(self.judged.runs, self.failed_ids, self.convention.axes, code, numeric)

    @cached_property
    def fits(self) -> list[Fit]:
        """The runs judged by every candidate."""
        return [self._judge_by(candidate) for candidate in _candidates(self.convention, self.suite)]

    @cached_property
    def perfect_fits(self) -> list[Fit]:
        """The fits in which nothing fails, which cost less than all."""
        candidates = _candidates(self.convention, self.suite)
        # One comparison is enough, because without any nothing is explained.
        fitting = (one for one in candidates if self.judged.fits(one.axes, one.code, 1))
        return [self._judge_by(candidate) for candidate in fitting]

    @cached_property
    def other_storages(self) -> tuple[str, list[Comparison]]:
        """The options with the storages that explain most, and what fails with them.

        No options if something else fails, or none explains anything.
        """
        # Late, because a verdict needs no search for an identity.
        from ..identity.storages import find_storage

        options: list[str] = []
        left: list[Comparison] = []
        if not all(failure.vector.is_about_storage for failure in self.failures):
            return "", left
        runs = [run for run in self.judged.runs if run.vector.is_about_storage]
        rules = self.convention.axes, self.convention.arithmetics
        for dtype in dict.fromkeys(failure.vector.dtype for failure in self.failures):
            found = find_storage(dtype, runs, *rules)
            if not found.nearest:
                return "", left
            options.append(f"--storage {found.option}")
            left += found.failures
        return " ".join(options), left

    @cached_property
    def identity(self) -> "Identity":
        """The value on every axis that explains most."""
        # Late, because it loads the oracle, which a verdict does not need.
        from ..identity.search import identify_runs

        # Without the changes that may follow it.
        name, *_ = self.convention.name.split(",")
        return identify_runs(self.judged.runs, self.suite, name)

    def without(self, ids: Collection[str]) -> "Case":
        """Return the case without some vectors."""
        runs = [run for run in self.judged.runs if run.vector.id not in ids]
        comparisons = [one for one in self.comparisons if one.vector.id not in ids]
        judged = self.judged.only(runs)
        return replace(self, judged=judged, comparisons=comparisons)

    def find_mistakes(self, failed_ids: set[str], axes: Axes, code: str) -> "list[Defect]":
        """Return the known mistakes in a convention that explain why some vectors fail."""
        from ..identity.known_mistakes import find_mistakes

        return find_mistakes(self.judged.runs, failed_ids, axes, code)

    def told_under(self, axes: Axes, code: str) -> list[Comparison]:
        """Return the comparisons under a convention that say something about it."""
        return [one for one in self.judged.under(axes, code) if one.status in _TOLD]

    def _judge_by(self, candidate: Candidate) -> Fit:
        told = self.told_under(candidate.axes, candidate.code)
        passed = {one.vector.id for one in told if one.status is Status.PASSED}
        explained = len(passed & self.failed_ids)
        return Fit(candidate, len(told), len(failures(told)), explained)


def _candidates(convention: ListedConvention, suite: Suite) -> Iterator[Candidate]:
    """Yield every other named convention, and the claimed one with one axis changed."""
    for name, other in suite.conventions.items():
        if name != convention.name:
            for code in other.arithmetics:
                yield Candidate(f"convention {name}", True, other.axes, code)
    named_points = [other.axes for other in suite.conventions.values()]
    for axis, values in suite.axes.items():
        # The vectors cannot tell how a convention would treat what it does not have.
        if convention.axes[axis] == "unsupported" and axis in ("sparse", "clip", "complex"):
            continue
        for value in values:
            changed = _with_value(convention.axes, axis, value)
            if value in (convention.axes[axis], "unsupported") or changed in named_points:
                continue
            name = f"{convention.name} with {axis} = {value}"
            for code in convention.arithmetics:
                yield Candidate(name, False, changed, code)


def _with_value(axes: Axes, axis: str, value: str) -> dict[str, str]:
    """Return the axes with another value, and with what follows from it."""
    changed = {**axes, axis: value}
    # An Adam that forgets the bias correction forgets it with AMSGrad too.
    if axis == "bias_correction":
        changed["amsgrad_bias_correction"] = value
    # A lazy Adam with a global t has one t for the optimizer, any other has one a parameter.
    if value.startswith("lazy"):
        changed["step_scope"] = "optimizer" if value == "lazy_global_t" else "parameter"
    return changed
