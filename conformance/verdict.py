"""The report about one subject."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .compare import EQUATIONS, Comparison
from .diagnosis import failed
from .subject import Subject
from .vectors import Named, Suite

STATUSES = ("passed", "failed", "errored", "unsupported", "waived")


@dataclass(frozen=True, repr=False)
class Report:
    """What was found out about one subject under one convention.

    Fields:
        verdict: `conformant`; `nonconformant`; `nonconformant (arithmetic)`, right but for the rounding of its scalars;
            `untested`.
        arithmetic: the one that explains the numbers best; `any` if no vector that ran could tell; empty if none does.
        comparisons: one for each vector that has an answer for the convention.
        diagnosis: one sentence; empty only if the subject conforms.
        seconds: what it took, without loading the subject.
    """

    subject: Subject
    convention: Named
    suite: Suite
    comparisons: tuple[Comparison, ...]
    verdict: str
    arithmetic: str
    diagnosis: str
    seconds: float

    def __repr__(self) -> str:
        passed = f"{len(self.of_status('passed'))} of {len(self.comparisons)} vectors passed"
        return f"<Report: {self.subject.name}, convention {self.convention.name}, {self.verdict}, {passed}>"

    @property
    def conformant(self) -> bool:
        return self.verdict == "conformant"

    @property
    def worst_ratio(self) -> float:
        """The largest error over bound of any element; infinite for a NaN."""
        return max((max(one.worst.values(), default=0.0) for one in self.comparisons), default=0.0)

    def worst(self, dtype: str, of: str) -> float | None:
        """The largest ratio in one dtype of parameters (`params`) or a slot; None if none was compared."""
        ratios = [one.worst[of] for one in self.comparisons if one.vector.dtype == dtype and of in one.worst]
        return max(ratios, default=None)

    def of_status(self, status: str) -> list[Comparison]:
        return [one for one in self.comparisons if one.status == status]

    @property
    def counts(self) -> dict[str, int]:
        return {status: len(self.of_status(status)) for status in STATUSES}

    @property
    def failures(self) -> list[Comparison]:
        return failed(self.comparisons)

    @property
    def unsupported(self) -> list[Comparison]:
        return self.of_status("unsupported")

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "subject": self.subject.name,
            "version": self.subject.version,
            "convention": self.convention.name,
            "vectors": self.suite.version,
            "verdict": self.verdict,
            "arithmetic": self.arithmetic or None,
            "diagnosis": self.diagnosis,
            "counts": self.counts,
            "worst": {
                dtype: {of: finite(self.worst(dtype, of)) for of in EQUATIONS} for dtype in ("float32", "float64")
            },
            "seconds": round(self.seconds, 3),
        }


def finite(value: float | None) -> float | str | None:
    """A number as JSON can have it: infinity and NaN are words."""
    return value if value is None or np.isfinite(value) else str(value)
