"""How waivers stand after a run: which failures they waive, and which of them are stale."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..subject.subject import Subject
from ..trial.compare import Comparison
from ..trial.outcomes import Cause, Status
from ..vectors.vector import Vector
from .files import SHIPPED, load
from .waiver import Waiver

# A waiver that covers more vectors says nothing about any of them.
WIDEST = 20
_NARROW = "remove the waiver, or narrow its id or subject to what still fails, as `adamref waivers update` does"

Waivers = Path | str | Iterable[Waiver]


class Standing(NamedTuple):
    """The waivers that hold for a subject, after it was judged.

    Fields:
        holding: for its name, version and device.
        unmatched: of these, the ones that cover no vector that the convention has an answer for.
        troubles: a sentence for every other way in which one is stale.
    """

    holding: tuple[Waiver, ...]
    unmatched: tuple[Waiver, ...]
    troubles: tuple[str, ...]

    def given(self, matched: Collection[Waiver]) -> "Standing":
        """The same, where some waivers are known to cover a vector of another subject."""
        return self._replace(
            unmatched=tuple(waiver for waiver in self.unmatched if waiver not in matched)
        )

    @property
    def stale(self) -> tuple[str, ...]:
        """What is stale and what to do about it, a sentence each."""
        lost = "it matches no vector that has an answer for the convention; correct its id or remove the waiver"
        return (*(f"{waiver}: {lost}" for waiver in self.unmatched), *self.troubles)


def holding(waivers: Waivers, subject: Subject) -> tuple[Waiver, ...]:
    """Those of ``waivers``, which may be a file, and of the ones that ship, that hold for a subject."""
    own = load(Path(waivers)) if isinstance(waivers, (str, Path)) else waivers
    return tuple(waiver for waiver in (*own, *_shipped(SHIPPED)) if waiver.holds_for(subject))


@cache
def _shipped(path: Path) -> tuple[Waiver, ...]:
    """The waivers that ship, read once: in pytest every vector is judged by itself."""
    return load(path)


def applied(waivers: Iterable[Waiver], one: Comparison) -> Comparison:
    """The comparison, with status `waived` and the waiver's reason if it fails as one of ``waivers`` says."""
    for waiver in waivers:
        if waiver.covers(one.vector) and waiver.allows(one):
            return one._replace(status=Status.WAIVED, cause=Cause(waiver.explanation))
    return one


def standing(
    waivers: tuple[Waiver, ...],
    asked: Sequence[Vector],
    comparisons: Sequence[Comparison],
    today: date,
) -> Standing:
    """How waivers stand.

    Args:
        waivers: those that hold for the subject.
        asked: all vectors that have an answer for the convention, run or not; those not run make no waiver stale.
        comparisons: of those that were run.
        today: the day on which waivers expire or not.
    """
    # Whoever brings vectors of their own cannot mend the waivers that ship.
    unmatched = [w for w in waivers if w.file != str(SHIPPED) and not any(map(w.covers, asked))]
    troubles = [
        f"{w}: {trouble}" for w in waivers for trouble in _troubles(w, asked, comparisons, today)
    ]
    return Standing(waivers, tuple(unmatched), tuple(troubles))


def _troubles(
    waiver: Waiver, asked: Sequence[Vector], comparisons: Sequence[Comparison], today: date
) -> Iterator[str]:
    if waiver.expires is not None and today >= waiver.expires:
        yield f"it expired on {waiver.expires}; mend the subject, or look at the failure again and set a later day"
    width = sum(map(waiver.covers, asked))
    if width > WIDEST:
        yield f"it covers {width} vectors, more than {WIDEST}; name them more closely"
        return
    for one in comparisons:
        if waiver.covers(one.vector) and not waiver.allows(one):
            yield f"{one.vector.id} {_trouble(waiver, one)}"


def _trouble(waiver: Waiver, one: Comparison) -> str:
    """Why a waiver does not allow what it covers, and what to do."""
    if not one.failure:
        return f"{now(one)}; {_NARROW}"
    if one.failure != waiver.failure:
        return f"fails with {one.failure} and not with {waiver.failure}; find out why, then correct failure"
    return (
        f"is {one.worst_ratio:.3g} bounds off, above worst_ratio = {waiver.worst_ratio:g}; "
        "find out why, then correct worst_ratio"
    )


def now(one: Comparison) -> str:
    """What became of a failure that is none any more."""
    return "passes now" if one.status is Status.PASSED else f"is {one.status} now"
