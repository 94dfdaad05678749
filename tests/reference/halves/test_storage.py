"""The text of a storage, its values, and the parameters that can be kept so."""

import numpy as np
import pytest

from adamref import Storage
from adamref.halves.storage import PLAIN, Formats

USUAL = Storage(weights="rounded", m="float32", v="float32", operations="float32")


@pytest.mark.parametrize(
    ("text", "storage"),
    [
        ("", USUAL),
        ("weights=master", Storage(weights="master")),
        ("v=T,weights=split", Storage(weights="split", v="T")),
        ("moments=T", Storage(m="T", v="T")),
        (" m=T , weights=compensated ", Storage(weights="compensated", m="T")),
        ("operations=T,moments=T", PLAIN),
    ],
)
def test_a_text_sets_any_fields_in_any_order(text, storage):
    assert Storage.parse(text) == storage


@pytest.mark.parametrize("storage", [USUAL, PLAIN, Storage(weights="split", v="T")], ids=str)
def test_a_storage_has_a_text_that_leads_back_to_it(storage):
    assert Storage.parse(str(storage)) == storage


def test_the_text_has_all_fields_in_one_order():
    text = str(Storage.parse("v=T,weights=master"))
    assert text == "weights=master,m=float32,v=T,operations=float32"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("weights=best", "weights must be one of rounded, master, split, compensated, got 'best'"),
        ("weights=stochastic", "weights must be deterministic here, got 'stochastic'; take"),
        ("m=float64", "m must be one of T, float32, got 'float64'"),
        ("moments=bfloat16", "m must be one of T, float32, got 'bfloat16'"),
        ("masters=1", "storage must set weights, m, v, operations, moments, each by =, got 'mas"),
        ("m", "storage must set weights, m, v, operations, moments, each by =, got 'm'"),
        ("m=T,moments=T", "storage must set m once, got 'm=T,moments=T'"),
        (
            "operations=T,m=T",
            "operations must be float32 unless weights=rounded,moments=T, got weights=rounded,m=T,",
        ),
        ("operations=T,moments=T,weights=master", "operations must be float32 unless"),
    ],
)
def test_a_wrong_text_is_refused(text, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Storage.parse(text)


def test_something_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match="storage must be a Storage or its text, got 3"):
        Storage.parse(3)


@pytest.mark.parametrize(
    ("text", "dtype", "message"),
    [
        ("weights=split", "float16", "storage must be for bfloat16 to be .*got float16; take wei"),
        (
            "operations=T,moments=T",
            "bfloat16",
            "storage must be for float16 to be .*got bfloat16; take operations=float32",
        ),
    ],
)
def test_a_half_that_cannot_be_kept_so_is_named(text, dtype, message):
    with pytest.raises(ValueError, match=message):
        Storage.parse(text).for_dtype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", ["weights=master", "weights=split,moments=T", ""])
def test_other_parameters_are_kept_as_they_are(text, dtype):
    storage = Storage.parse(text).for_dtype(dtype)
    assert storage.formats(dtype) == Formats(dtype, dtype, dtype, None)


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("", ("float32", "float32", "float32", None)),
        ("weights=master,m=T", ("float32", "bfloat16", "float32", "float32")),
        ("weights=split,v=T", ("float32", "float32", "bfloat16", "uint16")),
        ("weights=compensated,moments=T", ("float32", "bfloat16", "bfloat16", "bfloat16")),
    ],
)
def test_the_formats_of_a_storage(text, formats):
    assert Storage.parse(text).formats("bfloat16") == formats


def test_every_value_is_hashable_and_cannot_be_changed():
    storage = Storage(weights="master")
    assert {storage: 1}[Storage.parse("weights=master")] == 1
    with pytest.raises(AttributeError):
        storage.weights = np.str_("rounded")
