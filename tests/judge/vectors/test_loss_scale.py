"""Loss scales: which a vector may have, and what its answers are."""

import numpy as np
import pytest

from conformance.truth.answers import answer_table
from conformance.truth.problem import Problem
from conformance.vectors.inputs import Call, Inputs
from conformance.vectors.objections import wrong_scale
from conformance.vectors.reading import read_spec
from conformance.vectors.slices import IndexedSlices
from conformance.vectors.spec import VectorSpec
from conformance.vectors.switches import ACCUMULATION, LOSS_SCALE

NUMBERS = {"learning_rate": 2.0**-6, "beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10}
USUAL = 2.0**16


def call(numbers, scale=USUAL, rate=None, dtype=np.float32):
    return Call([np.array(numbers, dtype)], rate, scale)


def inputs(*calls, **switches):
    return Inputs(NUMBERS, switches, [np.array([1.0, -2.0], np.float32)], list(calls))


def answers(*calls):
    spec = VectorSpec(id="mine.f32.scaled", inputs=inputs(*calls), axes={"epsilon": ["outside"]})
    return {one.quantity: one.intervals for one in answer_table(Problem(spec))}


def bounds_of(intervals):
    return [[(one.lo.tolist(), one.hi.tolist()) for one in row] for row in intervals]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (inputs(call([1, 2], 5.0)), r"scale must be 2\^k or 3 2\^k, .* got 5.0"),
        (inputs(call([1, 2], 2.0**33)), r"from 2\^-32 to 2\^32, got 8589934592.0"),
        (inputs(call([1, 2], -2.0)), r"scale must be 2\^k or 3 2\^k, .* got -2.0"),
        (inputs(call([1, 2], np.inf)), r"scale must be 2\^k or 3 2\^k, .* got inf"),
        (inputs(call([1, 2]), call([1, 2], None)), "in every call or in none"),
        (inputs(call([1, 2]), **{ACCUMULATION: 2}), f"cannot be combined with {ACCUMULATION}"),
        # Subnormal as it is given, and once it is divided.
        (inputs(call([1e-40, 2], 2.0**-8)), "must be normal numbers"),
        (inputs(call([1e-37, 2])), "must be normal numbers, also divided by 65536.0"),
        (inputs(call([1e38, 2], 2.0**-8)), "must be normal numbers, also divided by"),
    ],
)
def test_a_scale_that_no_right_adam_agrees_on_is_refused(given, wrong):
    with pytest.raises(ValueError, match=wrong):
        Problem(VectorSpec(id="mine.f32.refused", inputs=given))


def test_slices_have_a_power_of_two():
    slices = IndexedSlices(np.ones((1, 1), np.float32), np.array([0]), (2, 1))
    given = Inputs(NUMBERS, {}, [np.zeros((2, 1))], [Call([slices], None, 3.0)])
    assert wrong_scale(given).startswith("scale must be a power of two with sparse gradients")
    assert not wrong_scale(given._replace(calls=[Call([slices], None, 4.0)]))


def test_zeros_and_what_overflowed_are_allowed():
    assert not wrong_scale(inputs(call([0.0, np.inf]), call([-0.0, np.nan], 0.75)))


def test_a_call_is_skipped_only_if_it_has_a_scale():
    assert call([1.0, np.inf]).is_skipped
    assert call([np.nan, 1.0], 1.0).is_skipped
    assert not call([1.0, np.inf], None).is_skipped
    assert not call([1.0, 2.0]).is_skipped
    assert not Call([None], None, 1.0).is_skipped


def test_a_power_of_two_changes_no_answer():
    plain = answers(call([0.5, 3.0], 1.0), call([-2.0, 1e-3], 1.0))
    scaled = answers(
        call([0.5 * USUAL, 3.0 * USUAL]), call([-2.0 / 4, np.float32(1e-3) / 4], 2.0**-2)
    )
    for quantity, intervals in plain.items():
        assert bounds_of(intervals) == bounds_of(scaled[quantity])


def test_three_times_a_power_of_two_divides_exactly_and_widens_the_bound():
    scaled = answers(call([1.0, 6.0], 3.0))["m"][0][0]
    exact = np.array([0.5 / 3, 1.0])
    assert ((scaled.lo < exact) & (exact < scaled.hi)).all()
    # An offset has seven digits of a unit in the last place.
    np.testing.assert_allclose(scaled.exact, exact, rtol=1e-12)
    plain = answers(call([2.0, 2.0], 1.0))["m"][0][0]
    assert scaled.radius[1] > plain.radius[1]


def test_a_skipped_call_leaves_answers_and_t_as_they_were_and_its_rate_holds():
    good = call([0.5, 3.0], 1.0)
    later = call([0.25, -1.0], 1.0)
    without = answers(good, later._replace(learning_rate=2.0**-3))
    skipped = call([np.inf, 1.0], 1.0, rate=2.0**-3)
    for quantity, intervals in answers(good, skipped, later).items():
        first, middle, last = bounds_of(intervals)
        assert first == middle
        assert [first, last] == bounds_of(without[quantity])


def test_a_vector_file_holds_the_scale_of_each_call():
    spec = VectorSpec(id="mine.f32.scaled", inputs=inputs(call([1, 2], 3.0), call([3, 4])))
    entry = spec.to_entry()
    assert [step["scale"]["about"] for step in entry["steps"]] == ["3.0", "65536.0"]
    assert [one.scale for one in read_spec(entry).inputs.calls] == [3.0, USUAL]
    assert LOSS_SCALE in spec.features
