"""Known mistakes as candidates: which wrong Adam returns what a subject returned."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..defects import DEFECTS
from ..defects.defect import Defect
from ..subject.subject import from_make
from ..trial.run import Run, Snapshot, run
from ..vectors.answer import Answer, Axes, unit_in_last_place
from ..vectors.vector import size
from ..vectors.words import Array

# A mistake explains an error if it leaves less of it than this part, or what rounding may do.
_LEFT = 2.0**-10
# The largest vectors that a mistake is tried on.
_LARGEST = 4000


def suspects(runs: Sequence[Run], wrong: set[str], axes: Axes, code: str) -> list[Defect]:
    """The known mistakes that, made in the Adam of a convention, return what the subject returned.

    Args:
        runs: of the subject.
        wrong: the vectors that it failed.
        axes: the convention.
        code: its arithmetic.
    """
    # Only what is asked of the convention.
    due = [one for one in runs if size(one.vector) <= _LARGEST and one.vector.asks(axes)]
    small = sorted(due, key=lambda one: size(one.vector))
    failed = [one for one in small if one.vector.id in wrong]
    passed = [one for one in small if one.vector.id not in wrong and one.status == "ran"]
    return [
        defect for defect in DEFECTS if failed and _explains(defect, failed, passed, axes, code)
    ]


def _explains(
    defect: Defect, failed: Sequence[Run], passed: Sequence[Run], axes: Axes, code: str
) -> bool:
    subject, seen = from_make(defect.on(axes, code)), 0
    for one in (*failed, *passed):
        other = run(subject, one.vector)
        if other.status == "unsupported":
            continue
        seen += one in failed
        if not _same(one, other, axes, code):
            return False
    return seen > 0


def _same(one: Run, other: Run, axes: Axes, code: str) -> bool:
    """Whether two runs of a vector returned the same, but for rounding."""
    if one.status != other.status or one.raised.keys() != other.raised.keys():
        return False
    found = one.vector.answers_for(axes, code)
    answer = next((answer for answer in found if answer.quantity == "params"), None)
    return all(
        _close(a, b, answer, row, at)
        for row, first, second in _columns(one, other)
        for at, (a, b) in enumerate(zip(first.params, second.params, strict=True))
    )


def _columns(one: Run, other: Run) -> Iterator[tuple[int, Snapshot, Snapshot]]:
    for row, call in enumerate(one.vector.after):
        if call in one.snapshots and call in other.snapshots:
            yield row, one.snapshots[call], other.snapshots[call]
        if call in one.related and call in other.related:
            yield row, one.related[call], other.related[call]


@np.errstate(all="ignore")
def _close(one: Array, other: Array, answer: Answer | None, row: int, at: int) -> bool:
    a, b = one.astype(np.float64), other.astype(np.float64)
    unit = unit_in_last_place(one)
    near = np.abs(a - b) <= 8 * np.where(np.isfinite(unit), unit, 0)
    if answer is not None:
        interval = answer.intervals[row][at]
        if interval.classes is not None:  # elsewhere right Adams differ, and so do wrong ones
            near |= interval.classes == "any"
        near |= np.abs(a - b) <= 4 * interval.radius + _LEFT * np.abs(a - interval.exact)
    return bool(np.all(near | (np.isnan(a) & np.isnan(b)) | (a == b)))
