"""Staleness: which failures the waivers allow after a run, and which waivers no longer fit.

A waiver is stale if it expired, covers no vector, covers too many, or no longer says what happens.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..subject.subject import SubjectRecord
from ..trial.comparison import Comparison
from ..trial.outcomes import Cause, Status
from ..vectors.vector import Vector
from .files import SHIPPED, load
from .waiver import Waiver

# A waiver that covers more vectors says nothing about any of them.
WIDEST = 20
_NARROW = (
    "remove the waiver, or narrow its id or subject to what still fails, "
    "as `adamref waivers update` does"
)
_UNMATCHED = (
    "it matches no vector that has an answer for the convention; "
    "correct its id or remove the waiver"
)

Waivers = Path | str | Iterable[Waiver]
# Whether the cause of a waiver explains the run that is compared.
Explains = Callable[[Waiver], bool]
# Whether a vector rejects an Adam with the cause of a waiver.
Fails = Callable[[Waiver, Vector], bool]


class WaiverUse(NamedTuple):
    """The waivers for one subject, after it was judged.

    Fields:
        waivers: those for its name, version and device.
        unmatched: of these, the ones that cover no vector with an answer for the convention.
        stale_reasons: a sentence for every other way in which one of them is stale.
    """

    waivers: tuple[Waiver, ...] = ()
    unmatched: tuple[Waiver, ...] = ()
    stale_reasons: tuple[str, ...] = ()

    def also_matched_by(self, matched: Collection[Waiver]) -> "WaiverUse":
        """Return the same, where some waivers are known to cover a vector of another subject."""
        unmatched = tuple(waiver for waiver in self.unmatched if waiver not in matched)
        return self._replace(unmatched=unmatched)

    @property
    def stale(self) -> tuple[str, ...]:
        """What is stale and what to do about it, a sentence each."""
        unmatched = tuple(f"{waiver}: {_UNMATCHED}" for waiver in self.unmatched)
        return unmatched + self.stale_reasons


def waivers_for(waivers: Waivers, subject: SubjectRecord) -> tuple[Waiver, ...]:
    """Return the waivers that hold for a subject: of ``waivers``, or a file, and of the shipped."""
    given = load(Path(waivers)) if isinstance(waivers, (str, Path)) else waivers
    return tuple(
        waiver for waiver in (*given, *_load_shipped(SHIPPED)) if waiver.holds_for(subject)
    )


# Read once, because in pytest every vector is judged by itself. The path is an argument for tests.
@cache
def _load_shipped(path: Path) -> tuple[Waiver, ...]:
    return load(path)


def waive(waivers: Iterable[Waiver], comparison: Comparison, explains: Explains) -> Comparison:
    """Return the comparison, waived with the reason of the first waiver that allows it."""
    # The user's own waivers come first, so their reasons are shown.
    for waiver in waivers:
        fits = waiver.covers(comparison.vector) and waiver.allows(comparison)
        if fits and (not waiver.cause or explains(waiver)):
            cause = Cause(waiver.explanation)
            return replace(comparison, status=Status.WAIVED, cause=cause)
    return comparison


def use_of(
    waivers: tuple[Waiver, ...],
    asked: Sequence[Vector],
    comparisons: Sequence[Comparison],
    today: date,
    fails: Fails,
) -> WaiverUse:
    """Return which waivers are stale.

    Args:
        waivers: those that hold for the subject.
        asked: all vectors with an answer for the convention, run or not; those not run make no
            waiver stale.
        comparisons: of those that were run.
        today: the day on which waivers expire or not.
        fails: tells where the cause of a waiver would show.
    """
    unmatched = [
        waiver
        for waiver in waivers
        # With vectors of one's own, the waivers that ship match nothing and cannot be mended.
        if waiver.file != str(SHIPPED) and not any(map(waiver.covers, asked))
    ]
    reasons = [
        f"{waiver}: {reason}"
        for waiver in waivers
        for reason in _stale_reasons(waiver, asked, comparisons, today, fails)
    ]
    return WaiverUse(waivers, tuple(unmatched), tuple(reasons))


def _stale_reasons(
    waiver: Waiver,
    asked: Sequence[Vector],
    comparisons: Sequence[Comparison],
    today: date,
    fails: Fails,
) -> Iterator[str]:
    if waiver.expires is not None and today >= waiver.expires:
        yield (
            f"it expired on {waiver.expires}; mend the subject, "
            "or look at the failure again and set a later day"
        )
    if waiver.cause:
        passed = [one.vector for one in comparisons if one.status is Status.PASSED]
        if gone := [one for one in passed if waiver.covers(one) and fails(waiver, one)]:
            yield (
                f"of the vectors that fail by this cause, {len(gone)} pass now, first "
                f"{gone[0].id}; {_NARROW}"
            )
        return
    # All vectors of the convention count, so that a partial run judges the width alike.
    width = sum(map(waiver.covers, asked))
    if width > WIDEST:
        yield f"it covers {width} vectors, more than {WIDEST}; name them more closely"
        return
    for comparison in comparisons:
        if waiver.covers(comparison.vector) and not waiver.allows(comparison):
            yield f"{comparison.vector.id} {_why_not_allowed(waiver, comparison)}"


def _why_not_allowed(waiver: Waiver, comparison: Comparison) -> str:
    """Return why a waiver does not allow what it covers, and what to do."""
    if comparison.failure is None:
        return f"{ends_now(comparison)}; {_NARROW}"
    if comparison.failure != waiver.failure:
        return (
            f"fails with {comparison.failure} and not with {waiver.failure}; "
            "find out why, then correct failure"
        )
    return (
        f"has an error of {comparison.worst_ratio:.3g} times the bound, "
        f"above worst_ratio = {waiver.worst_ratio:g}; find out why, then correct worst_ratio"
    )


def ends_now(comparison: Comparison) -> str:
    """Return how a vector that used to fail ends now."""
    if comparison.status is Status.PASSED:
        return "passes now"
    return f"is {comparison.status} now"
