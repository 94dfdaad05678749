"""Statements computed in floats, in exact arithmetic, and with a nudge."""

from decimal import Decimal

import numpy as np
import pytest

from conformance.teach.explain.tape import Statement, compute, compute_exactly
from conformance.teach.explain.term import UNIT, cut_to, largest, name, root, rounded_to, total

A, B = name("a"), name("b")


def line(term, key="x", dtype="float32"):
    return Statement(tag="", key=key, letters=key, term=term, dtype=dtype)


def test_each_operation_is_rounded_once_and_its_error_is_kept():
    a, b = np.float32(0.1), np.float32(3)
    tape = compute([line(A * B + A)], {"a": a, "b": b})
    assert tape.results == [a * b + a]
    product, sum_ = tape.operations
    exact = Decimal(float(a)) * 3
    assert product.error == Decimal(float(a * b)) - exact
    assert sum_.error == Decimal(float(a * b + a)) - Decimal(float(a * b)) - Decimal(float(a))


def test_exact_results_have_no_rounding_and_a_nudge_moves_them():
    given = {"a": Decimal(2), "b": Decimal(3)}
    lines = [line(A / B), line(name("x") * B, key="y")]
    x, y = compute_exactly(lines, given)
    assert abs(x * 3 - 2) < Decimal("1e-50")
    assert abs(y - 2) < Decimal("1e-50")
    _, nudged = compute_exactly(lines, given, {0: Decimal("0.5")})
    assert abs(nudged - Decimal("3.5")) < Decimal("1e-50")


@pytest.mark.parametrize(
    ("term", "want"),
    [
        (UNIT - A, np.float32(-8)),
        (root(A), np.float32(3)),
        (largest(A, B), np.float32(9)),
        (-A, np.float32(-9)),
        (total(A, B, B), np.float32(9) + np.float32(0.1) + np.float32(0.1)),
        (rounded_to(B, "float16"), np.float16(np.float32(0.1))),
        (A**B, np.float32(9.0 ** int(np.float32(0.1)))),
    ],
)
def test_operations_are_those_of_numpy(term, want):
    tape = compute([line(term)], {"a": np.float32(9), "b": np.float32(0.1)})
    assert tape.results[0] == want
    assert tape.results[0].dtype == want.dtype


def test_a_cut_keeps_the_upper_half_of_a_float32():
    # 1 + 2^-8 + 2^-9 lies between two numbers of bfloat16, nearer to the upper one.
    number = np.float32(1 + 2**-8 + 2**-9)
    values = [
        compute([line(term)], {"a": number}).results[0]
        for term in (cut_to(A, "bfloat16"), rounded_to(A, "bfloat16"))
    ]
    assert [float(value) for value in values] == [1.0, 1 + 2**-7]


def test_infinities_and_nans_are_numbers_like_others():
    given = {"a": np.float32(np.inf), "b": np.float32(np.inf)}
    tape = compute([line(A - B)], given)
    assert np.isnan(tape.results[0])
    exact = compute_exactly([line(A - B)], {"a": Decimal("Infinity"), "b": Decimal("Infinity")})
    assert exact[0].is_nan()


def test_a_name_may_be_the_formula_already():
    assert line(UNIT - A, key="1 - a").is_named_so
    assert not line(UNIT - A).is_named_so
