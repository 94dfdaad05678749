"""The real libraries: each gets the verdict that the oracle supports."""

import warnings

import pytest

from conformance import check
from conformance.subject import SubjectError, installed, load
from conformance.subjects import SHIPPED

# What each library was measured to be: convention and arithmetic as documented, nothing failed, and what it cannot do.
EXPECTED = {
    "adamref": ("ddddd", set()),
    "adamref-paper-hat": ("ddddd", set()),
    "adamref-tf1": ("sssss", set()),
    "adamref-tfkeras": ("sdssT", set()),
    "adamref-tfkeras-2.11": ("sddsT", set()),
    "adamref-keras3": ("sddsT", set()),
    "adamref-torch": ("ddddd", set()),
    "adamref-torch-adamw": ("ddddd", set()),
    "adamref-optax": ("ddddd", set()),
    "adamref-optax-adamw": ("ddddd", set()),
    "adamref-jax": ("dddTT", set()),
    "adamref-sklearn": ("ddddd", set()),
    "torch": ("ddddd", set()),
    "torch-foreach": ("ddddd", set()),
    "torch-fused": ("ddddd", set()),
    "torch-adamw": ("ddddd", set()),
    "torch-adamw-foreach": ("ddddd", set()),
    "torch-adamw-fused": ("ddddd", set()),
    "tf1": ("sssss", set()),
    "tfkeras": ("sdssT", set()),
    "tfkeras-2.11": ("sddsT", set()),
    "keras3": ("sddsT", set()),
    "optax": ("dddTT", {"float64", "schedule"}),
    "optax-x64": ("ddddd", {"schedule"}),
    "optax-adamw": ("dddTT", {"float64", "schedule"}),
    "optax-adamw-x64": ("ddddd", {"schedule"}),
    "jax": ("dddTT", {"float64", "schedule"}),
    "jax-x64": ("dddTT", {"schedule"}),
    "sklearn": ("ddddd", set()),
    "autograd": ("ddddd", {"float32", "schedule", "none", "load", "amsgrad"}),
}


def lacking(report):
    return EXPECTED[report.subject.name][1]


@pytest.fixture(scope="module", params=SHIPPED)
def report(request, suite):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries, about their own affairs
        return check(load(request.param), suite=suite)


def test_the_library_conforms_and_its_arithmetic_is_named(report):
    assert (report.verdict, report.arithmetic) == ("conformant", EXPECTED[report.subject.name][0]), report.diagnosis


def test_only_what_the_library_lacks_is_not_supported(report):
    assert all(one.vector.features & lacking(report) for one in report.unsupported)
    assert report.of_status("passed")


def test_the_ratios_are_those_of_a_library_that_rounds_and_nothing_more(report):
    # Measured with other inputs on the same versions: p .7 to .9, m .3 to .55, v .3 to .6.
    ratios = {(dtype, of): report.worst(dtype, of) for dtype in ("float32", "float64") for of in ("params", "m", "v")}
    shown = {key: ratio for key, ratio in ratios.items() if ratio is not None}
    assert all(0.2 < ratio < 1 for ratio in shown.values()), ratios
    assert len(shown) == (6 if "float64" not in lacking(report) else 3) or report.subject.name == "autograd"


def test_every_library_of_the_published_results_is_installed():
    assert set(installed()) == set(SHIPPED) == set(EXPECTED)


def test_a_library_that_is_missing_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr("conformance.subject.version_of", lambda distribution: "")
    with pytest.raises(SubjectError, match="subject torch needs torch: pip install torch"):
        load("torch")
