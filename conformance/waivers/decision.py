"""Decisions: what must become of a waiver, so that it says what happened.

`decide` is about waivers and comparisons alone. How a decision changes the text of a file is the
question of `blocks`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context
from glob import escape
from math import isfinite
from typing import NamedTuple

from ..subject.subject import SubjectRecord
from ..trial.comparison import Comparison
from ..trial.outcomes import Status
from .staleness import WIDEST, ends_now
from .waiver import MEASURED, Waiver

# A worst_ratio is written with two digits, rounded up so that it still allows what was seen.
_TWO_DIGITS_UP = Context(prec=2, rounding=ROUND_CEILING)

# Key of a waiver -> its new value; None removes the key.
Values = dict[str, str | float | None]
ByCause = Callable[[Waiver, Comparison], bool]


class Outcomes(NamedTuple):
    """The comparisons of one subject, in a whole run in which no waiver had a part.

    Fields:
        explains: tells whether the cause of a waiver is why a vector failed.
        fails: tells whether a vector would fail by the cause of a waiver.
    """

    subject: SubjectRecord
    comparisons: Sequence[Comparison]
    explains: ByCause
    fails: ByCause


class VectorOutcome(NamedTuple):
    """One vector, as one subject ran it."""

    subject: SubjectRecord
    comparison: Comparison
    explains: ByCause
    fails: ByCause

    def is_covered_by(self, waiver: Waiver) -> bool:
        """Return whether a waiver is meant for this subject, this vector and why it fails."""
        meant = waiver.holds_for(self.subject) and waiver.covers(self.comparison.vector)
        return meant and (not waiver.cause or self.explains(waiver, self.comparison))


@dataclass(frozen=True)
class Keep:
    """The waiver says what happened, or is for subjects that were not run."""


@dataclass(frozen=True)
class Remove:
    """The waiver is not needed; ``why`` says so in a clause."""

    why: str


@dataclass(frozen=True)
class ChangeWaiver:
    """The waiver holds with other values."""

    values: Values


@dataclass(frozen=True)
class Narrow:
    """The waiver is true of some vectors only; it is repeated, with a change for each of them."""

    parts: tuple[ChangeWaiver, ...]


Decision = Keep | Remove | ChangeWaiver | Narrow


def decide(waiver: Waiver, outcomes: Iterable[Outcomes], rivals: Iterable[Waiver]) -> Decision:
    """Return what must become of a waiver.

    Args:
        waiver: one of a file.
        outcomes: of each subject that was run.
        rivals: the waivers that come first where the waiver must be narrowed.
    """
    # A subject that was not run tells nothing of its waivers.
    held = [outcome for outcome in outcomes if waiver.holds_for(outcome.subject)]
    if not held:
        return Keep()
    covered = [outcome for outcome in flatten(held) if waiver.covers(outcome.comparison.vector)]
    failing = [outcome for outcome in covered if outcome.comparison.failure]
    if waiver.cause:
        return _decide_by_cause(waiver, covered, len(held) > 1)
    if not covered:
        return Remove("it matches no vector that has an answer for the convention")
    if not failing:
        return Remove(f"it {ends_now(covered[0].comparison)}")
    # One waiver for all of them is right if all fail alike, and they are few.
    kinds = {outcome.comparison.failure for outcome in failing}
    vectors = {outcome.comparison.vector.id for outcome in covered}
    if len(failing) == len(covered) and len(kinds) == 1 and len(vectors) <= WIDEST:
        values = _changed_values(waiver, [outcome.comparison for outcome in failing])
        return ChangeWaiver(values) if values else Keep()
    uncovered = [outcome for outcome in failing if not is_covered(outcome, rivals)]
    if not uncovered:
        return Remove("others cover what still fails")
    return Narrow(tuple(_narrow(waiver, outcome, len(held) > 1) for outcome in uncovered))


def flatten(outcomes: Iterable[Outcomes]) -> list[VectorOutcome]:
    """Return the outcomes of all subjects, a vector each."""
    return [
        VectorOutcome(outcome.subject, comparison, outcome.explains, outcome.fails)
        for outcome in outcomes
        for comparison in outcome.comparisons
    ]


def is_covered(outcome: VectorOutcome, waivers: Iterable[Waiver]) -> bool:
    """Return whether some waiver is meant for this subject and vector."""
    return any(map(outcome.is_covered_by, waivers))


def worst_ratio_of(failing: Sequence[Comparison]) -> float | None:
    """Return the largest ratio, rounded up; None where the failure has none, or it is infinite."""
    worst = max(comparison.worst_ratio for comparison in failing)
    if failing[0].failure not in MEASURED or not isfinite(worst):
        return None
    return max(1.0, float(_TWO_DIGITS_UP.create_decimal(worst)))


def _decide_by_cause(
    waiver: Waiver, covered: Sequence[VectorOutcome], several_subjects: bool
) -> Decision:
    failing = [one for one in covered if one.comparison.failed and one.is_covered_by(waiver)]
    if not failing:
        return Remove("it explains no failure")
    if not any(_is_mended(waiver, outcome) for outcome in covered):
        return Keep()
    return Narrow(tuple(_narrow(waiver, outcome, several_subjects) for outcome in failing))


def _is_mended(waiver: Waiver, outcome: VectorOutcome) -> bool:
    """Return whether a vector passes that would fail by the cause of a waiver."""
    passed = outcome.comparison.status is Status.PASSED
    return passed and outcome.fails(waiver, outcome.comparison)


def _narrow(waiver: Waiver, outcome: VectorOutcome, several_subjects: bool) -> ChangeWaiver:
    """Return the change that makes a waiver speak of one vector of one subject."""
    # The failure and the ratio are those of this vector, too.
    place: Values = {"id": outcome.comparison.vector.id}
    if several_subjects:
        # A subject may have a name with brackets, which a glob would take for a set.
        place["subject"] = escape(outcome.subject.name)
    return ChangeWaiver(_changed_values(waiver, [outcome.comparison], place))


def _changed_values(
    waiver: Waiver, failing: Sequence[Comparison], place: Values | None = None
) -> Values:
    """Return what differs in a waiver that has the failure and the ratio of ``failing``."""
    failure = failing[0].failure
    assert failure is not None
    # A waiver by cause may leave the failure open.
    kind = None if waiver.failure is None else failure.value
    ratio = None if waiver.worst_ratio is None else worst_ratio_of(failing)
    values: Values = {**(place or {}), "failure": kind, "worst_ratio": ratio}
    return {key: value for key, value in values.items() if value != getattr(waiver, key)}
