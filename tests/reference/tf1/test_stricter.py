"""Calls that TensorFlow accepts, or that end its process, and AdamOptimizer refuses."""

import warnings

import numpy as np
import pytest

from tests.reference.tf1.both_classes import (
    ONES,
    OUR_API,
    apply_case,
    compute_case,
    slices_case,
    step_case,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")


# What TensorFlow accepts eagerly, ends the process with, or accepts though its page says otherwise.
STRICTER = {
    "gate": (
        compute_case(gate_gradients=3),
        "gate_gradients must be GATE_NONE, GATE_OP or GATE_GRAPH, got 3",
    ),
    "wide gradient": (
        apply_case((np.float64(1.0), 1.0)),
        "the gradient of Variable must have the dtype float32, got float64",
    ),
    "narrow gradient": (
        apply_case((np.float32(1.0), np.float64(1.0))),
        "must have the dtype float64, got float32",
    ),
    "dense shape": (
        apply_case((lambda api: api.slices(ONES, np.array([0, 1]), (5, 2)), ONES)),
        r"dense_shape must be the shape of param \(2, 2\), got \(5, 2\)",
    ),
    "wide slices": (
        slices_case(np.ones((2, 3), np.float32), [0, 1]),
        r"values must have shape \(2, 2\), .*, got \(2, 3\)",
    ),
    "negative rate": (
        step_case(learning_rate=-0.5),
        "learning_rate must be finite and >= 0, got -0.5",
    ),
    "no rate": (
        step_case(learning_rate=float("nan")),
        "learning_rate must be finite and >= 0, got nan",
    ),
    "beta of one": (step_case(beta1=1.0), r"beta1 must be in \[0, 1\), got 1.0"),
    "negative epsilon": (step_case(epsilon=-1.0), "epsilon must be finite and >= 0, got -1.0"),
    "complex number": (
        step_case(beta2=1j),
        "beta2 must be one number, or a function that returns one, got 1j",
    ),
}


@pytest.mark.parametrize(("case", "message"), STRICTER.values(), ids=STRICTER)
def test_what_would_be_wrong_numbers_or_the_end_of_the_process_is_an_error_here(case, message):
    with pytest.raises(ValueError, match=message):
        case(OUR_API)
