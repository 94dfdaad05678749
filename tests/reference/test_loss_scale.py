"""A loss scale in a step of the reference."""

import numpy as np
import pytest

from adamref import Adam, AdamConfig, IndexedSlices

CONFIG = AdamConfig(learning_rate=0.5, epsilon=2.0**-4)


def adam(*shapes, dtype="float32", **options):
    return Adam([np.ones(shape, dtype) for shape in shapes or [(2,)]], CONFIG, **options)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("backend", ["numpy", "cpu"])
def test_gradients_are_divided_by_the_scale_first(backend):
    grad = np.array([0.1, -0.01], "float32")
    scaled = adam(backend=backend).step([grad * np.float32(1024)], scale=1024.0)
    assert same(scaled, adam(backend=backend).step([grad]))


def test_a_quotient_is_rounded_once_in_the_format_of_the_gradient():
    a = adam()
    a.step([np.array([1.0, 2.0], "float32")], scale=3.0)
    expected = np.float32(0.1) * (np.array([1.0, 2.0], "float32") / np.float32(3))
    np.testing.assert_allclose(a.slots()["m"][0], expected, rtol=2.0**-23)


def test_a_scale_does_not_overflow_in_half_precision():
    # 2^17 is no number of float16, but the quotient is.
    a = adam(dtype="float16")
    a.step([np.array([2.0**10, 2.0**12], "float16")], scale=2.0**17)
    assert a.slots()["m"][0].any()


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_step_whose_gradients_are_not_all_finite_changes_the_rate_alone(bad):
    a, plain = adam((2,), (1,)), adam((2,), (1,))
    good = [np.array([0.5, -2.0], "float32"), np.array([1.0], "float32")]
    a.step(good)
    plain.step(good)
    kept = a.step([good[0], np.array([bad], "float32")], learning_rate=0.25, scale=4.0)
    assert same(kept, plain.params)
    assert same(a.slots()["v"], plain.slots()["v"])
    assert same(a.step(good), plain.step(good, learning_rate=0.25))


def test_slices_are_unscaled_and_checked_too():
    a = adam((3, 1))
    rows = np.array([0, 2])
    bad = IndexedSlices(np.array([[1.0], [np.inf]], "float32"), rows)
    assert same(a.step([bad], scale=2.0), [np.ones((3, 1), "float32")])
    slices = IndexedSlices(np.array([[1.0], [2.0]], "float32"), rows)
    assert same(a.step([slices], scale=2.0), adam((3, 1)).step([slices / 2]))


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf, np.nan])
def test_a_scale_that_nothing_can_be_divided_by_is_refused(scale):
    a = adam()
    with pytest.raises(ValueError, match=f"scale must be finite and > 0, got {scale}"):
        a.step([np.ones(2, "float32")], learning_rate=0.1, scale=scale)
    assert a.config == CONFIG
