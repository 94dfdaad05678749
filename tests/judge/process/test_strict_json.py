"""Strict JSON: whatever readers might understand differently is refused."""

import pytest

from conformance.process import strict_json


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "a key must stand once in an object, got 'a' twice"),
        ("NaN", "a number must be finite, got NaN"),
        ("[-Infinity]", "a number must be finite, got -Infinity"),
        ("1e999", "a number must be finite, got 1e999"),
        ("9" * 5000, "a whole number must have at most 64 bits, got 999"),
        (str(2**63), "a whole number must have at most 64 bits, got 9223372036854775808"),
        ("[" * 51 + "1" + "]" * 51, "it must be nested at most 50 deep, but is deeper"),
        ("[" * 10**5, "it must be nested at most 50 deep, but is deeper"),
        ("", "Expecting value"),
    ],
)
def test_what_has_no_one_meaning_is_refused(text, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        strict_json.parse(text)


def test_counts_must_be_written_as_counts():
    assert strict_json.parse("[3, -9223372036854775808]", counts_only=True) == [3, -(2**63)]
    for text in ("3.0", "3e0"):
        with pytest.raises(
            ValueError, match=f"^a number must be whole and without a point, got {text}"
        ):
            strict_json.parse(text, counts_only=True)


def test_all_texts_of_a_value_are_seen():
    value = strict_json.parse('{"a": ["b", {"c": "d", "e": [["f"]]}], "g": 1}')
    assert sorted(strict_json.texts_of(value)) == list("abcdefg")
