"""Results of one run of `adamref check`, in the numbers and words that all its outputs share."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from adamref import __version__

from ..judge.verdict import Report
from ..judge.verdicts import Verdict
from .notes import sentences_about
from .text import printable, short

# Of the equations of Adam, as reports name them.
EQUATIONS = (
    "E1: m; E2: v; E3 and E4: the corrected m_hat and v_hat; E5: the parameter; an error is in the "
    "first equation whose result is wrong, or in one before it whose result is not shown"
)
LEGEND = (
    "p/m/v: the largest errors of the parameters and of the first and second moments, as multiples "
    "of the bound; 1 or less passes; -: the subject does not expose it"
)
# What a reader must not take a pass for.
_PASS = "a pass shows that a subject is right on these vectors"
_TRUSTED = (
    "it runs in the judge's process and is trusted, also not to look the answers up; --isolate "
    "gives it a process of its own"
)
_OUTSIDE = "it runs outside of the judge's process, and is handed no answers"
_BEYOND = "`adamref fuzz` and --config judge it on inputs that are in no file"


class RunVerdict(StrEnum):
    """Verdict of a run, from good to bad; the worst of its subjects decides."""

    CONFORMANT = "conformant"
    WAIVED = "conformant (waived)"
    OF_CLASS = "conformant (accuracy class)"
    DECLARED = "conformant (declared)"
    # In the place of conformant, if not all vectors were run.
    PARTIAL = "partial"
    UNTESTED = "untested"
    INCONCLUSIVE = "inconclusive"
    STALE = "stale waivers"
    REFUSES = "nonconformant (refusals)"
    ARITHMETIC = "nonconformant (arithmetic)"
    NONCONFORMANT = "nonconformant"
    NOT_LOADED = "not loaded"
    # A signal came before all subjects were judged.
    INTERRUPTED = "partial (interrupted)"


_PARTIAL_IF_LEFT_OUT = (RunVerdict.CONFORMANT, RunVerdict.WAIVED, RunVerdict.DECLARED)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Arguments of a run that decide what it tests, as `conformance.check` takes them.

    They tell two runs apart, so the header of a report names them.
    """

    convention: str | None = None
    level: str = "core"
    only: str = "*"
    dtype: str | None = None
    require: tuple[str, ...] = ()
    fail_fast: bool = False
    config: Mapping[str, float] = field(default_factory=dict)
    accuracy: Mapping[str, float] | None = None
    storage: Mapping[str, str] | None = None
    roundings: Mapping[str, float] | None = None
    arithmetic: str | None = None

    @property
    def left_out(self) -> str:
        """The options because of which not all vectors were run, or an empty string."""
        # As one would type them, so that the run can be repeated.
        words = []
        if self.config:
            numbers = (f"{name}={value!r}" for name, value in self.config.items())
            words.append(f"--config {','.join(numbers)}")
        if self.level == "quick":
            words.append("--level quick")
        if self.only != "*":
            words.append(f"--only {self.only}")
        if self.dtype:
            words.append(f"--dtype {self.dtype}")
        if self.fail_fast:
            words.append("-x")
        return " ".join(words)


@dataclass(frozen=True)
class Results:
    """Everything that an output needs to know of a run.

    Fields:
        reports: of the subjects that were judged.
        errors: subject -> why it could not be loaded.
        vectors: the version of the vectors.
        options: the arguments of the run.
        unjudged: the subjects that were not judged, or not wholly, when a signal came.
    """

    reports: Sequence[Report]
    errors: Mapping[str, str]
    vectors: str
    options: Options
    unjudged: Sequence[str] = ()

    @property
    def verdict(self) -> RunVerdict:
        """The verdict of the worst subject."""
        # One bad subject is enough: what a run claims, it claims of all.
        outcomes = [RunVerdict(report.verdict) for report in self.reports]
        if any(report.stale for report in self.reports):
            outcomes.append(RunVerdict.STALE)
        if self.errors:
            outcomes.append(RunVerdict.NOT_LOADED)
        if self.unjudged:
            outcomes.append(RunVerdict.INTERRUPTED)
        if not outcomes:
            return RunVerdict.UNTESTED
        worst = max(outcomes, key=list(RunVerdict).index)
        if self.options.left_out and worst in _PARTIAL_IF_LEFT_OUT:
            return RunVerdict.PARTIAL
        return worst

    @property
    def left_out(self) -> str:
        """Why the run is partial; empty if it is not."""
        if not self.unjudged:
            return self.options.left_out
        names = ", ".join(map(printable, self.unjudged))
        interrupted = f"interrupted; not wholly judged: {names}"
        return "; ".join(filter(None, [self.options.left_out, interrupted]))

    @property
    def verdict_text(self) -> str:
        """The verdict for people; it names what the subjects declare, also in a partial run."""
        texts = {one.verdict_text for one in self.reports if one.verdict is Verdict.DECLARED}
        if not texts or self.verdict not in (RunVerdict.DECLARED, RunVerdict.PARTIAL):
            return self.verdict
        whole = " and ".join(sorted(texts))
        return whole if self.verdict is RunVerdict.DECLARED else f"partial, {whole}"

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """For each report, column -> cell."""
        rows = [_row(report) for report in self.reports]
        # Few runs have waivers, and the table is wide enough without their column.
        if not any(report.waived for report in self.reports):
            for row in rows:
                del row["waived"]
        return rows

    @cached_property
    def notes(self) -> list[tuple[str, str]]:
        """Subject and sentence: what is waived, not supported or stale, and last what decides."""
        return [
            (printable(report.subject.name), printable(sentence))
            for report in self.reports
            for sentence in sentences_about(report)
        ]

    @property
    def limits(self) -> str:
        """What a pass does not show; empty if no subject passed."""
        passed = [report.subject.is_outside for report in self.reports if report.conformant]
        if not passed:
            return ""
        # One that is trusted is enough for the warning.
        where = _OUTSIDE if all(passed) else _TRUSTED
        return f"{_PASS}; {where}. {_BEYOND}"

    @property
    def versions(self) -> dict[str, str]:
        """Versions of everything, besides the subjects, that may change a result."""
        return {
            "adamref": __version__,
            "vectors": self.vectors,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": f"{platform.system()} {platform.machine()}",
        }


def _row(report: Report) -> dict[str, str]:
    counts = report.counts
    # The keys are the heads of the columns, in their order.
    return {
        "subject": printable(report.subject.name),
        "version": printable(report.subject.version),
        "convention": report.convention.name,
        "verdict": " ".join(filter(None, [report.verdict_text, _limit_of(report)])),
        "arithmetic": report.arithmetic,
        "float32 p/m/v": _ratios(report, "float32"),
        "float64 p/m/v": _ratios(report, "float64"),
        "passed": str(counts["passed"]),
        "failed": str(len(report.failures)),
        "waived": str(counts["waived"]),
        "unsupported": str(counts["unsupported"]),
        "s": f"{report.seconds:.2f}",
    }


def _ratios(report: Report, dtype: str) -> str:
    """Return the worst error over bound of parameters, first and second moment; 1 is the limit."""
    return " ".join(short(report.worst(dtype, of)) for of in ("params", "m", "v"))


def _limit_of(report: Report) -> str:
    """Return what a pass is confined to; empty if it is not, or there is no pass."""
    return report.confined if report.conformant else ""
