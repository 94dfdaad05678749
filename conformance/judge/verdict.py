"""Report: the judgement about one subject under one convention, as plain data.

A report can be pickled and written as JSON without its subject. Two parts cost more than the
verdict, and are found on request: `explain` searches what explains the failures, and `shrink` looks
for the smallest input that fails. `report.diagnosis` and `report.smallest` ask for them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..process.floating_point import own_floating_point
from ..subject.roundings import Roundings
from ..subject.subject import Subject, SubjectRecord
from ..trial.comparison import EQUATIONS, Comparison, least_declaration
from ..trial.judged_runs import JudgedRuns, failures
from ..trial.outcomes import Status
from ..trial.run import Run
from ..vectors.suite import ListedConvention, Suite
from ..vectors.words import finite
from ..waivers.staleness import WaiverUse
from .cost import cost
from .declared import declaration_words, of_adapter
from .scope import Scope, scope_of
from .settle import require_features
from .signed_errors import Means, mean_signed_errors
from .verdicts import Verdict

if TYPE_CHECKING:
    from ..diagnosis.explanation import Explanation
    from ..diagnosis.smallest_failure import Smallest

_DTYPES = ("bfloat16", "float16", "float32", "float64")
STATUSES = tuple(status for status in Status if status is not Status.NOT_ASKED)
# The arithmetic of a report whose vectors cannot tell any from another.
ANY = "any"


@dataclass(frozen=True, kw_only=True, repr=False)
class Report:
    """The judgement about one subject under one convention.

    Fields:
        runs: one for each vector that was run.
        comparisons: one for each vector that was run and has an answer for the convention, under
            the best arithmetic that the convention accepts.
        arithmetic: the one that fits best; `any` if no vector could tell; empty if none fits.
        arithmetics: if the verdict is about arithmetic, all that fit.
        require: the features that must be supported.
        unrepeatable: the vector whose second run gave other numbers; empty if they were the same,
            or if there were none.
        ignored: hyperparameters that change nothing in what the subject returns.
        remark: if untested, inconclusive or interrupted, why; or why failures are not explained.
        unasked: switches that the subject takes, and the convention has not.
        flushes: whether subnormal numbers are flushed to zero while the subject runs.
        seconds: how long it took, without loading the subject.
        waiver_use: how the waivers stand after it.
        live_subject: the subject itself, for `smallest`; None in a report that was pickled.
    """

    subject: SubjectRecord
    convention: ListedConvention
    suite: Suite
    runs: tuple[Run, ...]
    comparisons: tuple[Comparison, ...]
    verdict: Verdict
    arithmetic: str = ""
    arithmetics: tuple[str, ...] = ()
    require: frozenset[str] = frozenset()
    unrepeatable: str = ""
    ignored: tuple[str, ...] = ()
    remark: str = ""
    unasked: tuple[str, ...] = ()
    flushes: bool = False
    seconds: float = 0.0
    waiver_use: WaiverUse = field(default_factory=WaiverUse)
    live_subject: Subject | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        passed = f"{len(self.of_status(Status.PASSED))} of {len(self.comparisons)} vectors passed"
        who = f"{self.subject.name}, convention {self.convention.name}"
        return f"<Report: {who}, {self.verdict}, {passed}>"

    def __getstate__(self) -> dict[str, Any]:
        # A subject may be a local function, which cannot be pickled.
        return {**self.__dict__, "live_subject": None}

    @cached_property
    def explanation(self) -> "Explanation | None":
        """What explains its numbers; None only if the subject conforms."""
        return explain(self)

    @property
    def diagnosis(self) -> str:
        """The explanation in one sentence; empty only if the subject conforms."""
        return self.explanation.sentence() if self.explanation else ""

    @cached_property
    def smallest(self) -> "Smallest | None":
        """The smallest input that the subject fails, as a vector and a script.

        None if no failure is one of a plain run of a core vector, or if no input alone shows it, or
        if a pickled report was never asked before.
        """
        return shrink(self, self.live_subject) if self.live_subject else None

    @property
    def conformant(self) -> bool:
        """Whether nothing failed but what is waived."""
        return self.verdict.conforms

    @property
    def verdict_text(self) -> str:
        """The verdict for people, which names what the subject declares."""
        if self.verdict is not Verdict.DECLARED:
            return self.verdict
        waived = ["waived"] if self.waived else []
        return f"conformant ({', '.join(waived + declaration_words(self.subject))})"

    @property
    def least_roundings(self) -> Roundings | None:
        """The least declaration by which it conforms; None if none does, or nothing is rough."""
        if self.conformant:
            return least_declaration(self._unwaived)
        explanation = self.explanation
        # Not where something else is wrong besides.
        return explanation.roundings if explanation and not explanation.besides else None

    @property
    def worst_ratio(self) -> float:
        """The largest error over bound of any element that is not waived; infinite for a NaN."""
        return max((one.worst_ratio for one in self._unwaived), default=0.0)

    def worst(self, dtype: str, quantity: str) -> float | None:
        """Return the largest ratio of `params` or a slot in a dtype; None if none was compared."""
        ratios = [
            one.worst[quantity]
            for one in self._unwaived
            if one.vector.dtype == dtype and quantity in one.worst
        ]
        return max(ratios, default=None)

    @cached_property
    def means(self) -> Means:
        """Dtype and quantity -> the mean of signed errors over the bound; empty if none fits."""
        if not self.arithmetic:
            return {}
        code = self.convention.arithmetics[0] if self.arithmetic == ANY else self.arithmetic
        return mean_signed_errors(self.runs, self.comparisons, self.convention.axes, code)

    def costs(self) -> dict[str, float]:
        """Return dtype -> how far the arithmetic moves a parameter, in units in the last place."""
        if self.arithmetic in ("", ANY):
            return {}
        # A dtype that the subject does not support costs it nothing.
        judged = {one.vector.dtype for one in self.comparisons if one.worst}
        costs = cost(self.suite, self.convention.axes, self.arithmetic)
        return {dtype: ulps for dtype, ulps in costs.items() if dtype in judged}

    def of_status(self, status: Status) -> list[Comparison]:
        """Return the comparisons that end in ``status``."""
        return [one for one in self.comparisons if one.status == status]

    @property
    def counts(self) -> dict[str, int]:
        """How many vectors end in each status."""
        counts = Counter(one.status for one in self.comparisons)
        return {status.value: counts[status] for status in STATUSES}

    @property
    def failures(self) -> list[Comparison]:
        """The comparisons that failed or errored, and are not waived."""
        return failures(self.comparisons)

    @property
    def unsupported(self) -> list[Comparison]:
        """The comparisons of vectors that the subject does not support."""
        return self.of_status(Status.UNSUPPORTED)

    @property
    def waived(self) -> list[Comparison]:
        """The comparisons that fail as a waiver says."""
        return self.of_status(Status.WAIVED)

    @cached_property
    def scope(self) -> Scope:
        """What the verdict is about."""
        return scope_of(self.comparisons)

    @property
    def confined(self) -> str:
        """What a pass is confined to, as `in float16 alone`; empty if nothing large is missing."""
        unasked = f"without {' and '.join(self.unasked)}" if self.unasked else ""
        return " ".join(filter(None, [str(self.scope), unasked]))

    @property
    def stale(self) -> tuple[str, ...]:
        """What is stale among the waivers, and what to do about it, a sentence each."""
        return self.waiver_use.stale

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it.

        This never runs the subject: `smallest` is in it if it was asked for before.
        """
        # Where `cached_property` keeps its value.
        smallest = self.__dict__.get("smallest")
        return {
            "subject": self.subject.name,
            "version": self.subject.version,
            "convention": self.convention.name,
            "vectors": self.suite.version,
            "verdict": self.verdict.value,
            "arithmetic": self.arithmetic or None,
            "accuracy": self.subject.accuracy or None,
            "storage": dict(self.subject.storage),
            "declared": ", ".join(declaration_words(self.subject)) or None,
            "roundings": str(self.subject.roundings) or None,
            "least_roundings": str(self.least_roundings or "") or None,
            **of_adapter(self.subject),
            "diagnosis": self.diagnosis,
            "counts": self.counts,
            "scope": self.scope.to_dict() | {"unasked": list(self.unasked)},
            "worst": {dtype: self._worst_of_each(dtype) for dtype in _DTYPES},
            "mean": {dtype: self._mean_of_each(dtype) for dtype in _DTYPES},
            "smallest": smallest
            and {"script": smallest.script, "vector": smallest.vector.to_entry()},
            "stale": list(self.stale),
            "flushes_subnormals": self.flushes,
            "seconds": round(self.seconds, 3),
        }

    @property
    def _unwaived(self) -> list[Comparison]:
        return [one for one in self.comparisons if one.status is not Status.WAIVED]

    def _worst_of_each(self, dtype: str) -> Mapping[str, Any]:
        return {quantity: finite(self.worst(dtype, quantity)) for quantity in EQUATIONS}

    def _mean_of_each(self, dtype: str) -> Mapping[str, Any]:
        return {quantity: self.means.get((dtype, quantity)) for quantity in EQUATIONS}


@own_floating_point()
def explain(report: Report) -> "Explanation | None":
    """Return what explains the numbers of a subject that does not conform; None if it does.

    It takes longer than the verdict and needs the oracle, but not the subject.
    """
    if report.conformant:
        return None
    # Late imports, because a conformant subject must not load the oracle.
    from ..diagnosis.case import Case
    from ..diagnosis.diagnosis import diagnose
    from ..diagnosis.explanation import Explanation, Kind

    kinds = {Verdict.INCONCLUSIVE: Kind.INCONCLUSIVE, Verdict.UNTESTED: Kind.NOT_RUN}
    if report.verdict in kinds:
        return Explanation(kind=kinds[report.verdict], remark=report.remark)
    if report.remark:
        return Explanation(kind=Kind.INTERRUPTED, remark=report.remark)
    # Waived failures are explained already.
    waived = {one.vector.id for one in report.waived}
    runs = [run for run in report.runs if run.vector.id not in waived]
    case = Case(
        judged=JudgedRuns(runs, require_features(report.require)),
        convention=report.convention,
        suite=report.suite,
        comparisons=[one for one in report.comparisons if one.vector.id not in waived],
        arithmetics=report.arithmetics,
        unrepeatable=report.unrepeatable,
        ignored=report.ignored,
    )
    return diagnose(case)


@own_floating_point()
def shrink(report: Report, subject: Subject, tries: int | None = None) -> "Smallest | None":
    """Return the smallest input found that a subject fails; None if no plain run fails.

    Args:
        report: of the subject.
        subject: it is run again, many times.
        tries: how many inputs are tried at most; None is as many as usual.
    """
    if not report.failures:
        return None
    from ..diagnosis.smallest_failure import TRIES, find_smallest

    convention = report.convention
    return find_smallest(
        subject,
        report.failures,
        convention.axes,
        convention.arithmetics,
        report.suite.config,
        TRIES if tries is None else tries,
    )
