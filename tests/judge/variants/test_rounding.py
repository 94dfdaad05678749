"""Ways to round a weight of float32 to half precision."""

import ml_dtypes
import numpy as np
import pytest

from conformance.variants.rounding import at_random, ties_away, to_nearest, upper_half

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
# The distance of the numbers of bfloat16 above 1.
UNIT = 2.0**-7
# A weight above 1, and what it is rounded to: nearest, ties away from zero, towards zero.
ROUNDINGS = [
    (1.0, 1.0, 1.0, 1.0),
    (1 + UNIT / 4, 1.0, 1.0, 1.0),
    (1 + UNIT / 2, 1.0, 1 + UNIT, 1.0),
    (1 + UNIT * 3 / 4, 1 + UNIT, 1 + UNIT, 1.0),
    (1 + UNIT * 3 / 2, 1 + 2 * UNIT, 1 + 2 * UNIT, 1 + UNIT),
    # Beyond 2 the unit is twice as large.
    (2 - UNIT / 4, 2.0, 2.0, 2 - UNIT),
    (0.0, 0.0, 0.0, 0.0),
]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("row", ROUNDINGS)
def test_a_weight_is_rounded_as_the_name_says(row, sign):
    weight, *expected = sign * np.array(row, np.float32)
    given = np.array([weight])
    found = [way(given, BFLOAT16) for way in (to_nearest, ties_away, upper_half)]
    assert [float(one[0]) for one in found] == expected
    assert {one.dtype for one in found} == {BFLOAT16}


def test_random_rounding_leaves_what_needs_none():
    exact = np.array([1.0, -3.5, 0.0, 2.0**-130], np.float32)
    many = np.tile(exact, 1000)
    found = at_random(many, BFLOAT16, np.random.default_rng(1))
    assert np.array_equal(found.astype(np.float32), many)


@pytest.mark.parametrize("sign", [1, -1])
def test_random_rounding_goes_up_as_often_as_the_distance_says(sign):
    count = 40_000
    weight = np.full(count, sign * (1 + UNIT / 4), np.float32)
    found = sign * at_random(weight, BFLOAT16, np.random.default_rng(2)).astype(np.float32)
    assert set(found.tolist()) == {1.0, 1 + UNIT}
    # A quarter of them, within five standard deviations of a binomial distribution.
    away = np.count_nonzero(found > 1)
    assert abs(away - count / 4) < 5 * np.sqrt(count * 3 / 16)
