"""The judge on subjects whose verdict is known."""

import doctest
import math
import re

import numpy as np
import pytest

import conformance.judge.check
from adamref import Adam, AdamConfig, Arithmetic
from conformance import Unsupported, check
from conformance.defects import DEFECTS
from conformance.defects.kit.by_convention import build_named
from conformance.judge.selection import UsageError
from conformance.report.screens.failures import failures
from conformance.subject.subject import SubjectError
from conformance.trial.compare import compare
from conformance.trial.events import Snapshot
from conformance.trial.outcomes import Cause, RunStatus
from conformance.trial.run import Run
from conformance.vectors.storage import HALVES
from conformance.vectors.switches import (
    BY_NAME_ONLY,
    DECLARED_FORMS,
    LOSS_SCALE,
    MIXED,
    REFUSALS,
)
from tests.support.subjects import FOUR, right


def counted(diagnosis):
    """``diagnosis`` with N for every number of vectors, which grows with the suite."""
    return re.sub(r"\b\d+( to \d+)?(?= (of|vectors|failures|cannot))|(?<=of )\d+", "N", diagnosis)


def subject(
    convention="paper",
    code=None,
    supports=("none", "sparse", "float16", "readonly", "indices_int32", "mixed_dtypes"),
):
    def make(params, *numbers, **switches):
        config = AdamConfig(**dict(zip(FOUR, numbers, strict=True)), **switches)
        try:
            return Adam(params, config, convention, code and Arithmetic.parse(code))
        except ValueError as error:
            raise Unsupported(str(error)) from None

    make.supports = set(supports)
    make.refuses = set(REFUSALS)
    return make


def test_the_example_in_the_docstring_is_right():
    assert doctest.testmod(conformance.judge.check).failed == 0


def test_a_right_subject_is_conformant_and_its_arithmetic_is_named():
    report = check(subject(), "paper")
    assert (report.verdict, report.conformant, report.arithmetic) == ("conformant", True, "ddddd")
    assert 0.2 < report.worst_ratio < 1
    assert report.failures == []
    # Its signature names no switch, and these are asked only of a signature that does.
    lacking = {*BY_NAME_ONLY, "grad_dtype", LOSS_SCALE, *HALVES}
    assert all(lacking & one.vector.features for one in report.unsupported)


@pytest.mark.parametrize("code", ["sssss", "sdssT", "sddsT", "sddTT", "dddTT", "ssssd", "sssdd"])
def test_scalars_in_another_format_are_named_with_their_cost(code):
    report = check(subject("paper-hat", code), "paper-hat")
    assert report.verdict == "nonconformant (arithmetic)"
    assert report.diagnosis.startswith(
        "the algorithm is right; of the known arithmetics its numbers fit "
    )
    assert f"{report.arithmetic} (" in report.diagnosis
    assert report.diagnosis.endswith(") units in the last place")
    # In float32 T is s, and with powers of 2^-24 some formats of the learning rate cannot be told
    # apart.
    assert (
        Arithmetic.parse(report.arithmetic).for_dtype("float64").code[2:]
        == Arithmetic.parse(code).for_dtype("float64").code[2:]
    )


def test_another_convention_is_named():
    report = check(subject("tf1"), "paper")
    assert report.verdict == "nonconformant"
    assert (
        counted(report.diagnosis)
        # A vector with a call that tf1 refuses fails, and has no answer for tf1 as a whole.
        == "it adds epsilon to the root of v before the correction (epsilon-hat), where paper adds "
        "epsilon to the root of the corrected v; it refuses a call without any gradient, where "
        "paper counts a call without any gradient; these are the numbers of convention tf1: "
        "all N vectors with an answer for it pass; this explains N of the N failures, "
        "the other N cannot tell"
    )
    assert "tf1" in repr(check(subject("tf1"), "tf1"))


@pytest.mark.parametrize(
    ("pieces", "diagnosis"),
    [
        (
            {"bias1": lambda adam, step, beta: 1.0, "bias2": lambda adam, step, beta: 1.0},
            "its mistake is bias-none: no bias correction (B01, nerfstudio-project/gsplat#604, ",
        ),
        (
            {
                "update": lambda adam, step, m_hat, v_hat: (
                    step.learning_rate * m_hat / np.sqrt(v_hat + adam.epsilon)
                )
            },
            # Vectors that have no answer for the axis know the mistake.
            "its mistake is eps-in-sqrt: epsilon under the root (C02, FluxML/Flux.jl#448), "
            "which has the numbers of paper with epsilon = inside",
        ),
        (
            {"step_number": lambda adam, step: adam.state.gradients[step.parameter]},
            "its mistake is t-own-gradients: ",
        ),
        (
            {"second_moment": lambda adam, step, v, g: adam.beta2 * v + g * g},
            "its mistake is v-missing-1-b2: v = beta2 v + g^2 (B30, fastai/fastbook#342)",
        ),
    ],
)
def test_a_mistake_that_is_a_value_of_an_axis_is_named(pieces, diagnosis):
    make = build_named("Wrong", "paper", **pieces)
    make.supports = frozenset({"none"})
    assert counted(check(make, "paper").diagnosis).startswith(diagnosis)


def test_what_an_axis_does_not_explain_is_counted(suite):
    # A lazy Adam also fails next to dense parameters, under AMSGrad and under clipping, where few
    # vectors have an answer for it.
    lazy = next(defect for defect in DEFECTS if defect.name == "lazy-adam")
    assert re.fullmatch(
        "it moves only the rows of a sparse gradient, with the t of the optimizer, where tfkeras "
        "moves all rows by a sparse gradient; "
        "these are the numbers of tfkeras with sparse = lazy_global_t: all [0-9]+ vectors with an "
        "answer for it pass; this explains [0-9]+ of the [0-9]+ failures, "
        r"the other [0-9]+ cannot tell; known as lazy-adam \(tensorflow/tensorflow#23668\)",
        check(lazy.make, suite=suite).diagnosis,
    )


def test_the_rows_of_sparse_gradients_are_shown(suite):
    lazy = next(defect for defect in DEFECTS if defect.name == "duplicates-last-wins")
    report = check(lazy.make, only="sparse-duplicates.f32.pair", suite=suite)
    assert "  gradients  -0.5 & -0.25 of rows [0, 0, 2]\n" in "".join(failures(report, 1))


def test_conventions_that_cannot_be_told_apart_are_all_named():
    # Without None gradients, weight decay and ascent they are the same. An arithmetic that rounds
    # less fits a wider bound too.
    make = subject("paper", supports=())
    assert counted(check(make, "tf1").diagnosis) == (
        # What was not asked, as calls without a gradient, is no difference.
        "it adds epsilon to the root of the corrected v, where tf1 adds epsilon to the root of v "
        "before the correction (epsilon-hat); these are the numbers of convention paper or "
        "convention torch or convention torch-capturable or convention torch-adamw or "
        "convention optax-adamw or convention jax: "
        "all N vectors with an answer for it pass"
    )


def test_only_what_has_no_number_never_came_to_numbers():
    raising = check(subject("paper-hat", "sssss"), "tf1")
    assert counted(raising.diagnosis).startswith(
        "it counts a call without any gradient, where tf1 refuses a call without any gradient; "
        "these are the numbers of tf1 with all_none = count: all N "
    )
    required = check(subject(supports=()), require=["none"])
    assert required.diagnosis.startswith(
        "what it was asked is right; none is required; None gradients: "
    )


def test_what_is_required_must_be_asked():
    for arguments in (
        {"only": "basic.*", "require": ["none"]},
        {"dtype": "float32", "require": ["float64"]},
    ):
        with pytest.raises(
            UsageError,
            match="require must name what paper has vectors for here, got '(none|float64)'",
        ):
            check(subject(), **arguments)


def test_a_name_is_as_good_as_a_function():
    assert check("adamref").conformant


def test_a_declared_convention_that_does_not_exist_is_the_subject_s_mistake():
    make = subject()
    make.convention = "torhc"
    with pytest.raises(
        SubjectError, match="make declares a convention: convention must be one of .*, got 'torhc'"
    ):
        check(make)


def test_the_declared_convention_is_used_and_can_be_overruled():
    make = subject("torch")
    make.convention = "torch"
    assert check(make).convention.name == "torch"
    assert check(make, "paper").verdict == "nonconformant"


def test_without_decimal_vectors_no_arithmetic_is_claimed():
    assert check(subject(), only="epsilon.*.dominates").arithmetic == "any"


def test_what_is_not_supported_is_counted_and_can_be_required():
    make = subject(supports=())
    report = check(make)
    assert report.verdict == "conformant"
    lacking = {"none", "sparse", *HALVES, *DECLARED_FORMS, MIXED, LOSS_SCALE, *BY_NAME_ONLY}
    assert all(lacking & one.vector.features for one in report.unsupported)
    required = check(make, require=["none"])
    assert required.verdict == "nonconformant"
    assert all(one.reason.startswith("none is required; ") for one in required.failures)


def test_a_subject_that_supports_nothing_is_untested():
    def make(params, *numbers):
        raise Unsupported("not today")

    report = check(make)
    assert (report.verdict, report.diagnosis, report.conformant) == (
        "untested",
        "no vector was run: not today",
        False,
    )


def test_fail_fast_stops_at_the_first_failure():
    report = check(lambda params, *numbers: lambda grads: params, fail_fast=True)
    assert [one.status for one in report.comparisons] == ["failed"]


def test_an_arithmetic_that_is_not_accepted_does_not_stop_a_run_that_fails_fast():
    assert (
        check(subject("paper-hat", "sssss"), "paper-hat", fail_fast=True).verdict
        == "nonconformant (arithmetic)"
    )


def test_nan_everywhere_is_said():
    report = check(lambda params, *numbers: lambda grads: [p * np.nan for p in params])
    said = "what it returns is not a number (NaN) in every vector that failed"
    assert report.diagnosis.startswith(f"{said}; its mistake is t-zero-start: ")
    assert report.worst_ratio == math.inf


def test_a_failure_names_the_equation_and_the_place():
    def make(params, *numbers, **switches):
        adam = right(params, *numbers, **switches)

        class Shifted:
            def step(self, grads):
                return [p + 2.0**-12 * (i == 1) for i, p in enumerate(adam.step(grads))]

            slots = staticmethod(adam.slots)

        return Shifted()

    report = check(make, only="basic.f32.mixed")
    found = report.failures[0].discrepancy
    assert (found.quantity, found.step, found.param) == ("params", 1, 1)
    assert found.ulps > found.ratio > 1000
    assert report.failures[0].worst["m"] <= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"convention": "torhc"}, "convention must be one of paper, .*, got 'torhc'"),
        ({"level": "hard"}, "level must be one of quick, core, full, got 'hard'"),
        ({"require": ["speed"]}, "require must be one of hygiene, none, .*, got 'speed'"),
    ],
)
def test_an_option_without_such_a_value_is_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        check(subject(), **arguments)


def test_the_interval_includes_its_ends_and_nothing_beyond(suite):
    vector = next(one for one in suite.vectors if one.id == "basic.f32.from-zero")
    answers = [a for a in vector.answers if a.quantity == "params" and a.when["epsilon"] == ["hat"]]
    answer = answers[0]

    def status(grid):
        snapshots = {step: Snapshot(row, {}) for step, row in zip(vector.after, grid, strict=True)}
        return compare(Run(vector, RunStatus.RAN, Cause(), snapshots, {}), answers).status

    down, up = np.float32(-np.inf), np.float32(np.inf)
    lows = [[interval.lo for interval in row] for row in answer.intervals]
    highs = [[interval.hi for interval in row] for row in answer.intervals]
    assert status(lows) == status(highs) == "passed"
    for grid, towards in ((lows, down), (highs, up)):
        for at in range(len(vector.params)):
            beyond = [[array.copy() for array in row] for row in grid]
            beyond[-1][at].flat[-1] = np.nextafter(beyond[-1][at].flat[-1], towards)
            assert status(beyond) == "failed"


def test_a_call_that_must_raise_and_does_not_is_a_failure():
    report = check(subject("paper-hat", "sssss"), "tf1", only="none-gradient.*.all")
    assert {one.reason for one in report.failures} == {
        "step 3 must raise, because no parameter has a gradient in it; it returned"
    }


def test_a_call_that_raises_and_must_not_is_a_failure():
    report = check(subject("tf1"), "paper-hat", only="none-gradient.f32.all")
    assert report.failures[0].reason.startswith(
        "step 3 must not raise, though no parameter has a gradient in it; got"
    )


def test_the_report_as_a_dictionary_is_plain():
    import json

    content = check(lambda params, *numbers: lambda grads: [p * np.inf for p in params]).to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["counts"]["failed"] > 0
