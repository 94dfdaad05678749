"""The bound of |g|^2: right orders of operations stay within it, and use a good part of it."""

import numpy as np
import pytest

from conformance.truth.bound import Bound, no_error
from conformance.truth.exact_step import as_step
from conformance.truth.formats import FORMATS
from conformance.truth.reference import AdamConfig, Arithmetic, Convention
from conformance.variants.fma import fma
from tests.support.bound_search import BETAS
from tests.support.extended_precision import FastTruth

NUMBERS = 700
STEPS = 6
CONVENTION = Convention(complex="modulus")


def by_quotient(a, b):
    large = np.maximum(abs(a), abs(b))
    small = np.minimum(abs(a), abs(b))
    ratio = small / np.where(large == 0, large.dtype.type(1), large)
    modulus = large * np.sqrt(1 + ratio * ratio)
    return modulus * modulus


# |a + bi|^2.
SQUARES = {
    "sum": lambda a, b: a * a + b * b,
    "fused": lambda a, b: fma(a, a, b * b),
    "root": lambda a, b: np.sqrt(a * a + b * b) ** 2,
    "hypot": lambda a, b: np.hypot(a, b) ** 2,
    "hypot by a quotient": by_quotient,
}
# v, from v before, the parts a and b, beta2, 1 - beta2 and its root.
ORDERS = {
    "products": lambda v, a, b, square, beta, w, root: beta * v + w * square(a, b),
    "lerp": lambda v, a, b, square, beta, w, root: v + w * (square(a, b) - v),
    "three terms": lambda v, a, b, square, beta, w, root: (v + w * square(a, b)) - w * v,
    "scaled first": lambda v, a, b, square, beta, w, root: beta * v + square(root * a, root * b),
    "one by one": lambda v, a, b, square, beta, w, root: (beta * v + w * a * a) + w * b * b,
}


def worst_ratios(dtype):
    """Return order and square -> the largest error of v over its bound."""
    rng = np.random.default_rng(7)
    worst = dict.fromkeys([(order, square) for order in ORDERS for square in SQUARES], 0.0)
    for beta1, beta2 in BETAS:
        config = AdamConfig(beta1=beta1, beta2=beta2)
        grads = [
            (rng.normal(size=2 * NUMBERS) * 10 ** rng.uniform(-3, 3, 2 * NUMBERS)).astype(dtype)
            for _ in range(STEPS)
        ]
        arithmetic = Arithmetic.parse("ddddd")
        truth = FastTruth(config, CONVENTION, arithmetic, dtype, np.zeros(2 * NUMBERS, dtype))
        bound = Bound(config, CONVENTION, FORMATS[dtype], "d", is_complex=True)
        radii = no_error(2 * NUMBERS)
        got = {key: np.zeros(NUMBERS, dtype) for key in worst}
        to_dtype = np.dtype(dtype).type
        numbers = [to_dtype(number) for number in (beta2, 1 - beta2, np.sqrt(1 - beta2))]
        for grad in grads:
            exact = truth.step(grad, squares_of_moduli(grad))
            radii = bound.after(as_step(exact), radii)
            for order, square in worst:
                formula = ORDERS[order]
                v = got[order, square]
                v = formula(v, grad[::2], grad[1::2], SQUARES[square], *numbers)
                got[order, square] = v
                for part in (0, 1):
                    error = abs(v - exact.after.v[part::2]).astype(float)
                    ratio = float((error / radii.v[part::2]).max())
                    worst[order, square] = max(worst[order, square], ratio)
    return worst


def squares_of_moduli(grad):
    wide = grad.astype(np.longdouble) ** 2
    return np.repeat(wide[::2] + wide[1::2], 2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_right_order_exceeds_the_bound_of_the_modulus_and_some_use_a_good_part_of_it(dtype):
    worst = worst_ratios(dtype)
    assert {key: ratio for key, ratio in worst.items() if not ratio <= 1} == {}
    # No order has all errors of a hypot by a quotient at once.
    assert max(worst.values()) >= 0.2


def test_both_parts_of_a_complex_number_have_one_bound_also_where_one_has_met_only_zeros():
    config = AdamConfig()
    truth = FastTruth(config, CONVENTION, Arithmetic.parse("ddddd"), "float32", np.zeros(2))
    grad = np.array([0.0, 0.3], np.float32)
    exact = truth.step(grad, squares_of_moduli(grad))
    radii = Bound(config, CONVENTION, FORMATS["float32"], "d", is_complex=True).after(
        as_step(exact), no_error(2)
    )
    assert radii.v[0] == radii.v[1] > 0
