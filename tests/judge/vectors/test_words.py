import numpy as np
import pytest

from conformance.vectors.words import decode, decode_number, encode, encode_number


def test_words_are_the_bits_that_people_write():
    assert encode(np.array([1.0, -0.5], np.float32)) == "3f800000 bf000000"
    assert encode(np.array(1.0)) == "3ff0000000000000"
    assert encode(np.array([], np.float32)) == ""


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_bit_survives(dtype):
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 6e-8, 1 / 3, -65504], dtype).reshape(
        2, 2, 2
    )
    assert decode(encode(special), dtype, (2, 2, 2)).tobytes() == special.tobytes()


def test_a_hyperparameter_keeps_all_its_bits():
    assert decode_number(encode_number(0.1)) == 0.1
    assert encode_number(0.1) == {"word": "3fb999999999999a", "about": "0.1"}


@pytest.mark.parametrize(
    ("words", "shape", "message"),
    [
        ("3f800000", (2,), r"words must be 2 for shape \(2,\), got 1"),
        ("3f80000", (1,), "a word of float32 must have 8 digits, got '3f80000'"),
        ("3f80000g", (1,), "non-hexadecimal"),
    ],
)
def test_words_that_do_not_fit_are_refused(words, shape, message):
    with pytest.raises(ValueError, match=message):
        decode(words, "float32", shape)
