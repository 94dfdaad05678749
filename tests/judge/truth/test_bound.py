"""The bound: sound, tight, and its fast truth true."""

import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from conformance.truth import roundings
from conformance.truth.bound import Bound, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.point import Point
from conformance.truth.reference import (
    ARITHMETICS,
    AdamConfig,
    Arithmetic,
    Convention,
    ExactCall,
    start,
    trajectory,
)
from conformance.variants.dense import VARIANTS
from conformance.variants.fma import fma
from conformance.variants.subject import VariantOnArray
from tests.support.bound_search import CONVENTIONS, STEPS, worst_ratios
from tests.support.extended_precision import FastTruth
from tests.support.paths import ROOT


@pytest.fixture(
    scope="module",
    params=[(code, dtype) for code in ARITHMETICS for dtype in ("float32", "float64")],
)
def ratios(request):
    return measured_ratios(*request.param)


# Two tests of one file need the same search, which takes seconds.
@cache
def measured_ratios(code, dtype):
    return worst_ratios(code, dtype, seed=1)


def test_no_honest_variant_exceeds_the_bound(ratios):
    assert {key: ratio for key, ratio in ratios.items() if not ratio <= 1} == {}


@pytest.mark.parametrize(
    ("numbers", "grads", "of"),
    [
        ((0.1, 0.3, 0.6, 0.7), ("0x1.76ca3cp-1", "0x1.72cd38p-1"), "m"),
        ((2e-4, 0.5, 0.999, 1e-6), ("0x1.afac86p+2", "0x1.9c8e04p-7", "0x1.052a9ep+14"), "v"),
    ],
)
def test_the_bound_needs_its_second_edition(numbers, grads, of):
    """Sums of three terms and the root of 1 - beta2: right Adams beyond the first edition."""
    names = ("learning_rate", "beta1", "beta2", "epsilon")
    config = AdamConfig(**dict(zip(names, numbers, strict=True)))
    point = Point(Convention(), Arithmetic.parse("ddddd"))
    calls = [np.array([float.fromhex(grad)], np.float32) for grad in grads]
    start_at = np.zeros(1, np.float32)
    truth = FastTruth(config, point.convention, point.arithmetic, "float32", start_at)
    steps = [truth.step(grad) for grad in calls]
    worst = {}
    for edition in (1, 2):
        bound = Bound(config, point.convention, FORMATS["float32"], "d", edition=edition)
        runs = [VariantOnArray(variant, config, point, start_at) for variant in VARIANTS]
        radii = no_error(1)
        for grad, exact in zip(calls, steps, strict=True):
            radii = bound.after(as_step(exact), radii)
            for run in runs:
                run.step(grad)
        errors = [float(abs(getattr(run, of) - getattr(exact.after, of))[0]) for run in runs]
        worst[edition] = max(errors) / float(getattr(radii, of)[0])
    assert worst[2] <= 1 < worst[1]


def test_the_readme_has_every_count_with_its_value():
    text = (ROOT / "conformance" / "truth" / "README.md").read_text()
    table = {
        name: int(value) for name, value in re.findall(r"^\| `([A-Z0-9_]+)` \| (\d+) ", text, re.M)
    }
    named = {name: value for name, value in vars(roundings).items() if name.isupper()}
    # The weight from which a lerp starts at the other end is no count.
    counts = {name: value for name, value in named.items() if isinstance(value, int)}
    assert table == counts


@pytest.mark.parametrize("of", ["param", "m", "v", "first"])
def test_some_honest_variant_uses_a_good_part_of_the_bound(tight, of):
    assert tight[of] >= 0.2


@pytest.fixture(scope="module")
def tight():
    """Return quantity -> the worst ratio over all variants, in the arithmetic of the paper."""
    worst: dict[str, float] = {}
    for dtype in ("float32", "float64"):
        for (_, of), ratio in measured_ratios("ddddd", dtype).items():
            worst[of] = max(worst.get(of, 0.0), ratio)
    return worst


def test_there_are_enough_orders_of_operations():
    assert len({variant[1:] for variant in VARIANTS}) >= 12


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("code", ["ddddd", "sssss", "sdssT"])
@pytest.mark.parametrize(("epsilon", "amsgrad"), CONVENTIONS)
def test_the_fast_truth_is_the_oracle(epsilon, amsgrad, code, dtype):
    rng = np.random.default_rng(3)
    config = AdamConfig(learning_rate=0.01, epsilon=1e-4, amsgrad=amsgrad is not None)
    convention = Convention(epsilon=epsilon, amsgrad=amsgrad or "max_raw")
    param = rng.normal(size=30).astype(dtype)
    grads = [
        (rng.normal(size=30) * 10.0 ** rng.uniform(-6, 2, 30)).astype(dtype) for _ in range(STEPS)
    ]
    fast = FastTruth(config, convention, Arithmetic.parse(code), dtype, param)
    begin = start([param.astype(float).tolist()], config.amsgrad)
    calls = [ExactCall([grad.astype(float).tolist()]) for grad in grads]
    slow = trajectory(config, convention, Arithmetic.parse(code), dtype, begin, calls)
    bound, radii = Bound(config, convention, FORMATS["float64"], "d"), no_error(30)
    for grad, outcome in zip(grads, slow, strict=True):
        memory, exact = fast.step(grad).after, outcome.entries[0]
        radii = bound.after(as_step(exact), radii)
        for of in ("param", "m", "v"):
            # The fast truth serves the bounds of float64 too, so its error must be far smaller.
            pairs = zip(
                getattr(memory, of), getattr(exact.after, of), getattr(radii, of), strict=True
            )
            assert all(
                abs(_rational(got) - Fraction(want)) <= Fraction(float(radius)) / 64
                for got, want, radius in pairs
            )


def _rational(number):
    return Fraction(*number.as_integer_ratio())


def test_a_wrong_arithmetic_is_far_outside_the_bound():
    config, convention = AdamConfig(), Convention()
    param, grad = np.zeros(5), np.array([0.1, -2.0, 30.0, 1e-3, 0.7])
    exact = FastTruth(config, convention, Arithmetic.parse("ddddd"), "float64", param).step(grad)
    radii = Bound(config, convention, FORMATS["float64"], "d").after(as_step(exact), no_error(5))
    point = Point(convention, Arithmetic.parse("sssss"))
    got = VariantOnArray(VARIANTS[0], config, point, param).step(grad)
    assert (np.abs(got - exact.after.param).astype(float) > 1e5 * radii.param).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fma_rounds_once(dtype):
    rng = np.random.default_rng(4)
    a, b, c = (rng.normal(size=3000).astype(dtype) for _ in range(3))
    c[:1000] = -(a * b)[:1000]  # cancels all but the rounding error of the product
    c[1000:2000] *= dtype(2.0**-30)
    for got, x, y, z in zip(fma(a, b, c), a, b, c, strict=True):
        exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
        below, above = np.nextafter(got, dtype(-np.inf)), np.nextafter(got, dtype(np.inf))
        error = abs(Fraction(float(got)) - exact)
        assert error <= min(abs(Fraction(float(n)) - exact) for n in (below, above))


def test_an_untouched_parameter_has_no_error_at_all():
    config, convention = AdamConfig(), Convention()
    exact = FastTruth(
        config, convention, Arithmetic.parse("ddddd"), "float32", np.ones(3, np.float32)
    ).step(np.zeros(3))
    radii = Bound(config, convention, FORMATS["float32"], "d").after(as_step(exact), no_error(3))
    assert [radius.tolist() for radius in radii] == [[0, 0, 0]] * 4
