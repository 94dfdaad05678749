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
    # For each element the numbers of its levels, one after the other in one integer.
    together: NDArray[np.int_] = np.zeros(life.params[param].size, np.int_)
    for feature in FEATURES:
        names = feature.of(life, param)
        if isinstance(names, str):
            whole |= _number(feature.name, names)
            continue
        # 0 is a value without a level, such as a gradient that is not finite.
        numbers = np.zeros_like(together)
        for name in feature.levels:
            numbers[names.ravel() == name] = 1 + _NUMBERS[Level(feature.name, name)]
        together = together * (1 + len(LEVELS)) + numbers
    return [frozenset(whole | _separate(code)) for code in np.unique(together).tolist()]


def _separate(code: int) -> set[int]:
    """Return the numbers of levels that stand in one integer."""
    numbers = set()
    while code:
        code, number = divmod(code, 1 + len(LEVELS))
        if number:
            numbers.add(number - 1)
    return numbers


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
        return _second_step(life, param, after, where)

    return seen(subject, mistake)


def _second_step(life: Life, param: int, after: Array, where: NDArray[np.bool_]) -> Array:
    """Return what a mistake at some elements adds to a parameter."""
    before = life.params[param].astype(np.float64)
    step = after.astype(np.float64) - before
    wrong = np.where(step == 0, life.rates[-1] or _UNIT, step)
    return np.where(where, np.where(np.isfinite(after), wrong, before - after), 0)


def shows(subject: Subject, vector: Vector, listed: ListedConvention) -> bool:
    """Return whether a wrong subject fails a vector by `DECISIVE` bounds or more."""
    answers = vector.answers_for(listed.axes, listed.arithmetics[0])
    comparison = compare(run(subject, vector), answers)
    return comparison.failed and comparison.worst_ratio >= DECISIVE


class _Mistakes:
    """Mistakes in one vector; mistakes at the same elements of the same calls are one."""

    def __init__(self, vector: Vector, listed: ListedConvention) -> None:
        self._vector = vector
        self._listed = listed
        # By call and parameter, in the order of the run: level -> the elements that have it.
        self._places: list[dict[Level, NDArray[np.bool_]]] = []
        # Where a mistake is made -> whether it shows.
        self._known: dict[tuple[bytes, ...], bool] = {}

        def note(life: Life, param: int, after: Array) -> None:
            self._places.append(_elements_by_level(life, param, after))

        # Our reference is run once for all mistakes.
        right = reference(listed.name)
        self._right = Replay(right, lambda subject: run(seen(subject, note), vector))

    def show(self, levels: Sequence[Level]) -> bool:
        """Return whether the vector shows a mistake where all ``levels`` hold."""
        where = [_elements_with(levels, place) for place in self._places]
        key = tuple(map(_bytes_of, where))
        if key not in self._known:
            self._known[key] = shows(self._mistaken_at(where), self._vector, self._listed)
        return self._known[key]

    def _mistaken_at(self, where: Iterable[NDArray[np.bool_] | None]) -> Subject:
        """Return a subject as `mistaken` does, for places that are known."""
        left = iter(where)

        def mistake(life: Life, param: int, after: Array) -> Array | None:
            mask = next(left)
            return None if mask is None else _second_step(life, param, after, mask)

        return seen(self._right.subject(), mistake)


def _elements_by_level(life: Life, param: int, after: Array) -> dict[Level, NDArray[np.bool_]]:
    """Return which elements of a parameter have each level in the present call."""
    elements = {}
    for feature in FEATURES:
        names = feature.of(life, param)
        if isinstance(names, str):
            elements[Level(feature.name, names)] = np.ones(after.shape, bool)
            continue
        for name in feature.levels:
            elements[Level(feature.name, name)] = names == name
    return elements


def _bytes_of(mask: NDArray[np.bool_] | None) -> bytes:
    return b"" if mask is None else mask.tobytes()


def _elements_with(
    levels: Sequence[Level], elements: Mapping[Level, NDArray[np.bool_]]
) -> NDArray[np.bool_] | None:
    """Return which elements have all levels; None where no element has."""
    if not all(level in elements for level in levels):
        return None
    has_all = np.logical_and.reduce([elements[level] for level in levels])
    return has_all if has_all.any() else None


def shown(vector: Vector, pairs: Iterable[Pair], conventions: Conventions) -> set[Pair]:
    """Return those of some pairs of levels, which stand together in a vector, that it shows."""
    mistakes = _Mistakes(vector, home(vector, conventions))
    return {pair for pair in pairs if mistakes.show(pair)}


def shown_rows(vector: Vector, rows: Iterable[Row], conventions: Conventions) -> set[Row]:
    """Return those of some rows of levels of a vector in which it shows a mistake."""
    mistakes = _Mistakes(vector, home(vector, conventions))
    found = set()
    for row in rows:
        levels = [LEVELS[number] for number in row]
        if mistakes.show(levels):
            found.add(row)
    return found
