"""Results of one run of `adamref check`, in the numbers and words that all its outputs share."""

import platform
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from adamref import __version__

from ..judge.arithmetics import equal_arithmetics, shows_moments
from ..judge.verdict import Report
from ..judge.verdicts import Verdict
from ..trial.contract import NO_PARAMETER
from .text import count_of, printable, short

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
LIMITS = (
    "a pass shows that a subject is right on these vectors; it runs in the judge's process and is "
    "trusted. `adamref fuzz` and --config judge it on inputs that are in no file"
)


# The reason of a vector whose feature is not declared.
_DECLARE = re.compile(r'(make\.\w+) = \{"(\w+)"\}')


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
    """

    reports: Sequence[Report]
    errors: Mapping[str, str]
    vectors: str
    options: Options

    @property
    def verdict(self) -> RunVerdict:
        """The verdict of the worst subject."""
        # One bad subject is enough: what a run claims, it claims of all.
        outcomes = [RunVerdict(report.verdict) for report in self.reports]
        if any(report.stale for report in self.reports):
            outcomes.append(RunVerdict.STALE)
        if self.errors:
            outcomes.append(RunVerdict.NOT_LOADED)
        if not outcomes:
            return RunVerdict.UNTESTED
        worst = max(outcomes, key=list(RunVerdict).index)
        if self.options.left_out and worst in _PARTIAL_IF_LEFT_OUT:
            return RunVerdict.PARTIAL
        return worst

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
            for sentence in _sentences(report)
        ]

    @property
    def limits(self) -> str:
        """What a pass does not show; empty if no subject passed."""
        passed = any(report.conformant for report in self.reports)
        return LIMITS if passed else ""

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


def _sentences(report: Report) -> list[str]:
    sentences = []
    # Many vectors have one reason: it is said once.
    reasons = Counter(comparison.reason for comparison in report.waived)
    for reason, count in reasons.items():
        sentences.append(f"{count_of(count, 'vector')} waived: {reason}")
    if report.unsupported:
        sentences.append(_not_supported(report))
    if report.unasked:
        sentences.append(
            f"not asked: {', '.join(report.unasked)}, which convention {report.convention.name} "
            "has not; `adamref identify` finds whose it is, and --convention names that"
        )
    if report.subject.accuracy:
        sentences.append(
            f"judged by its accuracy class {report.subject.accuracy}, with a bound that is wider "
            "by that; vectors too large to be solved anew are left out"
        )
    if not report.subject.roundings.is_ordinary:
        sentences.append(_within_roundings(report))
    if means := _means(report):
        sentences.append(means)
    if report.flushes:
        sentences.append(
            "while it runs, subnormal numbers are flushed to zero; the judge computes without that"
        )
    if report.conformant:
        sentences += _cost_of_rounding(report)
    if report.suite.config and report.conformant and not shows_moments(report):
        sentences.append(
            f"arithmetic {report.arithmetic} is that of the convention: with --config and without "
            "slots() nothing tells it from others"
        )
    elif others := equal_arithmetics(report):
        sentences.append(
            f"arithmetic {report.arithmetic} fits, and so do {', '.join(others)}: without slots() "
            "nothing tells them apart"
        )
    sentences += [f"stale {sentence}" for sentence in report.stale]
    if report.diagnosis:
        sentences.append(report.diagnosis)
    elif scope := report.scope.alone:
        sentences.append(
            f"it is right in {scope} alone: {report.scope.told} of the {report.scope.asked} "
            "vectors could be asked"
        )
    return sentences


def _within_roundings(report: Report) -> str:
    """Return what the declaration of roundings permits, and whether less would be enough."""
    declared = report.subject.roundings
    sentence = (
        f"judged within {declared}: each operation of an equation may err by so many roundings, "
        "and the bound is so many times wider"
    )
    least = report.least_roundings
    if not report.conformant or least is None:
        return sentence
    if least.is_ordinary:
        return f"{sentence}; it conforms without, too"
    return f"{sentence}; {least} is enough" if declared.is_far_above(least) else sentence


def _limit_of(report: Report) -> str:
    """Return what a pass is confined to; empty if it is not, or there is no pass."""
    return report.confined if report.conformant else ""


def _not_supported(report: Report) -> str:
    """Return how many vectors are not supported, and each reason with what it is said of."""
    # What is lacking -> the words for it.
    lacking: dict[str, dict[str, None]] = {}
    reasons = dict.fromkeys(comparison.reason for comparison in report.unsupported)
    for reason in reasons:
        what, _, why = reason.partition(": ")
        if declared := _DECLARE.search(why):
            lacking.setdefault(f"{declared[1]} lacks", {})[declared[2]] = None
        elif why == NO_PARAMETER:
            lacking.setdefault("its signature lacks", {})[what] = None
        else:
            # In the subject's own words, or the name of a method.
            lacking[reason] = {}
    words = [f"{what} {', '.join(names)}".strip() for what, names in lacking.items()]
    total = f"{len(report.unsupported)} of {count_of(len(report.comparisons), 'vector')}"
    return f"{total} not supported: {'; '.join(words)}"


def _means(report: Report) -> str:
    """Return the mean signed errors in a sentence; empty if there are none."""
    amounts = []
    for dtype in ("float32", "float64"):
        means = [report.means.get((dtype, of)) for of in ("params", "m", "v")]
        if any(mean is not None for mean in means):
            shown = " ".join(map(_with_sign, means))
            amounts.append(f"{shown} ({dtype} p/m/v)")
    if not amounts:
        return ""
    return f"mean signed error over the bound {', '.join(amounts)}; rounding alone is near 0"


def _with_sign(mean: float | None) -> str:
    return "-" if mean is None else f"{mean:+.2f}"


def _cost_of_rounding(report: Report) -> list[str]:
    """Return a sentence if the accepted arithmetic moves a parameter by a whole unit or more."""
    # Less than a unit is lost in the rounding of any step.
    costs = report.costs()
    if all(ulps < 1 for ulps in costs.values()):
        return []
    amounts = [f"{ulps:.3g} ({dtype})" for dtype, ulps in sorted(costs.items())]
    whose = f"its convention accepts arithmetic {report.arithmetic}"
    if report.subject.arithmetic:
        whose = f"the declared arithmetic is {report.arithmetic}"
    return [
        f"{whose}; compared with binary64 scalars, "
        f"parameters move by up to {' and '.join(amounts)} units in the last place"
    ]
