"""The judge accepts every library of half precision, in each of its orders of operations."""

import pytest

from conformance import check
from conformance.truth.point import Point
from conformance.variants.half_libraries import LIBRARIES, half_subject
from conformance.variants.rounding import ties_away, to_nearest

PAPER = Point.of({}, "ddddd")
CASES = [
    pytest.param(library, variant, id=f"{library.name}-{variant.name}")
    for library in LIBRARIES
    for variant in library.variants
    if library.round_weight is to_nearest
]
AWAY = [library for library in LIBRARIES if library.round_weight is ties_away]


@pytest.mark.parametrize(("library", "variant"), CASES)
def test_the_judge_accepts_it(library, variant, suite):
    make = half_subject(library, variant, PAPER)
    for dtype in library.dtypes:
        report = check(make, only="storage.*", dtype=dtype, suite=suite)
        assert not report.of_status("failed"), report.diagnosis
        assert not report.of_status("errored"), report.diagnosis
        assert report.of_status("passed")


@pytest.mark.parametrize("library", AWAY, ids=lambda library: library.name)
def test_what_rounds_ties_away_is_told_so(library, suite):
    """Apex, Transformer Engine and Megatron-LM, where they keep 16-bit remainders of weights."""
    report = check(half_subject(library, library.variants[0], PAPER), only="storage.*", suite=suite)
    assert {one.vector.id for one in report.failures} == {"storage.bf16.ties"}
    assert "half-ties-away" in report.diagnosis


def test_some_library_rounds_ties_away():
    assert len(AWAY) == 1
