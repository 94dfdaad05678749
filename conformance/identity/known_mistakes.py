"""Known mistakes: which wrong Adams return what a subject returned."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..defects import DEFECTS
from ..defects.defect import Defect
from ..subject.subject import from_make
from ..trial.events import Snapshot
from ..trial.outcomes import RunStatus
from ..trial.run import Run, run
from ..truth.point import Point
from ..truth.reference import Arithmetic, Convention
from ..vectors.answer import Answer, Axes
from ..vectors.interval import unit_in_last_place
from ..vectors.vector import size
from ..vectors.words import Array

# A mistake explains an error if it leaves less of it than this part, or what rounding may do:
_LEFT = 2.0**-10
# this many bounds, where there is an answer,
_ROUNDING_BOUNDS = 4
# and this many units in the last place, whether there is or not.
_ROUNDING_ULPS = 8
# In elements times steps: the largest vectors that a mistake is tried on.
_LARGEST = 4000


def find_mistakes(
    runs: Sequence[Run],
    wrong: set[str],
    axes: Axes,
    code: str,
    mistakes: Sequence[Defect] = DEFECTS,
) -> list[Defect]:
    """Return the known mistakes that explain a subject.

    Made in the Adam of the convention, such a mistake returns what the subject returned, but for
    rounding, in every vector that is short enough to be tried.

    Args:
        runs: of the subject.
        wrong: the vectors that it failed.
        axes: the convention.
        code: its arithmetic.
        mistakes: those that are tried.
    """
    # Only vectors that the convention is asked, because there the mistake has its right numbers.
    asked = []
    for subject_run in sorted(runs, key=lambda subject_run: size(subject_run.vector)):
        vector = subject_run.vector
        if size(vector) <= _LARGEST and vector.asks(axes):
            asked.append(subject_run)
    failed = [subject_run for subject_run in asked if subject_run.vector.id in wrong]
    others = [subject_run for subject_run in asked if subject_run.vector.id not in wrong]
    passed = [subject_run for subject_run in others if subject_run.status == RunStatus.RAN]
    if not failed:
        return []
    return [defect for defect in mistakes if _explains(defect, failed, passed, axes, code)]


def _explains(
    defect: Defect,
    failed: Sequence[Run],
    passed: Sequence[Run],
    axes: Axes,
    code: str,
) -> bool:
    point = Point(Convention(**axes), Arithmetic.parse(code))  # type: ignore[arg-type]
    subject = from_make(defect.on(point))
    explains_a_failure = False
    # Failures first, because most mistakes differ there already.
    for number, subject_run in enumerate((*failed, *passed)):
        mistaken_run = run(subject, subject_run.vector)
        if mistaken_run.status == RunStatus.UNSUPPORTED:
            continue
        if not _is_same(subject_run, mistaken_run, axes, code):
            return False
        if number < len(failed):
            explains_a_failure = True
    return explains_a_failure


def _is_same(
    one: Run,
    other: Run,
    axes: Axes,
    code: str,
) -> bool:
    """Return whether two runs of a vector returned the same, but for rounding."""
    if one.status != other.status or one.raised.keys() != other.raised.keys():
        return False
    answers = one.vector.answers_for(axes, code)
    answer = next((answer for answer in answers if answer.quantity == "params"), None)
    for row, snapshot, other_snapshot in _common_snapshots(one, other):
        pairs = zip(snapshot.params, other_snapshot.params, strict=True)
        for number, (param, other_param) in enumerate(pairs):
            if not _is_close(param, other_param, answer, row, number):
                return False
    return True


def _common_snapshots(one: Run, other: Run) -> Iterator[tuple[int, Snapshot, Snapshot]]:
    """Yield the answered call, from 0, with the snapshots of both runs after it."""
    for row, call in enumerate(one.vector.after):
        if call in one.snapshots and call in other.snapshots:
            yield row, one.snapshots[call], other.snapshots[call]
        if call in one.related and call in other.related:
            yield row, one.related[call], other.related[call]


@np.errstate(all="ignore")
def _is_close(
    one: Array,
    other: Array,
    answer: Answer | None,
    row: int,
    number: int,
) -> bool:
    wide = one.astype(np.float64)
    other_wide = other.astype(np.float64)
    distance = np.abs(wide - other_wide)
    unit = unit_in_last_place(one)
    near = distance <= _ROUNDING_ULPS * np.where(np.isfinite(unit), unit, 0)
    if answer is not None:
        interval = answer.intervals[row][number]
        if interval.classes is not None:
            # Right Adams differ there, and so do wrong ones.
            near |= interval.classes == "any"
        left = _LEFT * np.abs(wide - interval.exact)
        near |= distance <= _ROUNDING_BOUNDS * interval.radius + left
    both_nan = np.isnan(wide) & np.isnan(other_wide)
    return bool(np.all(near | both_nan | (wide == other_wide)))
