"""A weight as a parameter and what is kept: exact where it must be, and sound for every value."""

import ml_dtypes
import numpy as np
import pytest

from adamref.halves.packing import first_kept, pack_weight, unpack_weight
from tests.support.kernels import draw, same_bits

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOAT16 = np.dtype(np.float16)
HALVES = [FLOAT16, BFLOAT16]
PAIRS = [
    (weights, dtype)
    for weights in ("rounded", "master", "split", "compensated")
    for dtype in HALVES
    if weights != "split" or dtype == BFLOAT16
]


def bits(*words):
    return np.array(words, np.uint32).view(np.float32)


@pytest.mark.parametrize(("weights", "dtype"), PAIRS, ids=str)
def test_every_half_is_the_weight_of_its_first_kept(weights, dtype):
    """Also zeros with a sign, but for `compensated`: -0 + 0 is 0."""
    param = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    weight = unpack_weight(weights, param, first_kept(weights, param))
    with np.errstate(invalid="ignore"):
        due = param.astype(np.float32)
        if weights == "compensated":
            due = due + np.float32(0)
    assert same_bits(weight, due)


@pytest.mark.parametrize("weights", ["master", "split"])
def test_a_weight_comes_back_with_all_its_bits(weights):
    weight = draw(np.random.default_rng(0), 5000, np.float32, special=True)
    packed = pack_weight(weights, weight, BFLOAT16)
    assert same_bits(unpack_weight(weights, *packed), weight)


def test_a_split_parameter_is_truncated_and_a_master_rounded_to_even():
    weight = bits(0x3F807FFF, 0x3F808000, 0x3F818000, 0xBF80FFFF)
    split = pack_weight("split", weight, BFLOAT16)
    assert [hex(word) for word in split.param.view(np.uint16)] == [
        "0x3f80",
        "0x3f80",
        "0x3f81",
        "0xbf80",
    ]
    assert [hex(word) for word in split.kept] == ["0x7fff", "0x8000", "0x8000", "0xffff"]
    master = pack_weight("master", weight, BFLOAT16)
    assert [hex(word) for word in master.param.view(np.uint16)] == [
        "0x3f80",
        "0x3f80",
        "0x3f82",
        "0xbf81",
    ]


def test_a_compensation_is_what_rounding_lost():
    # 256 + 1.75 is between 256 and 258 in bfloat16; -0.25 is left of it.
    packed = pack_weight("compensated", np.array([257.75, 256.5], np.float32), BFLOAT16)
    assert packed.param.astype(float).tolist() == [258.0, 256.0]
    assert packed.kept.astype(float).tolist() == [-0.25, 0.5]


@pytest.mark.parametrize(("weights", "dtype"), PAIRS, ids=str)
def test_a_nan_stays_a_nan_and_an_infinity_an_infinity(weights, dtype):
    # The first is a NaN by its last bit alone, which truncation cuts off.
    weight = bits(0x7F800001, 0xFFC00000, 0x7F800000, 0xFF800000)
    param, kept = pack_weight(weights, weight, dtype)
    assert np.isnan(param.astype(np.float32)).tolist() == [True, True, False, False]
    assert param[2:].astype(float).tolist() == [np.inf, -np.inf]
    assert same_bits(unpack_weight(weights, param, kept), weight)
    if weights == "compensated":
        assert kept.astype(float).tolist() == [0, 0, 0, 0]


def test_a_weight_beyond_the_largest_half_stays_finite_only_in_a_master():
    weight = np.array([70_000, -1e6], np.float32)  # float16 ends at 65504
    for weights, due in (("master", weight.tolist()), ("compensated", [np.inf, -np.inf])):
        packed = pack_weight(weights, weight, FLOAT16)
        assert packed.param.astype(float).tolist() == [np.inf, -np.inf]
        assert unpack_weight(weights, *packed).tolist() == due


@pytest.mark.parametrize(("weights", "dtype"), PAIRS, ids=str)
def test_an_array_without_axes_stays_one(weights, dtype):
    packed = pack_weight(weights, np.float32(1.5) * np.ones((), np.float32), dtype)
    arrays = [packed.param, unpack_weight(weights, *packed)]
    assert [(type(array), array.shape) for array in arrays] == 2 * [(np.ndarray, ())]
