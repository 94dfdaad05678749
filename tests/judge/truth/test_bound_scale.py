"""The bound of a loss scale: sound for a quotient and for a product with the reciprocal."""

import numpy as np
import pytest

from conformance.defects.kit.clipping import clip_by
from conformance.subject.accuracy import Accuracy
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.moment_errors import gradient_error
from conformance.truth.reference import AdamConfig, Arithmetic, Convention, Format
from conformance.truth.roundings import ScalarErrors
from conformance.variants.orders import product_with_reciprocal, quotient_of_scale
from tests.support.extended_precision import FastTruth

ELEMENTS = 100_000
DTYPES = ("float32", "float64")
SPELLINGS = (quotient_of_scale, product_with_reciprocal)
SCALE = 3 * 2.0**10


def radius(exact, dtype, scale, accuracy=None, **limits):
    """E_g of some exact gradients, one under each norm."""
    config = AdamConfig(**limits)
    truth = FastTruth(config, Convention(), Arithmetic.parse("ddddd"), dtype, np.zeros(len(exact)))
    format_ = FORMATS[dtype]
    scalars = ScalarErrors(format_, Format.BINARY64, accuracy or Accuracy())
    step = as_step(truth.step(exact))
    none = np.zeros(len(exact))
    return gradient_error(step, none, config, Convention(), scalars, 1, scale)


def given(dtype):
    rng = np.random.default_rng(11)
    sizes = 10 ** rng.uniform(-3, 3, ELEMENTS)
    return (rng.normal(size=ELEMENTS) * sizes * SCALE).astype(dtype)


def errors(got, exact):
    return np.abs(got.astype(np.longdouble) - exact).astype(np.float64)


@pytest.mark.parametrize("unscale", SPELLINGS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_both_spellings_stay_within_the_bound(dtype, unscale):
    grads = given(dtype)
    exact = grads.astype(np.longdouble) / np.longdouble(SCALE)
    ratios = errors(unscale(grads, grads.dtype.type(SCALE)), exact) / radius(exact, dtype, SCALE)
    # A quotient by 3 is off by a third of a unit in the last place at most.
    assert 0.3 < ratios.max() <= 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_rounding_would_not_allow_the_product_with_the_reciprocal(dtype):
    grads = given(dtype)
    exact = grads.astype(np.longdouble) / np.longdouble(SCALE)
    got = product_with_reciprocal(grads, grads.dtype.type(SCALE))
    assert (errors(got, exact) > radius(exact, dtype, SCALE) / 2).any()


@pytest.mark.parametrize("unscale", SPELLINGS)
def test_a_power_of_two_is_exact_and_has_no_radius(unscale):
    grads = given("float32")
    scale = np.float32(2.0**16)
    exact = grads.astype(np.longdouble) / np.longdouble(scale)
    assert not errors(unscale(grads, scale), exact).any()
    assert not radius(exact, "float32", float(scale)).any()


def test_in_an_accuracy_class_a_quotient_by_a_power_of_two_may_be_off():
    exact = np.array([1.0, 3.0])
    # 2.5 units in the last place are 4 roundings more than a right quotient.
    wide = radius(exact, "float32", 4.0, Accuracy(division=2.5))
    np.testing.assert_allclose(wide, 4 * 2.0**-24 * exact)


@pytest.mark.parametrize("unscale", SPELLINGS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_norm_passes_the_error_of_its_elements_on(dtype, unscale):
    grads = given(dtype)
    exact = grads.astype(np.longdouble) / np.longdouble(SCALE)
    # Every element is a gradient of its own: its norm is its size.
    limit = 0.75
    clipped = np.sign(exact) * np.minimum(abs(exact), np.longdouble(limit))
    unscaled = unscale(grads, grads.dtype.type(SCALE))
    got = np.concatenate(clip_by("clipnorm", list(unscaled.reshape(-1, 1)), limit))
    allowed = radius(clipped, dtype, SCALE, clipnorm=limit)
    assert (errors(got, clipped) <= allowed).all()


def test_each_norm_doubles_the_error():
    exact = np.array([1.0])
    plain = radius(exact, "float32", SCALE)
    one = radius(exact, "float32", SCALE, clipnorm=2.0) - radius(exact, "float32", 1, clipnorm=2.0)
    limits = {"clipnorm": 2.0, "global_clipnorm": 2.0}
    two = radius(exact, "float32", SCALE, **limits) - radius(exact, "float32", 1, **limits)
    np.testing.assert_allclose([one, two], [2 * plain, 4 * plain], rtol=1e-9)
