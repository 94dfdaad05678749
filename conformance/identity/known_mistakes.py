"""Known mistakes: which wrong Adams return what a subject returned."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..defects import DEFECTS
from ..defects.defect import Defect, DefectKind
from ..subject.subject import Subject, from_make
from ..trial.compare import compare
from ..trial.events import Snapshot
from ..trial.outcomes import RunStatus
from ..trial.run import Run, run
from ..truth.point import Point
from ..vectors.answer import Answer, Axes
from ..vectors.interval import unit_in_last_place
from ..vectors.storage import HALVES, STOCHASTIC
from ..vectors.vector import Vector, size
from ..vectors.words import Array

# A mistake explains an error if it leaves less of it than this part, or what rounding may do:
_LEFT = 2.0**-10
# this many bounds, where there is an answer,
ROUNDING_BOUNDS = 4
# and this many units in the last place, whether there is or not.
_ROUNDING_ULPS = 8
# A mistake that changes nothing in so many failures is not what they are about.
_MOST_UNTOUCHED = 8
# In elements times steps: the largest vectors that are tried first,
_MIDDLING = 60
# and the largest vectors that a mistake is tried on.
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
    for subject_run in sorted(runs, key=lambda subject_run: _order(size(subject_run.vector))):
        vector = subject_run.vector
        if size(vector) <= _LARGEST and vector.asks(axes):
            asked.append(subject_run)
    failed = [subject_run for subject_run in asked if subject_run.vector.id in wrong]
    others = [subject_run for subject_run in asked if subject_run.vector.id not in wrong]
    passed = [subject_run for subject_run in others if subject_run.status == RunStatus.RAN]
    if not failed:
        return []
    ran = {feature for one in (*failed, *passed) for feature in one.vector.features if _ran(one)}
    # Of a feature that could not be asked there is nothing to say.
    told = [defect for defect in mistakes if not defect.about or ran.intersection(defect.about)]
    half = [defect for defect in told if defect.storage]
    # What fails in other formats is no mistake of half precision.
    if any(one.vector.dtype not in HALVES for one in failed):
        half = []
    usual = [defect for defect in told if not defect.storage]
    for chosen in (half, usual):
        found = [defect for defect in chosen if _explains_own(defect, failed, passed, axes, code)]
        if found:
            return found
    return []


def find_departures(runs: Sequence[Run], wrong: set[str], axes: Axes, code: str) -> list[Defect]:
    """Return the known mistakes that are other values of a convention, and explain a subject."""
    departures = [defect for defect in DEFECTS if defect.kind is DefectKind.OTHER_CONVENTION]
    return find_mistakes(runs, wrong, axes, code, departures)


def _explains_own(
    defect: Defect, failed: Sequence[Run], passed: Sequence[Run], axes: Axes, code: str
) -> bool:
    """Return whether a mistake explains the runs on which it is tried."""
    its_failed = [one for one in failed if _is_its(defect, one)]
    its_passed = [one for one in passed if _is_its(defect, one)]
    return _explains(defect, its_failed, its_passed, axes, code)


def _is_its(defect: Defect, subject_run: Run) -> bool:
    """Return whether a run is of a vector on which a mistake is tried.

    Those of half precision are tried where answers depend on what is kept, and no others are.
    """
    vector = subject_run.vector
    if not vector.is_about_storage:
        return not defect.storage
    # Where a subject rounds at random, its other mistakes cannot be told from its coins.
    is_random = STOCHASTIC in subject_run.storages.get(vector.dtype, "")
    return bool(defect.storage) and defect.is_random == is_random


def _ran(subject_run: Run) -> bool:
    return subject_run.status != RunStatus.UNSUPPORTED


def returns_the_same(defect: Defect, point: Point, subject_run: Run) -> bool:
    """Return whether a run returned what a mistake in the Adam of a point returns, moments too."""
    if not _is_its(defect, subject_run):
        return False
    point = replace(point, storage=tuple(subject_run.storages.items()))
    axes = point.values
    code = point.arithmetic.code
    returned = _results_of_mistake(defect, point, subject_run.vector)
    if not _is_same(subject_run, returned, axes, code):
        return False
    # Moments are not kept with what the mistake returns.
    mistaken = run(_mistaken_subject(defect, point), subject_run.vector)
    for answer in subject_run.answers_for(axes, code):
        for row, call in enumerate(subject_run.vector.after):
            pairs = _pairs_of_slots(subject_run, mistaken, answer.quantity, call)
            for number, slot, other in pairs:
                if not _is_close(slot, other, answer, row, number):
                    return False
    return True


def _pairs_of_slots(
    one: Run, other: Run, quantity: str, call: int
) -> Iterator[tuple[int, Array, Array]]:
    """Yield the number of each parameter, and its slot as two runs show it after a call."""
    if call in one.snapshots and call in other.snapshots:
        slots = one.snapshots[call].slots.get(quantity, ())
        others = other.snapshots[call].slots.get(quantity, ())
        for number, (slot, its_slot) in enumerate(zip(slots, others, strict=False)):
            if slot is not None and its_slot is not None:
                yield number, slot, its_slot


def _order(elements: int) -> tuple[bool, int]:
    """Return what to sort vectors by: middling ones first, in which few mistakes are alike."""
    return (False, -elements) if elements <= _MIDDLING else (True, elements)


def _explains(
    defect: Defect,
    failed: Sequence[Run],
    passed: Sequence[Run],
    axes: Axes,
    code: str,
) -> bool:
    explains_a_failure = False
    # Failures first, because most mistakes differ there already.
    for number, subject_run in enumerate((*failed, *passed)):
        # What can be asked of no failure explains none.
        if number == len(failed) and not explains_a_failure:
            return False
        point = Point.of({**axes, **subject_run.storages}, code)
        mistaken = _results_of_mistake(defect, point, subject_run.vector)
        if mistaken.status == RunStatus.UNSUPPORTED:
            continue
        if not _is_same(subject_run, mistaken, axes, code):
            return False
        if number < len(failed) and not explains_a_failure:
            # What changes nothing there explains nothing.
            explains_a_failure = mistaken.rejected
            if not explains_a_failure and number >= _MOST_UNTOUCHED:
                return False
    return explains_a_failure


# After each answered call, the parameters.
_Params = dict[int, Sequence[Array]]


class _Returned(NamedTuple):
    """What a mistake returns, to compare a run with, and whether the vector rejects it."""

    status: RunStatus
    raised: Collection[int]
    params: _Params
    related: _Params
    rejected: bool


# Subjects that are judged one after the other are compared with the same mistakes, most of them on
# the few vectors that are smallest.
@lru_cache(maxsize=16384)
def _results_of_mistake(defect: Defect, point: Point, vector: Vector) -> _Returned:
    mistaken = run(_mistaken_subject(defect, point), vector)
    answers = mistaken.answers_for(point.values, point.arithmetic.code)
    return _Returned(
        mistaken.status,
        mistaken.raised.keys(),
        _params_of(mistaken.snapshots),
        _params_of(mistaken.related),
        # Without answers nothing says that it does not fail.
        rejected=not answers or compare(mistaken, answers).failed,
    )


def _params_of(snapshots: Mapping[int, Snapshot]) -> _Params:
    return {call: snapshot.params for call, snapshot in snapshots.items()}


@lru_cache(maxsize=1024)
def _mistaken_subject(defect: Defect, point: Point) -> Subject:
    return from_make(defect.on(point))


def _is_same(one: Run, other: _Returned, axes: Axes, code: str) -> bool:
    """Return whether two runs of a vector returned the same, but for rounding."""
    if one.status != other.status or one.raised.keys() != other.raised:
        return False
    answers = one.answers_for(axes, code)
    answer = next((answer for answer in answers if answer.quantity == "params"), None)
    for row, params, other_params in _common_params(one, other):
        for number, (param, other_param) in enumerate(zip(params, other_params, strict=True)):
            if not _is_close(param, other_param, answer, row, number):
                return False
    return True


def _common_params(
    one: Run, other: _Returned
) -> Iterator[tuple[int, Sequence[Array], Sequence[Array]]]:
    """Yield the answered call, from 0, with the parameters of both runs after it."""
    for row, call in enumerate(one.vector.after):
        if call in one.snapshots and call in other.params:
            yield row, one.snapshots[call].params, other.params[call]
        if call in one.related and call in other.related:
            yield row, one.related[call].params, other.related[call]


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
    # Half precision has so few digits that one in the last place may be the mistake.
    ulps = 0 if one.dtype in HALVES else _ROUNDING_ULPS
    near = distance <= ulps * np.where(np.isfinite(unit), unit, 0)
    if answer is not None:
        interval = answer.intervals[row][number]
        if interval.classes is not None:
            # Right Adams differ there, and so do wrong ones.
            near |= interval.classes == "any"
        left = _LEFT * np.abs(wide - interval.exact)
        near |= distance <= ROUNDING_BOUNDS * interval.radius + left
    both_nan = np.isnan(wide) & np.isnan(other_wide)
    return bool(np.all(near | both_nan | (wide == other_wide)))
