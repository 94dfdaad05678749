"""Measurement: which pairs of levels stand together in a vector, and whether a mistake shows there.

A pair is *covered* by a vector if both levels hold at some element after some call. It is *shown*
if an Adam that errs there and nowhere else fails the vector by `DECISIVE` bounds: the mistake is
injected into our own reference. Of three levels, the Adam errs in one *place* where they stand
together: at the elements and calls that have all levels of one row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..subject.shipped import SHIPPED
from ..subject.subject import Subject, from_make
from ..subjects import adamref_adam
from ..trial.compare import compare
from ..trial.run import run
from ..vectors.suite import ListedConvention
from ..vectors.switches import allows
from ..vectors.vector import Vector
from ..vectors.words import Array
from .life import Life
from .model import FEATURES, LEVELS, Level, Pair
from .replay import Replay
from .seen import seen

Conventions = Mapping[str, ListedConvention]
# All levels that hold at an element after a call, by their places in `LEVELS`.
Row = frozenset[int]

# The topic of the vectors that have features together.
TOPIC = "together"
# A mistake must be so many bounds off, as a step must be that decides anything.
DECISIVE = 64
# The step of a mistake where the learning rate is 0.
_UNIT = 2.0**-6
_NUMBERS = {level: number for number, level in enumerate(LEVELS)}


def home(vector: Vector, conventions: Conventions) -> ListedConvention:
    """Return the first convention that has everything in a vector.

    Raises:
        ValueError: no convention has.
    """
    for listed in conventions.values():
        has_all = all(allows(listed.axes, feature) for feature in vector.features)
        if has_all and (vector.asks(listed.axes) or not vector.answers):
            return listed
    raise ValueError(f"vector {vector.id} must have features of one convention, got others")


def reference(convention: str) -> Subject:
    """Return our own reference under a named convention.

    Not by its name: a package of the user may have the name of the judge, which `load` refuses.
    """
    name = "adamref" if convention == "paper" else f"adamref-{convention}"
    attribute = SHIPPED[name].target.partition(":")[2]
    return replace(from_make(getattr(adamref_adam, attribute), name), convention=convention)


def rows_in(subject: Subject, vector: Vector) -> set[Row]:
    """Return the rows of levels that hold together somewhere in a run of a right subject."""
    rows: set[Row] = set()

    def note(life: Life, param: int, _after: Array) -> None:
        rows.update(_rows(life, param))

    run(seen(subject, note), vector)
    return rows


def pairs_in(rows: Iterable[Row]) -> set[Pair]:
    """Return the pairs of levels in some rows."""
    pairs: set[Pair] = set()
    for row in rows:
        levels = [LEVELS[number] for number in sorted(row)]
        pairs.update(combinations(levels, 2))
    return pairs


def _rows(life: Life, param: int) -> Iterable[Row]:
    """Return the numbers of the levels that hold together, for each different element."""
    if not life.params[param].size:
        return []
    whole: set[int] = set()
    columns: list[NDArray[np.int_]] = []
    for feature in FEATURES:
        names = feature.of(life, param)
        if isinstance(names, str):
            whole |= _number(feature.name, names)
            continue
        kinds, places = np.unique(names.ravel(), return_inverse=True)
        # -1 is a value without a level, such as a gradient that is not finite.
        numbers = [next(iter(_number(feature.name, str(kind))), -1) for kind in kinds]
        columns.append(np.array(numbers)[places])
    if not columns:
        return [frozenset(whole)]
    elements = np.unique(np.stack(columns, axis=1), axis=0)
    return [frozenset(whole | set(element)) - {-1} for element in elements.tolist()]


def _number(feature: str, name: str) -> set[int]:
    level = Level(feature, name)
    return {_NUMBERS[level]} if level in _NUMBERS else set()


def mistaken(subject: Subject, levels: Sequence[Level]) -> Subject:
    """Return a subject that takes each step twice where all ``levels`` hold.

    Where there is no step, it takes one of the size of the learning rate. Where the result is not
    finite, it returns the parameter as it was.
    """
    features = {feature.name: feature for feature in FEATURES}

    def mistake(life: Life, param: int, after: Array) -> Array | None:
        where: NDArray[np.bool_] = np.ones(after.shape, bool)
        for level in levels:
            where = where & (features[level.feature].of(life, param) == level.name)
            if not where.any():
                return None
        before = life.params[param].astype(np.float64)
        step = after.astype(np.float64) - before
        wrong = np.where(step == 0, life.rates[-1] or _UNIT, step)
        return np.where(where, np.where(np.isfinite(after), wrong, before - after), 0)

    return seen(subject, mistake)


def shows(subject: Subject, vector: Vector, listed: ListedConvention) -> bool:
    """Return whether a wrong subject fails a vector by `DECISIVE` bounds or more."""
    answers = vector.answers_for(listed.axes, listed.arithmetics[0])
    comparison = compare(run(subject, vector), answers)
    return comparison.failed and comparison.worst_ratio >= DECISIVE


def _replay(vector: Vector, listed: ListedConvention) -> Replay:
    """Return our reference in a vector, which is run once for all mistakes."""

    def unchanged(*_: object) -> None:
        return None

    return Replay(reference(listed.name), lambda right: run(seen(right, unchanged), vector))


def shown(vector: Vector, pairs: Iterable[Pair], conventions: Conventions) -> set[Pair]:
    """Return those of some pairs of levels, which stand together in a vector, that it shows."""
    listed = home(vector, conventions)
    right = _replay(vector, listed)
    return {pair for pair in pairs if shows(mistaken(right.subject(), pair), vector, listed)}


def shown_rows(vector: Vector, rows: Iterable[Row], conventions: Conventions) -> set[Row]:
    """Return those of some rows of levels of a vector in which it shows a mistake."""
    listed = home(vector, conventions)
    right = _replay(vector, listed)
    found = set()
    for row in rows:
        levels = [LEVELS[number] for number in row]
        if shows(mistaken(right.subject(), levels), vector, listed):
            found.add(row)
    return found
