"""Formulas in letters and in numbers."""

from conformance.teach.explain.term import (
    UNIT,
    in_letters,
    in_numbers,
    largest,
    name,
    root,
    rounded_to,
    square,
    total,
)

REST = name("rest1", "(1 - beta1)")
M, G, LR = (name(letter) for letter in ("m", "g", "lr"))


def test_a_product_has_no_sign_in_letters_and_one_in_numbers():
    term = name("beta1") * M + REST * G
    assert in_letters(term) == "beta1 m + (1 - beta1) g"
    shown = {"beta1": "0.5", "m": "0.0", "rest1": "0.5", "g": "-3.0"}
    assert in_numbers(term, shown) == "0.5 * 0.0 + 0.5 * (-3.0)"


def test_parentheses_stand_where_an_operation_would_bind_otherwise():
    assert in_letters(LR * M / (root(name("v")) + name("eps"))) == "lr m / (sqrt(v) + eps)"
    assert in_letters(G - (M - LR)) == "g - (m - lr)"
    assert in_letters((G - M) - LR) == "g - m - lr"
    assert in_letters(LR * (G - M)) == "lr (g - m)"
    assert in_letters(LR / (M * G)) == "lr / (m g)"
    assert in_letters(-G) == "-g"
    assert in_numbers(-G, {"g": "-3.0"}) == "-(-3.0)"
    assert in_numbers(square(G), {"g": "-3.0"}) == "(-3.0)^2"
    assert in_letters(UNIT - name("beta1") ** name("t")) == "1 - beta1^t"
    assert in_letters(total(G, M)) == "g + m"


def test_a_function_has_no_parentheses_of_its_own_and_a_rounding_does_not_show():
    assert in_letters(root(name("bias2", "(1 - beta2^t)"))) == "sqrt(1 - beta2^t)"
    assert in_letters(largest(G, M)) == "max(g, m)"
    assert in_letters(rounded_to(UNIT - G, "float32")) == "1 - g"


def test_the_names_in_a_term_are_known():
    assert (REST * G + M).names() == {"rest1", "g", "m"}
