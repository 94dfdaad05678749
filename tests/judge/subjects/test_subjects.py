"""The real libraries: each gets the verdict that the oracle supports."""

import json
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

from conformance import check
from conformance.subject.loading import installed_subjects, load
from conformance.subject.shipped import SHIPPED
from conformance.subject.subject import SubjectError
from conformance.trial.outcomes import Status
from conformance.vectors import files
from conformance.vectors.storage import HALVES
from conformance.vectors.switches import REFUSALS

# Measured: convention and arithmetic as documented, nothing failed, and what it cannot do.
EXPECTED = {
    "adamref": ("ddddd", set()),
    "adamref-cpu": ("ddddd", set()),
    "adamref-paper-hat": ("ddddd", set()),
    "adamref-tf1": ("sssss", set()),
    "adamref-tfkeras": ("sdssT", set()),
    "adamref-tfa-lazy": ("sdssT", set()),
    "adamref-tfkeras-2.11": ("sddsT", set()),
    "adamref-keras3": ("sddsT", set()),
    "adamref-torch": ("ddddd", {"a decay below 0"}),
    "adamref-torch-capturable": ("dddss", {"a decay below 0"}),
    "adamref-torch-adamw": ("ddddd", {"a decay below 0"}),
    "adamref-torch-sparse": ("ddddd", set()),
    "adamref-optax": ("ddddd", {"none"}),
    "adamref-optax-adamw": ("ddddd", {"none"}),
    "adamref-jax": ("dddTT", {"none"}),
    "adamref-sklearn": ("ddddd", {"none"}),
    "torch": ("ddddd", {"a decay below 0"}),
    "torch-foreach": ("ddddd", {"a decay below 0"}),
    "torch-fused": ("ddddd", {"a decay below 0"}),
    "torch-differentiable": ("dddss", {"float64", "a decay below 0"}),
    "torch-adamw": ("ddddd", {"a decay below 0"}),
    "torch-adamw-foreach": ("ddddd", {"a decay below 0"}),
    "torch-adamw-fused": ("ddddd", {"a decay below 0"}),
    "torch-sparse": ("ddddd", {"float16", "dense"}),
    "tf1": ("sssss", {"other numbers"}),
    "tfkeras": ("sdssT", set()),
    "tfkeras-2.11": ("sddsT", set()),
    "keras3": ("sddsT", set()),
    "keras3-torch": ("sddTT", {"sparse"}),
    "keras3-jax": ("sddsT", {"float64", "sparse"}),
    "optax": ("dddTT", {"float64", "schedule", "none", "other numbers"}),
    "optax-x64": ("ddddd", {"schedule", "none", "other numbers"}),
    "optax-adamw": ("dddTT", {"float64", "schedule", "none", "other numbers"}),
    "optax-adamw-x64": ("ddddd", {"schedule", "none", "other numbers"}),
    "jax": ("dddTT", {"float64", "schedule", "none", "other numbers"}),
    "jax-x64": ("dddTT", {"schedule", "none", "other numbers"}),
    "sklearn": ("ddddd", {"none", *HALVES}),
    "autograd": (
        "ddddd",
        {"float32", *HALVES, "schedule", "none", "sparse", "load", "save", "amsgrad"},
    ),
}


# The bad inputs that a library refuses with nothing changed, by the first word of its subjects.
REFUSED = {
    "adamref": set(REFUSALS),
    "torch": {"shape", "dtype"},
    "torch-sparse": {"shape", "dtype", "index"},
    "optax": {"count"},
    "jax": {"count"},
}


# The fused Adams of torch, and Keras 3, divide by the scale itself.
RECIPROCALS = ("torch", "torch-foreach", "torch-adamw", "torch-adamw-foreach")


def lacking(name):
    refused = REFUSED.get(name, REFUSED.get(name.partition("-")[0], set()))
    # torch warns of memory that it may not write to.
    read_only = {"readonly"} if name.startswith(("torch", "autograd")) else set()
    unrefused = {f"refuse_{word}" for word in set(REFUSALS) - refused}
    # None takes gradients of another dtype.
    narrow = set()
    if name in RECIPROCALS or name.startswith("tfkeras"):
        narrow = {"scale in float64"}
    return EXPECTED[name][1] | read_only | unrefused | narrow | {"grad_dtype"}


def needs(vector):
    """What a subject must be able to do for a vector, dense gradients among it."""
    grads = [grad for call in vector.calls for grad in call.grads]
    features = set(vector.features)
    if vector.numbers.get("weight_decay", 0) < 0:
        features.add("a decay below 0")
    if any(isinstance(grad, np.ndarray) for grad in grads):
        features.add("dense")
    scales = [call.scale for call in vector.calls if call.scale is not None]
    if vector.dtype == "float64" and any(np.frexp(scale)[0] != 0.5 for scale in scales):
        features.add("scale in float64")
    if vector.relation is not None and "numbers" in vector.relation.other:
        features.add("other numbers")
    if vector.relation is not None and vector.relation.kind == "mixed":
        features.add("float64")
    return features


# Only these wait for the gradients of several calls.
for _name, (_, _lacking) in EXPECTED.items():
    if not _name.startswith(("keras3", "optax")):
        _lacking.add("gradient_accumulation_steps")
    # And only these have groups of parameters.
    if not _name.startswith(("adamref", "torch")) or _name == "torch-sparse":
        _lacking |= {"groups", "add_group"}
    # And only these unscale gradients.
    if not _name.startswith(("adamref", "torch", "tfkeras", "keras3")) or _name == "keras3-jax":
        _lacking.add("loss_scale")
    # And only these take complex parameters.
    if not _name.startswith(("torch", "optax")) or "fused" in _name or "mu" in _name:
        _lacking.add("complex")


# Topic -> the names of its vectors in which a sparse gradient names a row twice.
_BY_DUPLICATES = {
    "sparse-duplicates": ("pair", "cancel", "many", "clipvalue", "clipnorm", "decimal"),
    "sparse-amsgrad": ("duplicates",),
    "found": ("duplicates-sum-then-square-or-sum-of-squares", "clip-norm-by-value"),
}
# Names in topic loss-scale in which a step follows that was skipped, and was counted.
_AFTER_A_SKIPPED_STEP = (
    *("skip-first", "skip-middle", "skip-negative", "skip-twice", "skip-alternate"),
    *("scale-of-one", "clipvalue", "clipnorm", "global-norm", "amsgrad", "missing"),
    *("sparse", "sparse-only", "schedule", "resume", "beside"),
)
_WITH_DECAY = ("decay", "together")


def _scaled(names):
    """Return the ids of vectors with a loss scale."""
    both = [f"loss-scale.{dtype}.{name}" for name in names for dtype in ("f32", "f64")]
    return [one for one in both if one not in _NOT_IN_FLOAT64]


_NOT_IN_FLOAT64 = ("loss-scale.f64.decay", "loss-scale.f64.sparse-only")
_AFTER_2_TO_31_STEPS = ["together.f32.keras-14", "together.f32.keras-17"]
# What a known defect of the library fails, by a waiver that ships.
WAIVED = {
    "keras3": [
        *("together.f64.keras-04", "together.f32.keras-29"),
        *(
            f"{topic}.{dtype}.{name}"
            for topic, names in _BY_DUPLICATES.items()
            for name in names
            for dtype in ("f32", "f64")
        ),
    ],
    "torch-fused": ["forms.f32.strided", "forms.f64.strided"],
    "torch-adamw-fused": ["forms.f32.strided", "forms.f64.strided"],
    "torch-differentiable": ["extremes.f32.rate-zero", "together.f32.paper-92"],
    "keras3-torch": [
        *("weight-decay.f64.decimal", "clip.f64.global-norm", "clip.f64.missing"),
        *(*_AFTER_2_TO_31_STEPS, "together.f64.keras-46"),
        *("found.f64.clip-norm-mean", "found.f64.clip-global-for-each"),
        *(f"loss-scale.f64.{name}" for name in ("clipnorm", "global-norm", "three-norm")),
    ],
    "tfkeras": _scaled(_AFTER_A_SKIPPED_STEP),
    "tfkeras-2.11": _scaled((*_AFTER_A_SKIPPED_STEP, *_WITH_DECAY)),
    "keras3-jax": _AFTER_2_TO_31_STEPS,
}
ON_A_DEVICE = "adamref-cuda"
# Nothing of these is asked in float32 and float64.
IN_HALVES = [name for name, one in SHIPPED.items() if "half precision" in one.what]
ALONE = [name for name, one in SHIPPED.items() if one.alone and name != ON_A_DEVICE]
TOGETHER = [name for name, one in SHIPPED.items() if not one.alone and name not in IN_HALVES]


@pytest.fixture(name="report", scope="module", params=TOGETHER)
def report_fixture(request, suite):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries, about their own affairs
        return check(load(request.param), suite=suite)


def test_the_library_conforms_and_its_arithmetic_is_named(report):
    waived = WAIVED.get(report.subject.name, [])
    verdict = "conformant (waived)" if waived else "conformant"
    assert (report.verdict, report.arithmetic) == (verdict, EXPECTED[report.subject.name][0]), (
        report.diagnosis
    )
    assert (sorted(one.vector.id for one in report.waived), report.stale) == (sorted(waived), ())


def test_only_what_the_library_lacks_is_not_supported(report):
    assert all(needs(one.vector) & lacking(report.subject.name) for one in report.unsupported)
    assert report.of_status("passed")


def test_the_ratios_are_those_of_a_library_that_rounds_and_nothing_more(report):
    # Measured with other inputs on the same versions: p .7 to .9, m .3 to .55, v .3 to .6.
    ratios = {
        (dtype, of): report.worst(dtype, of)
        for dtype in ("float32", "float64")
        for of in ("params", "m", "v")
    }
    shown = {key: ratio for key, ratio in ratios.items() if ratio is not None}
    assert all(0.2 < ratio < 1 for ratio in shown.values()), ratios
    assert (
        len(shown) == (6 if "float64" not in lacking(report.subject.name) else 3)
        or report.subject.name == "autograd"
    )


def test_every_library_of_the_published_results_is_installed():
    assert set(installed_subjects()) == set(SHIPPED) - {*ALONE, ON_A_DEVICE}
    assert set(SHIPPED) == {*EXPECTED, *IN_HALVES, ON_A_DEVICE}


@pytest.mark.parametrize("name", IN_HALVES)
def test_a_subject_of_half_precision_conforms_in_it(name, suite):
    report = check(name, suite=suite)
    assert report.verdict == "conformant", report.diagnosis
    assert {one.vector.dtype for one in report.of_status("passed")} <= set(HALVES)
    assert sum(one.vector.is_about_storage for one in report.of_status("passed")) >= 4


# JAX compiles each vector, and Keras is the same on each backend: here those with most features.
# The survey has the result of all vectors.
SOME = {"keras3-jax": "together.f32.keras-*"}


@pytest.mark.parametrize("name", ALONE)
def test_a_library_that_needs_its_own_process_conforms_there(name):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "check", name, "--json", "-"),
            *("--only", SOME.get(name, "*")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["arithmetic"] == EXPECTED[name][0]
    waived = [line["id"] for line in lines if line.get("status") == Status.WAIVED]
    assert waived == WAIVED.get(name, [])
    features = {vector.id: needs(vector) for vector in files.load().vectors}
    unsupported = [line["id"] for line in lines if line.get("status") == Status.UNSUPPORTED]
    assert all(features[vector] & lacking(name) for vector in unsupported)


# The simulator takes ten minutes for large arrays; its own tests have many blocks.
IN_THE_SIMULATOR = f"""
from dataclasses import replace
from conformance import check
from conformance.vectors.files import load

suite = load()
small = [
    vector for vector in suite.vectors if sum(param.size for param in vector.params) < 1000
]
report = check({ON_A_DEVICE!r}, suite=replace(suite, vectors=small))
print(report.verdict, len(report.of_status("passed")))
"""


def test_the_cuda_backend_conforms_in_the_simulator():
    command = [sys.executable, "-c", IN_THE_SIMULATOR]
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    verdict, passed = done.stdout.split()
    assert (done.returncode, verdict) == (0, "conformant"), done.stdout + done.stderr
    assert int(passed) > 200


def test_a_second_backend_of_keras_3_is_refused_with_the_way_out(tmp_path):
    command = [
        sys.executable,
        "-m",
        "conformance",
        "check",
        "keras3-torch",
        "keras3-jax",
        "--only",
        "basic.f32.mixed",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert (
        "Keras 3 must have one backend in a process, got jax after torch; check it alone"
        in done.stderr
    )


def test_a_library_that_is_missing_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr("conformance.subject.loading.version_of", lambda distribution: "")
    with pytest.raises(SubjectError, match="subject torch needs torch: pip install torch"):
        load("torch")
