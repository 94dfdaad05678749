"""What identify tells of half precision: each library's storage, from its numbers alone."""

import pytest

from conformance import identify
from conformance.subject.subject import from_make
from conformance.truth.point import Point
from conformance.variants.half_libraries import LIBRARIES, half_subject
from conformance.variants.rounding import to_nearest
from conformance.vectors.storage import DeclaredStorage

PAPER = Point.of({}, "ddddd")
# Moments are shown, so that every field of these is told.
WIDE = [
    library
    for library in LIBRARIES
    if "operations=T" not in library.storage and library.round_weight is to_nearest
]
NATIVE = [library for library in LIBRARIES if "operations=T" in library.storage]


def undeclared(library):
    """Return a library's Adam that says which dtypes it takes, and nothing of what it keeps."""
    make = half_subject(library, library.variants[0], PAPER)
    make.storage = {}
    make.supports = set(library.dtypes)
    make.dtypes = set(library.dtypes)
    return from_make(make, library.name)


def found(library, suite):
    identity = identify(undeclared(library), only="storage.*", suite=suite)
    assert [one.dtype for one in identity.storages] == [
        dtype for dtype in ("bfloat16", "float16") if dtype in library.dtypes
    ]
    return identity


@pytest.mark.parametrize("library", WIDE, ids=lambda library: library.name)
def test_every_field_is_told_of_a_step_in_float32(library, suite):
    due = str(DeclaredStorage.parse(library.storage))
    identity = found(library, suite)
    assert [one.codes for one in identity.storages] == [(due,) for _ in library.dtypes]
    assert identity.keeps == tuple(f"{one.dtype}:{due}" for one in identity.storages)
    assert "what it keeps is told above" in identity.sentence
    for one in identity.storages:
        assert one.decided["weights"] == DeclaredStorage.parse(library.storage).weights
        assert set(one.evidence) >= {"weights"}


@pytest.mark.parametrize("library", NATIVE, ids=lambda library: library.name)
def test_operations_in_the_format_of_the_parameter_are_told(library, suite):
    due = DeclaredStorage.parse(library.storage)
    for one in found(library, suite).storages:
        assert str(due) in one.codes
        assert (one.decided["weights"], one.decided["operations"]) == (due.weights, "T")


def test_an_adam_that_keeps_something_else_is_told_its_nearest(suite):
    library = next(one for one in LIBRARIES if one.storage == "weights=master")
    right = undeclared(library)

    def make(params, *numbers):
        adam = right.make(params, *numbers)
        step = adam.step

        def turned(grads):
            calls.append(len(grads))
            return [param if len(calls) < 5 else -param for param in step(grads)]

        calls = []
        adam.step = turned
        return adam

    make.dtypes = {"bfloat16"}
    (storage,) = identify(make, only="storage.*", suite=suite).storages
    assert storage.codes == ()
    assert storage.failures
    assert storage.decided == {}


def test_without_half_precision_nothing_is_asked(suite):
    def make(params, *numbers):
        raise AssertionError("not asked")

    make.dtypes = {"float32"}
    assert identify(make, only="storage.*", suite=suite).storages == ()
