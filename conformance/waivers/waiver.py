"""Waiver: a failure that is known, what it covers, and what it allows."""

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ..subject.subject import Subject
from ..trial.compare import EQUATIONS, Comparison
from ..vectors.vector import Vector

# The failures that have a ratio of error to bound.
MEASURED = frozenset(EQUATIONS.values())


class WaiverError(ValueError):
    """Waivers that cannot be used; the message says which, why, and the way out."""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A failure that is known.

    Fields:
        id: of a vector, topic.dtype.name; `*` stands for a whole one of the three.
        failure: the kind of failure that it must still be.
        reason: why it fails, for people; empty only while somebody still has to write it.
        subject: glob on the names of the subjects that fail.
        worst_ratio: the largest error over bound that is known; None for any.
        link: where it is reported or discussed.
        expires: from this day on the waiver is stale.
        version, device: of the subjects that fail; None for any.
        reproduction: a few lines that show the failure to anybody; never run by the judge.
        file: where the waiver is written.
    """

    id: str
    failure: str
    reason: str
    subject: str = "*"
    worst_ratio: float | None = None
    link: str = ""
    expires: date | None = None
    version: SpecifierSet | None = None
    device: str | None = None
    reproduction: str = ""
    file: str = ""

    def __str__(self) -> str:
        return f"waiver {self.id}" + (f" in {self.file}" if self.file else "")

    @property
    def explanation(self) -> str:
        """Reason and link in one line."""
        return " ".join(self.reason.split()) + (f" ({self.link})" if self.link else "")

    def holds_for(self, subject: Subject) -> bool:
        """Whether it is meant for this subject, in this version and on this device."""
        return (
            fnmatchcase(subject.name, self.subject)
            and self.device in (None, subject.device)
            and (self.version is None or _within(subject.version, self.version))
        )

    def covers(self, vector: Vector) -> bool:
        """Whether it is meant for this vector."""
        here, there = self.id.split("."), vector.id.split(".")
        return len(here) == len(there) and all(
            a in ("*", b) for a, b in zip(here, there, strict=True)
        )

    def allows(self, one: Comparison) -> bool:
        """Whether a vector fails as the waiver says, and no worse."""
        return one.failure == self.failure and (
            self.worst_ratio is None or one.worst_ratio <= self.worst_ratio
        )


def _within(version: str, versions: SpecifierSet) -> bool:
    try:
        return versions.contains(Version(version), prereleases=True)
    except InvalidVersion:  # a subject that tells none is in no range
        return False
