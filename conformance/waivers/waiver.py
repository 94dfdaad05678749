"""Waiver: a known failure, the vectors it covers, and what it allows."""

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ..subject.subject import SubjectRecord
from ..trial.comparison import EQUATIONS, Comparison
from ..trial.outcomes import Failure
from ..vectors.vector import Vector

# The failures that have a ratio of error to bound.
MEASURED = frozenset(EQUATIONS.values())
_ANY_PART = "*"
_ANY_ID = "*.*.*"


class WaiverError(ValueError):
    """Waivers that cannot be used; the message says which, why, and the way out."""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A known failure.

    Fields:
        id: of a vector, topic.dtype.name; `*` stands for a whole one of the three.
        cause: what the subject does otherwise than its convention, as `identity.deviation` reads
            it; empty where the waiver names vectors alone.
        failure: the kind of failure that it must still be; None for any.
        reason: why it fails, for people; empty only until somebody writes it.
        subject: glob on the names of the subjects that fail.
        worst_ratio: the largest known error over bound; None for any.
        link: where it is reported or discussed.
        expires: from this day on the waiver is stale.
        version, device: of the subjects that fail; None for any.
        reproduction: a few lines that show the failure; the judge never runs them.
        file: where the waiver is written.
    """

    reason: str
    id: str = _ANY_ID
    cause: str = ""
    failure: Failure | None = None
    subject: str = "*"
    worst_ratio: float | None = None
    link: str = ""
    expires: date | None = None
    version: SpecifierSet | None = None
    device: str | None = None
    reproduction: str = ""
    file: str = ""

    def __str__(self) -> str:
        place = f" in {self.file}" if self.file else ""
        words = [] if self.cause and self.id == _ANY_ID else [self.id]
        if self.cause:
            words.append(f"by cause {self.cause}")
        return f"waiver {' '.join(words)}{place}"

    @property
    def explanation(self) -> str:
        """Reason and link in one line."""
        reason = " ".join(self.reason.split())
        return f"{reason} ({self.link})" if self.link else reason

    def holds_for(self, subject: SubjectRecord) -> bool:
        """Return whether it is meant for this subject, in this version and on this device."""
        # A subject without a version never matches a range, so that no failure is waived by chance.
        return (
            any(fnmatchcase(name, self.subject) for name in (subject.name, subject.served))
            and self.device in (None, subject.device)
            and (self.version is None or _is_within(subject.version, self.version))
        )

    def covers(self, vector: Vector) -> bool:
        """Return whether it is meant for this vector."""
        # Part by part: a glob would let * run over the dots.
        patterns = self.id.split(".")
        parts = vector.id.split(".")
        if len(patterns) != len(parts):
            return False
        pairs = zip(patterns, parts, strict=True)
        return all(pattern in (_ANY_PART, part) for pattern, part in pairs)

    def allows(self, comparison: Comparison) -> bool:
        """Return whether a vector fails as the waiver says, and no worse."""
        if comparison.failure is None or self.failure not in (None, comparison.failure):
            return False
        return self.worst_ratio is None or comparison.worst_ratio <= self.worst_ratio


def _is_within(version: str, versions: SpecifierSet) -> bool:
    try:
        return versions.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False
