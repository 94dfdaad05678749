"""The report about one subject."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..subject.subject import Subject
from ..trial.bench import failed
from ..trial.compare import EQUATIONS, Comparison
from ..trial.outcomes import Status
from ..vectors.suite import ListedConvention, Suite
from ..vectors.words import finite
from ..waivers.staleness import Standing
from .cost import cost

if TYPE_CHECKING:
    from ..diagnosis.smallest_failure import Smallest

_DTYPES = ("float16", "float32", "float64")
STATUSES = tuple(status for status in Status if status is not Status.NOT_ASKED)


class Verdict(StrEnum):
    """The judgement about one subject under one convention."""

    CONFORMANT = "conformant"
    # Nothing failed but what waivers allow.
    WAIVED = "conformant (waived)"
    # No vector was run.
    UNTESTED = "untested"
    # Right, but for the rounding of its scalars.
    ARITHMETIC = "nonconformant (arithmetic)"
    NONCONFORMANT = "nonconformant"

    @property
    def conforms(self) -> bool:
        """Whether nothing failed but what is waived."""
        return self in (Verdict.CONFORMANT, Verdict.WAIVED)

    @property
    def fails(self) -> bool:
        """Whether something failed that no waiver allows."""
        return self in (Verdict.ARITHMETIC, Verdict.NONCONFORMANT)


@dataclass(frozen=True, repr=False)
class Report:
    """What was found out about one subject under one convention.

    Fields:
        arithmetic: the one that explains the numbers best; `any` if no vector that ran could tell; empty if none does.
        comparisons: one for each vector that has an answer for the convention.
        explain: what makes the diagnosis; it takes longer than the verdict, and needs the oracle.
        seconds: what it took, without loading the subject.
        standing: how the waivers stand.
    """

    subject: Subject
    convention: ListedConvention
    suite: Suite
    comparisons: tuple[Comparison, ...]
    verdict: Verdict
    arithmetic: str
    explain: Callable[[], str]
    seconds: float
    standing: Standing

    def __repr__(self) -> str:
        passed = f"{len(self.of_status(Status.PASSED))} of {len(self.comparisons)} vectors passed"
        return f"<Report: {self.subject.name}, convention {self.convention.name}, {self.verdict}, {passed}>"

    @cached_property
    def diagnosis(self) -> str:
        """One sentence: what explains its numbers; empty only if the subject conforms."""
        return self.explain()

    @cached_property
    def smallest(self) -> "Smallest | None":
        """The smallest input that it fails, as a vector and a script; None if it fails none, or only in relations."""
        if not self.failures:
            return None
        from ..diagnosis.smallest_failure import smallest
        from ..truth.point import Point

        code = self.convention.arithmetics[0]
        point = Point.of(self.convention.axes, code)
        return smallest(self.subject, self.failures, point, self.suite.config)

    @property
    def conformant(self) -> bool:
        """Whether nothing failed but what is waived."""
        return self.verdict.conforms

    @property
    def worst_ratio(self) -> float:
        """The largest error over bound of any element, but where it is waived; infinite for a NaN."""
        return max(
            (one.worst_ratio for one in self.comparisons if one.status is not Status.WAIVED),
            default=0.0,
        )

    def worst(self, dtype: str, of: str) -> float | None:
        """The largest ratio in one dtype of parameters (`params`) or a slot; None if none was compared."""
        counted = [
            one
            for one in self.comparisons
            if one.vector.dtype == dtype and one.status is not Status.WAIVED
        ]
        ratios = [one.worst[of] for one in counted if of in one.worst]
        return max(ratios, default=None)

    def costs(self) -> dict[str, float]:
        """What the arithmetic costs in the dtypes that were judged, in units in the last place of a parameter."""
        if self.arithmetic in ("", "any"):
            return {}
        judged = {one.vector.dtype for one in self.comparisons if one.worst}
        found = cost(self.suite, self.convention.axes, self.arithmetic)
        return {dtype: ulps for dtype, ulps in found.items() if dtype in judged}

    def of_status(self, status: str) -> list[Comparison]:
        return [one for one in self.comparisons if one.status == status]

    @property
    def counts(self) -> dict[str, int]:
        return {status.value: len(self.of_status(status)) for status in STATUSES}

    @property
    def failures(self) -> list[Comparison]:
        return failed(self.comparisons)

    @property
    def unsupported(self) -> list[Comparison]:
        return self.of_status(Status.UNSUPPORTED)

    @property
    def waived(self) -> list[Comparison]:
        return self.of_status(Status.WAIVED)

    @property
    def stale(self) -> tuple[str, ...]:
        """What is stale among the waivers, and what to do about it, a sentence each."""
        return self.standing.stale

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "subject": self.subject.name,
            "version": self.subject.version,
            "convention": self.convention.name,
            "vectors": self.suite.version,
            "verdict": self.verdict.value,
            "arithmetic": self.arithmetic or None,
            "diagnosis": self.diagnosis,
            "counts": self.counts,
            "worst": {
                dtype: {of: finite(self.worst(dtype, of)) for of in EQUATIONS} for dtype in _DTYPES
            },
            "smallest": self.smallest
            and {"script": self.smallest.script, "vector": self.smallest.vector.to_entry()},
            "stale": list(self.stale),
            "seconds": round(self.seconds, 3),
        }


def settled(reports: Sequence[Report]) -> list[Report]:
    """The reports of one run: a waiver that matches a vector of one subject need not match any of another."""
    matched = {
        w
        for report in reports
        for w in report.standing.holding
        if w not in report.standing.unmatched
    }
    return [replace(report, standing=report.standing.given(matched)) for report in reports]
