"""identify: whose Adam it is, from what it returns alone."""

import json
import re

import numpy as np
import pytest

from adamref import Adam, AdamConfig, Arithmetic, Convention
from conformance import Unsupported, check, identify
from conformance.cli import main
from conformance.defects import DEFECTS, counting
from conformance.defects.defect import DefectKind
from conformance.defects.kit.by_convention import build, build_named
from conformance.identity.questions import why_same
from conformance.on_demand.judging import APART
from conformance.subject.shipped import SHIPPED
from conformance.truth.point import Point
from tests.support.outside_adams import RIGHT, WRONG
from tests.support.subjects import FOUR

# Without float32 the convention of a subject is not told.
OURS = [
    name
    for name, one in SHIPPED.items()
    if one.distribution == "adamref" and "half precision" not in one.what
]


def point_at(axes, code):
    return Point(Convention(**axes), Arithmetic.parse(code))


@pytest.mark.parametrize("name", OURS)
def test_our_reference_is_what_it_says_under_every_convention(name, suite):
    found = identify(name, suite=suite)
    # Our reference takes no complex numbers, so that nothing decides that axis.
    axes = {**suite.conventions[SHIPPED[name].convention].axes, "complex": "unsupported"}
    assert found.explained
    assert {axis: value for axis, value in found.convention.items() if value != axes[axis]} == {}
    assert found.arithmetic == suite.conventions[SHIPPED[name].convention].arithmetics[0]


def test_nothing_that_a_subject_declares_decides_anything(suite):
    wrong = build("Wrong", point_at(suite.conventions["torch-adamw"].axes, "ddddd"))
    wrong.convention = "tf1"
    found = identify(wrong, suite=suite)
    assert (found.nearest, found.sentence) == ("torch-adamw", "this is torch-adamw")


# Points that no named convention has: several values at once.
POINTS = (
    {"epsilon": "inside", "bias_correction": "second", "amsgrad_bias_correction": "second"},
    {"epsilon": "hat", "weight_decay": "decoupled", "decay_when": "after", "decay_scale": "one"},
    {"step_scope": "parameter", "all_none": "no_op", "sparse": "lazy_row_t"},
    {
        "clip": "first",
        "clip_order": "norm_global_value",
        "maximize": "before_l2",
        "weight_decay": "l2",
    },
    {"amsgrad": "max_corrected", "duplicates": "sum_of_squares", "empty_sparse": "ignored"},
)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: "-".join(point.values()))
def test_points_that_no_named_convention_has_are_found_on_every_axis(point, suite):
    def make(params, learning_rate, beta1, beta2, epsilon, **switches):
        config = AdamConfig(
            **dict(zip(FOUR, (learning_rate, beta1, beta2, epsilon), strict=True)), **switches
        )
        try:
            return Adam(params, config, Convention(**point), Arithmetic.parse("ddddd"))
        except ValueError as error:
            raise Unsupported(str(error)) from None

    make.supports = {"none", "sparse"}
    found = identify(make, suite=suite)
    assert {axis: found.convention.get(axis) for axis in point} == point
    assert not found.unexplained


def test_evidence_names_a_vector_that_tells_the_value_from_the_next_best_by_a_thousand_bounds(
    suite,
):
    found = identify("adamref", suite=suite)
    ids = {vector.id for vector in suite.vectors}
    for axis, evidence in found.evidence.items():
        assert evidence.vector in ids
        assert evidence.ratio <= 1 < APART <= evidence.its_ratio, axis
        assert evidence.other != found.convention[axis]


def test_what_cannot_be_decided_has_a_reason(suite):
    found = identify(RIGHT[1], suite=suite)  # which has no switch at all
    assert found.convention["amsgrad"] == found.convention["weight_decay"] == "unsupported"
    assert found.undecided["decay_when"] == "only where there is weight_decay"
    assert found.undecided["none_gradient"].startswith("None gradients: declare them")
    assert set(found.undecided) | set(found.convention) == set(suite.axes)


def test_what_no_input_can_tell_apart_is_said_to_be_the_same():
    point = {"bias_correction": "first", "amsgrad_bias_correction": "none"}
    assert (
        why_same("epsilon", ["hat", "outside"], point)
        == "without a correction of v, hat and outside are the same"
    )
    assert why_same("epsilon", ["hat", "inside"], point) == ""
    assert why_same("amsgrad", ["max_raw", "max_corrected"], point).startswith(
        "without a correction of v, max_raw"
    )


def test_an_equivalence_class_is_an_answer(suite):
    axes = {
        **suite.conventions["paper"].axes,
        "bias_correction": "first",
        "amsgrad_bias_correction": "first",
    }
    found = identify(build("Half", point_at(axes, "ddddd")), suite=suite)
    assert found.undecided["epsilon"].endswith(
        "without a correction of v, hat and outside are the same"
    )
    assert found.convention["bias_correction"] == "first"


def test_an_arithmetic_that_nobody_has_is_found_letter_by_letter(suite):
    axes = {**suite.conventions["paper-hat"].axes}
    found = identify(build("Odd", point_at(axes, "dsdsd")), suite=suite)
    # In which format the other numbers are matters less than the bound.
    assert found.arithmetic[2:4] == "ds"
    assert found.costs["float64"] > 1000


@pytest.mark.parametrize("make", RIGHT, ids=lambda make: make.__name__)
def test_right_adams_from_outside_are_accepted_and_are_the_paper(make, suite):
    assert check(make, suite=suite).conformant
    assert identify(make, suite=suite).sentence == "this is paper"


@pytest.mark.parametrize("make", WRONG, ids=lambda make: make.__name__)
def test_wrong_adams_from_outside_are_rejected_and_told_by_name(make, suite):
    report = check(make, suite=suite)
    assert not report.conformant
    assert make.__doc__ in report.diagnosis


# Every 48th wrong Adam that is not another convention: each takes seconds.
# Those of half precision have tests of their own.
OTHERS = (DefectKind.OTHER_CONVENTION, DefectKind.HALF)
SOME = [one for one in DEFECTS if one.kind not in OTHERS][3::48]


@pytest.mark.parametrize("defect", SOME, ids=lambda defect: defect.name)
@np.errstate(all="ignore")
def test_a_wrong_adam_is_named_and_settles_no_axis_wrongly(defect, suite):
    found = identify(defect.make, suite=suite)
    # What the Adam is that the mistake was made in.
    right = identify(build_named("Right", defect.convention), suite=suite).convention
    assert {axis: value for axis, value in found.convention.items() if value != right[axis]} == {}
    assert defect.name in found.sentence


def test_a_mistake_in_another_convention_than_the_claimed_one_is_told_with_both(suite):
    axes = {**suite.conventions["paper"].axes, "epsilon": "hat", "bias_correction": "both"}
    wrong = build("Wrong", point_at(axes, "ddddd"), **counting.t_per_parameter.pieces)
    assert re.search(
        "epsilon = hat.* t-per-parameter|paper-hat.* t-per-parameter",
        check(wrong, suite=suite).diagnosis,
    )


def test_a_departure_that_is_a_known_mistake_is_named_with_it():
    found = identify("conformance.defects:wd_unscaled", only="weight-decay.*")
    assert found.explained
    assert found.convention_option.endswith("decay_scale=one")
    assert "this is known as wd-unscaled: the decay is not scaled" in found.sentence
    # What a whole library does is no departure.
    assert identify("adamref-torch-adamw", only="weight-decay.*").known_as == ()


def test_several_values_at_once_are_named(suite):
    axes = {**suite.conventions["torch-adamw"].axes, "decay_when": "after", "decay_scale": "one"}
    report = check(build("Wrong", point_at(axes, "ddddd")), "torch-adamw", suite=suite)
    assert "torch-adamw with decay_when = after and decay_scale = one" in report.diagnosis


def test_a_subject_that_raises_at_once_never_came_to_numbers(suite):
    def broken(params, *numbers):
        raise RuntimeError("no device")

    found = identify(broken, suite=suite)
    assert found.sentence.startswith("it never came to numbers: RuntimeError: no device")
    assert not found.explained


def test_the_command_prints_axis_value_and_evidence_and_writes_json(tmp_path, capsys):
    path = tmp_path / "identity.json"
    assert main(["identify", "adamref", "--json", str(path)]) == 0
    said = capsys.readouterr().out
    assert re.search(
        r"^epsilon +outside +\S+: error \S+ of the bound; next best: \w+, error \S+",
        said,
        re.MULTILINE,
    )
    assert "adamref: this is paper" in said
    found = json.loads(path.read_text())
    assert (found["nearest"], found["convention"]["epsilon"], found["explained"]) == (
        "paper",
        "outside",
        True,
    )
    assert np.isclose(found["costs"]["float64"], 0)


def test_the_command_ends_with_1_where_no_point_explains_the_numbers(capsys):
    assert main(["identify", "conformance.defects:update_sign"]) == 1
    assert "update-sign" in capsys.readouterr().out


def test_what_differs_from_run_to_run_decides_nothing(suite, monkeypatch):
    # After thousands of calls, 1 - beta^t is 1 in every run.
    monkeypatch.setitem(counting.LAST_RUN, "calls", 0)
    defect = next(defect for defect in DEFECTS if defect.name == "t-goes-on-in-next-run")
    found = identify(defect.make, suite=suite)
    assert not found.convention
    assert "t-goes-on-in-next-run" in found.sentence


def test_a_scaled_epsilon_is_not_asked_under_the_root(suite):
    axes = {**suite.conventions["paper"].axes, "epsilon": "inside"}
    right = build("Right", point_at(axes, "ddddd"))
    report = check(right, "paper,epsilon=inside", only="relations.*", suite=suite)
    assert report.conformant, report.diagnosis
