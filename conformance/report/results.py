"""What one run of `adamref check` found, in the numbers and words that all its outputs share."""

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from adamref import __version__

from ..judge.verdict import Report
from .text import printable, short

LEGEND = "p/m/v: largest error of parameters and moments, over the largest that a right Adam can have there"
# From good to bad; the worst of its subjects is the verdict of a run.
_VERDICTS = (
    "conformant",
    "conformant (waived)",
    "untested",
    "stale waivers",
    "nonconformant (arithmetic)",
    "nonconformant",
    "not loaded",
)


@dataclass(frozen=True)
class Results:
    """What one run found.

    Fields:
        reports: of the subjects that were judged; errors: subject -> why it could not be loaded.
        vectors: the version of the vectors.
        options: what was asked for, as `conformance.check` takes it.
    """

    reports: Sequence[Report]
    errors: Mapping[str, str]
    vectors: str
    options: Mapping[str, Any]

    @property
    def left_out(self) -> str:
        """The options by which not all vectors were run, or an empty string."""
        only, dtype, fail_fast = (self.options[name] for name in ("only", "dtype", "fail_fast"))
        baked = ",".join(
            f"{name}={value!r}" for name, value in (self.options.get("config") or {}).items()
        )
        words = [f"--config {baked}"] * bool(baked) + ["--level quick"] * (
            self.options["level"] == "quick"
        )
        words += (
            [f"--only {only}"] * (only != "*")
            + [f"--dtype {dtype}"] * bool(dtype)
            + ["-x"] * fail_fast
        )
        return " ".join(words)

    @property
    def verdict(self) -> str:
        """The worst of all subjects; `partial` where it would be conformant, but not all vectors were run."""
        found = [report.verdict for report in self.reports] + ["not loaded"] * len(self.errors)
        found += ["stale waivers" for report in self.reports if report.stale]
        worst = max(found, key=_VERDICTS.index, default="untested")
        return "partial" if self.left_out and worst.startswith("conformant") else worst

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """For each report, column -> cell."""
        rows = [_row(report) for report in self.reports]
        if not any(report.counts["waived"] for report in self.reports):
            for row in rows:
                del row["waived"]
        return rows

    @cached_property
    def notes(self) -> list[tuple[str, str]]:
        """Subject and sentence: what explains its numbers, what is waived or not supported, and what is stale."""
        return [
            (printable(report.subject.name), printable(sentence))
            for report in self.reports
            for sentence in _sentences(report)
        ]

    @property
    def versions(self) -> dict[str, str]:
        """Of everything but the subjects that may change a result."""
        return {
            "adamref": __version__,
            "vectors": self.vectors,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": f"{platform.system()} {platform.machine()}",
        }


def _row(report: Report) -> dict[str, str]:
    counts = report.counts
    return {
        "subject": printable(report.subject.name),
        "version": printable(report.subject.version),
        "convention": report.convention.name,
        "verdict": report.verdict,
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
    """The worst error over bound of parameters, first and second moment; 1 is the limit."""
    return " ".join(short(report.worst(dtype, of)) for of in ("params", "m", "v"))


def _sentences(report: Report) -> list[str]:
    sentences = [report.diagnosis] * bool(report.diagnosis)
    for what, found in (("waived", report.waived), ("not supported", report.unsupported)):
        for reason, count in Counter(one.reason for one in found).items():
            sentences.append(f"{count} {'vector' if count == 1 else 'vectors'} {what}: {reason}")
    costs = report.costs() if report.conformant else {}
    if any(ulps >= 1 for ulps in costs.values()):
        shown = " and ".join(f"{ulps:.3g} in {dtype}" for dtype, ulps in sorted(costs.items()))
        sentences.append(
            f"{report.arithmetic} is the arithmetic of its convention; its rounding moves parameters by up to {shown}, "
            "in units in the last place, from where scalars in binary64 lead"
        )
    return sentences + [f"stale {sentence}" for sentence in report.stale]
