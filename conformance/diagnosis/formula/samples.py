"""Samples: what a subject returned in some runs, element by element, for `equations`."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from ...trial.run import Run
from ...vectors.interval import unit_in_last_place
from ...vectors.slices import IndexedSlices
from ...vectors.vector import Vector
from ...vectors.words import Array
from .formulas import FIRST, SECOND, MomentStep, Numbers


class SamplePlace(NamedTuple):
    """One call of one parameter of a run, with what the subject returned."""

    run: Run
    call: int
    param: int


def places_of(run: Run) -> Iterator[SamplePlace]:
    """Yield the calls before and after which the parameters are known."""
    for call in run.snapshots:
        if call == 1 or call - 1 in run.snapshots:
            for param, array in enumerate(run.vector.params):
                if array.size:
                    yield SamplePlace(run, call, param)


def units(place: SamplePlace) -> Numbers:
    after = place.run.snapshots[place.call].params[place.param]
    unit = np.maximum(unit_in_last_place(after), unit_in_last_place(_before(place)))
    return np.asarray(np.where(np.isfinite(unit), unit, 0), np.float64).ravel()


def _before(place: SamplePlace) -> Array:
    if place.call == 1:
        return place.run.vector.params[place.param]
    return place.run.snapshots[place.call - 1].params[place.param]


def slot_of(place: SamplePlace, slot: str) -> Array:
    """Return a moment as the subject shows it; NaN where it shows none."""
    snapshot = place.run.snapshots[place.call]
    shown = snapshot.slots.get(slot)
    array = shown[place.param] if shown else None
    return np.full(_before(place).shape, np.nan) if array is None else array


def flat(array: Array) -> Numbers:
    return np.asarray(array, np.float64).ravel()


def sample_of(place: SamplePlace, first: str, second: str) -> list[Numbers]:
    """Return the entries of `Samples` for one place, in the order of its fields."""
    vector = place.run.vector
    moments = _moments(vector, place.param, first, second)
    m_before, v_before, _ = moments[place.call - 1]
    m, v, t = moments[place.call]
    rates = _rates(vector)
    numbers = vector.numbers
    constants = (
        *(float(t), rates[place.call], numbers["learning_rate"]),
        *(numbers["beta1"], numbers["beta2"], numbers["epsilon"]),
    )
    gradient = _gradient(vector, place.call, place.param)
    after = place.run.snapshots[place.call].params[place.param]
    arrays = [gradient, flat(_before(place)), flat(after), m, v, m_before, v_before]
    return [*arrays, *(np.full(gradient.shape, constant) for constant in constants)]


@cache
def _moments(
    vector: Vector, param: int, first: str, second: str
) -> list[tuple[Numbers, Numbers, int]]:
    """Return both moments and t, at the start and after each call."""
    numbers = vector.numbers
    beta1 = numbers["beta1"]
    beta2 = numbers["beta2"]
    m = v = np.zeros(vector.params[param].size)
    t = 0
    if vector.load is not None:
        slots, counts = vector.load
        m = flat(slots["m"][param])
        v = flat(slots["v"][param])
        t = int(counts[param])
    moments = [(m, v, t)]
    for call in range(1, len(vector.calls) + 1):
        gradient = _gradient(vector, call, param)
        t += 1
        old = m
        m = FIRST[first](MomentStep(m, beta1, beta2, gradient, m, m, t))
        v = SECOND[second](MomentStep(v, beta2, beta1, gradient, m, old, t))
        moments.append((m, v, t))
    return moments


def _gradient(vector: Vector, call: int, param: int) -> Numbers:
    gradient = vector.calls[call - 1].grads[param]
    # A plain vector has neither missing nor sparse gradients.
    assert gradient is not None
    assert not isinstance(gradient, IndexedSlices)
    return flat(gradient)


def _rates(vector: Vector) -> Mapping[int, float]:
    """Return the learning rate of each call, from 1."""
    rate = vector.numbers["learning_rate"]
    rates = {}
    for number, call in enumerate(vector.calls, 1):
        rate = rate if call.learning_rate is None else call.learning_rate
        rates[number] = rate
    return rates
