"""Answers for a subject that declares roundings: so many bounds, and the same exact result."""

import numpy as np
import pytest

from conformance.vectors.interval import Interval
from conformance.vectors.vector import Vector


def interval_of(lo, hi, offset, bound, dtype="float32", classes=None, roundings=1):
    return Interval(
        lo=np.array([lo], dtype),
        hi=np.array([hi], dtype),
        offset=np.array([offset]),
        bound=np.array([bound]),
        classes=None if classes is None else np.array([classes]),
        roundings=roundings,
    )


ULP = 2.0**-23


# The example of the module: exact is a quarter of a unit above 1.5, with a bound of 1.5 units.
@pytest.mark.parametrize(
    ("roundings", "least", "greatest"), [(1, -1, 1), (2, -2, 3), (3, -4, 4), (4, -5, 6)]
)
def test_so_many_bounds_are_permitted_around_the_exact_result(roundings, least, greatest):
    interval = interval_of(1.5 - ULP, 1.5 + ULP, 1.25, 1.5, roundings=roundings)
    units = range(-9, 10)
    inside = [n for n in units if interval.permits(np.array([1.5 + n * ULP], "float32"))[0]]
    assert inside == list(range(least, greatest + 1))
    lo, hi = interval.ends
    assert (lo[0], hi[0]) == (1.5 + least * ULP, 1.5 + greatest * ULP)


def test_a_ratio_is_the_error_over_all_that_is_permitted():
    got = np.array([1.5 + 3 * ULP], "float32")
    assert interval_of(1.5 - ULP, 1.5 + ULP, 1.25, 1.5).ratio(got)[0] == pytest.approx(2.75 / 1.5)
    within = interval_of(1.5 - ULP, 1.5 + ULP, 1.25, 1.5, roundings=2)
    assert within.ratio(got)[0] == pytest.approx(2.75 / 3)


def test_the_ends_are_the_last_permitted_numbers_in_float64_too():
    rng = np.random.default_rng(4)
    for exponent in range(-300, 300, 7):
        lo = rng.uniform(1, 2) * 10.0**exponent
        interval = interval_of(lo, np.nextafter(lo, np.inf), 0.3, 1.1, "float64", roundings=7)
        for end, outward in zip(interval.ends, (-np.inf, np.inf), strict=True):
            assert interval.permits(end)[0]
            assert not interval.permits(np.nextafter(end, outward))[0]


def test_what_must_be_exact_stays_exact():
    interval = interval_of(1.5, 1.5, 0, 0, roundings=1000)
    assert interval.permits(np.array([1.5], "float32"))[0]
    assert not interval.permits(np.array([1.5 + ULP], "float32"))[0]
    assert interval.ends == (1.5, 1.5)


@pytest.mark.parametrize("kind", ["nan", "nonfinite"])
def test_classes_stay_what_they_are(kind):
    interval = interval_of(1, 1, 0, 1, classes=kind, roundings=1000)
    assert not interval.permits(np.array([1.0], "float32"))[0]
    assert interval.permits(np.array([np.nan], "float32"))[0]
    assert not interval_of(1, 1, 0, 1, roundings=1000).permits(np.array([np.nan], "float32"))[0]


def test_a_vector_within_roundings_is_written_as_the_golden_one(suite):
    vector = next(one for one in suite.vectors if one.id == "basic.f32.mixed")
    within = vector.within({"m": 8, "params": 40})
    assert isinstance(within, Vector)
    assert within.to_entry() == vector.to_entry()
    numbers = {answer.quantity: answer.roundings for answer in within.answers}
    assert (numbers["m"], numbers["v"], numbers["params"]) == (8, 1, 40)
    assert {interval.roundings for row in within.answers[0].intervals for interval in row} == {
        numbers[within.answers[0].quantity]
    }
    assert within.within({"m": 8, "params": 40}) is within
    assert within.within({}).roundings == {}
