"""The smallest input that a subject fails, and the script that shows it."""

import subprocess
import sys

import numpy as np
import pytest

from adamref import Adam, AdamConfig
from conformance import check
from conformance.defects import DEFECTS
from conformance.judge.verdict import shrink
from conformance.on_demand.judging import judge_at
from conformance.subject.subject import from_make
from conformance.truth.point import Point
from tests.support.outside_adams import RIGHT, OneAhead
from tests.support.paths import ROOT

NAMES = (
    *(
        "t-per-parameter",
        "ams-max-not-stored",
        "duplicates-last-wins",
        "wd-after",
        "nan-zeroed",
        "schedule-ignored",
    ),
    *("moments-not-loaded", "clip-norm-squared", "none-crashes", "t-half-precision"),
    "complex-square",
)


def smallest(name, suite):
    defect = next(defect for defect in DEFECTS if defect.name == name)
    return check(f"conformance.defects:{name.replace('-', '_')}", suite=suite).smallest, defect


@pytest.mark.parametrize("name", NAMES)
def test_the_script_has_few_lines_and_fails_on_its_own(name, suite, tmp_path):
    found, _ = smallest(name, suite)
    assert len(found.script.splitlines()) <= 12
    (tmp_path / "smallest.py").write_text(found.script)
    command = [sys.executable, str(tmp_path / "smallest.py")]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "AssertionError" in done.stderr or "AttributeError" in done.stderr, done.stderr


@pytest.mark.parametrize("name", NAMES[:6])
def test_it_is_a_vector_with_answers_that_the_subject_fails(name, suite):
    found, _ = smallest(name, suite)
    assert found.comparison.status == "failed"
    assert found.vector.answers
    assert len(found.vector.calls) <= 2


def test_what_does_not_matter_is_gone(suite):
    found = check(OneAhead, suite=suite).smallest
    assert found.vector.switches == {}
    assert [param.tolist() for param in found.vector.params] == [[0.0]]
    assert [[grad.tolist() for grad in call.grads] for call in found.vector.calls] == [[[1.0]]]


def test_a_script_asserts_what_the_contract_asks_for(suite):
    def flat(params, *numbers):
        step = RIGHT[1](params, *numbers)
        return lambda grads: [param.reshape(-1) for param in step(grads)]

    script = check(flat, suite=suite, only="shapes.*").smallest.script
    assert "raise AssertionError('step 1 must return parameter" in script.splitlines()[-1]


def test_a_right_adam_has_none(suite):
    assert check(RIGHT[0], suite=suite).smallest is None


def test_what_only_a_saved_run_shows_has_none(suite):
    assert smallest("t-not-saved", suite)[0] is None


def test_numbers_that_are_baked_in_stay(suite):
    def baked(params, learning_rate, beta1, beta2, epsilon):
        return OneAhead(params, learning_rate, beta1, 0.95, epsilon)

    found = check(baked, suite=suite, config={"beta2": 0.95}).smallest
    assert found.vector.numbers["beta2"] == 0.95


def test_no_more_inputs_are_tried_than_allowed(suite):
    tried = []

    def counted(params, *numbers):
        tried.append(numbers)
        return OneAhead(params, *numbers)

    report = check(counted, suite=suite, only="basic.f32.mixed")
    tried.clear()
    found = shrink(report, report.live_subject, tries=3)
    assert len(tried) == 3
    assert np.isfinite(found.comparison.worst_ratio)


def test_the_smallest_input_is_one_that_was_seen_to_fail_even_if_it_passes_when_repeated(suite):
    steps = 0

    class Seventh(OneAhead):
        """Right, but for every seventh step of the process."""

        def tick(self):
            nonlocal steps
            steps += 1
            super(OneAhead, self).tick()

        def step(self, grads):
            params = super().step(grads)
            return [param + 1 for param in params] if steps % 7 == 0 else params

    found = check(Seventh, suite=suite, only="[be]*").smallest
    assert found is None or found.comparison.failed
    assert found is None or "assert" in found.script


def test_the_smallest_input_fails_under_every_arithmetic_that_the_convention_accepts(suite):
    class TooLarge:
        """Optax in the second arithmetic of its convention, with gradients 1% too large."""

        def __init__(self, params, *numbers):
            names = ("learning_rate", "beta1", "beta2", "epsilon")
            config = AdamConfig(**dict(zip(names, numbers, strict=True)))
            self.adam = Adam(params, config, "optax", "dddTT")

        def step(self, grads):
            return self.adam.step([grad * grad.dtype.type(1.01) for grad in grads])

    convention = suite.conventions["optax"]
    assert convention.arithmetics[1] == "dddTT"
    found = check(TooLarge, "optax", suite=suite, only="*.decimal").smallest
    points = [Point.of(convention.axes, code) for code in convention.arithmetics]
    comparisons = judge_at(from_make(TooLarge), found.vector.inputs, points)
    assert [comparison.failed for comparison in comparisons] == [True, True]
