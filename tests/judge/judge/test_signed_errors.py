"""The mean of signed errors: near 0 by rounding alone, and not if errors go one way."""

import numpy as np
import pytest

from conformance import check
from conformance.report.results import Options, Results
from conformance.selftest.killing import named_point
from conformance.variants.dense import VARIANTS
from conformance.variants.orders import as_printed, multiply_add_m, square_first_v
from conformance.variants.subject import variant_subject
from conformance.variants.variant import Variant
from conformance.vectors.suite import Suite


def stretched(n, m, v):
    """A step that is four units in the last place too large."""
    step = as_printed(n, m, v)
    return step * (1 + 4 * np.finfo(step.dtype).eps).astype(step.dtype)


TOO_LARGE = Variant("too large", multiply_add_m, square_first_v, stretched, stretched)


def judged(variant, suite: Suite):
    return check(variant_subject(variant, named_point("paper")), suite=suite, dtype="float32")


def test_a_step_that_is_too_large_by_less_than_the_bound_shows_in_the_mean(suite):
    report = judged(TOO_LARGE, suite)
    assert report.conformant
    assert report.means["float32", "params"] > 0.1
    assert report.to_dict()["mean"]["float32"]["params"] > 0.1
    notes = Results([report], {}, suite.version, Options()).notes
    assert any("mean signed error over the bound +0.1" in sentence for _, sentence in notes)


@pytest.mark.parametrize("number", [0, 3, 6])
def test_rounding_alone_has_a_mean_near_zero(number, suite):
    means = judged(VARIANTS[number], suite).means
    assert means.keys() == {
        ("float32", "params"),
        ("float32", "m"),
        ("float32", "v"),
        ("float32", "v_max"),
    }
    assert max(map(abs, means.values())) < 0.05
