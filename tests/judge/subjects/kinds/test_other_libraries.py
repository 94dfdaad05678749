"""Classes of MLX, tinygrad and Paddle, where these are installed."""

import warnings
from shutil import which

import pytest

from conformance import check
from conformance.subject.loading import load
from conformance.subject.subject import SubjectError

# Its name -> convention and arithmetic.
EXPECTED = {
    "mlx.optimizers:Adam": ("paper,bias_correction=none", "ddddd"),
    "mlx.optimizers:Adam(bias_correction=True)": ("paper", "sddsT"),
    "tinygrad.nn.optim:Adam": ("paper", "sddsT"),
    "tinygrad.nn.optim:AdamW": ("torch-adamw", "sddsT"),
    "paddle.optimizer:Adam": ("torch", "TTTTT"),
    "paddle.optimizer:AdamW": ("torch-adamw", "TTTTT"),
}


def load_or_skip(name):
    library = name.partition(".")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries, about their own affairs
        pytest.importorskip(library)
        if library == "tinygrad" and which("clang") is None:
            pytest.skip("tinygrad needs clang")
        return load(name)


@pytest.mark.parametrize("name", EXPECTED)
def test_its_adams_conform_in_float32(name):
    report = check(load_or_skip(name), level="quick", dtype="float32")
    assert (report.conformant, report.convention.name) == (True, EXPECTED[name][0]), (
        report.diagnosis
    )
    assert report.arithmetic == EXPECTED[name][1]
    assert report.worst("float32", "v") is not None


@pytest.mark.parametrize("name", EXPECTED)
def test_it_can_be_saved_and_can_start_from_a_state(name):
    for vector in ("lifetimes.f32.resume-used", "basic.f32.loaded-state"):
        report = check(load_or_skip(name), only=vector)
        assert report.counts["passed"] == 1, report.comparisons[0].reason


@pytest.mark.parametrize(
    "name", ["mlx.optimizers:SGD", "tinygrad.nn.optim:SGD", "paddle.optimizer:SGD"]
)
def test_an_optimizer_without_betas_is_refused(name):
    with pytest.raises(SubjectError, match="it is no Adam"):
        load_or_skip(name)
