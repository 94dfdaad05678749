"""The judge accepts every library of half precision, in each of its orders of operations."""

import pytest

from conformance import check
from conformance.truth.point import Point
from conformance.variants.half_libraries import LIBRARIES, half_subject

PAPER = Point.of({}, "ddddd")
CASES = [
    pytest.param(library, variant, id=f"{library.name}-{variant.name}")
    for library in LIBRARIES
    for variant in library.variants
]


@pytest.mark.parametrize(("library", "variant"), CASES)
def test_the_judge_accepts_it(library, variant, suite):
    make = half_subject(library, variant, PAPER)
    for dtype in library.dtypes:
        report = check(make, only="storage.*", dtype=dtype, suite=suite)
        assert not report.of_status("failed"), report.diagnosis
        assert not report.of_status("errored"), report.diagnosis
        assert report.of_status("passed")
