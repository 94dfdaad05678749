"""Points of the axes: whole, frozen, and equal where they are the same."""

import pytest

from conformance.truth.point import Point, exists, nearest_point
from conformance.truth.reference import CONVENTIONS, Arithmetic, Convention


def test_points_with_the_same_values_are_one_key_whatever_their_names():
    named = Point(CONVENTIONS["paper"].convention, Arithmetic.parse("ddddd"))
    assert {named: 1}[Point.of(named.values, "ddddd")] == 1
    assert named != Point.of(named.values, "sssss")


@pytest.mark.parametrize("values", [{}, {"amsgrad": "unsupported", "sparse": "unsupported"}])
def test_an_axis_that_is_absent_or_unsupported_takes_the_default(values):
    assert Point.of(values).convention == Convention()


def test_values_that_exclude_each_other_are_no_point():
    values = {"epsilon": "hat", "amsgrad": "max_corrected"}
    assert not exists(values)
    with pytest.raises(ValueError, match="max_corrected"):
        Point.of(values)


def test_the_nearest_point_has_all_that_is_wanted_and_drops_only_what_that_excludes():
    base = {"amsgrad": "max_corrected", "maximize": "before_l2"}
    point = nearest_point(base, {"epsilon": "hat"})
    assert point.convention == Convention(epsilon="hat", maximize="before_l2")
