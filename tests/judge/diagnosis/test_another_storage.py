"""An Adam that keeps something else of half precision than it says is told what it keeps."""

import pytest

from conformance import check
from conformance.diagnosis.explanation import Kind
from conformance.truth.point import Point
from conformance.variants.half_libraries import LIBRARIES, half_subject
from conformance.vectors.storage import DeclaredStorage

PAPER = Point.of({}, "ddddd")


def declaring(text, kept):
    """Return an Adam that keeps one thing in bfloat16 and declares another."""
    library = next(one for one in LIBRARIES if one.storage == kept)
    make = half_subject(library, library.variants[0], PAPER)
    make.storage = {"bfloat16": text}
    make.dtypes = {"bfloat16"}
    return make


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("weights=master", "weights=split"),
        ("weights=rounded", "weights=master"),
        ("weights=compensated", "weights=rounded,moments=T"),
        ("weights=split,moments=T", "weights=master"),
    ],
)
def test_another_storage_is_named_as_an_option(text, kept, suite):
    report = check(declaring(text, kept), suite=suite)
    assert report.verdict == "nonconformant"
    assert report.explanation.kind is Kind.STORAGE, report.diagnosis
    assert f"`--storage bfloat16:{DeclaredStorage.parse(kept)}` explains what" in report.diagnosis
    # What is offered is right.
    again = check(
        declaring(text, kept), storage={"bfloat16": str(DeclaredStorage.parse(kept))}, suite=suite
    )
    assert again.verdict == "conformant", again.diagnosis


def test_a_declaration_of_something_unknown_is_refused_with_the_words_that_are_known():
    with pytest.raises(Exception, match="must set some of weights, m, v, operations, moments"):
        check(declaring("weight=master", "weights=master"))


def test_a_dtype_without_a_declaration_is_told_how_to_declare_it(suite):
    make = declaring("weights=master", "weights=master")
    make.storage = {}
    report = check(make, suite=suite)
    assert report.verdict == "untested"
    assert "bfloat16: declare what it keeps between steps with make.storage" in report.remark
