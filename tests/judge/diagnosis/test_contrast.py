"""compare: two Adams beside each other."""

import re

import pytest

from conformance.cli import main
from conformance.diagnosis import contrast
from conformance.diagnosis.differences import differences
from conformance.on_demand.solver import Solver
from conformance.subject.subject import from_make
from tests.support.outside_adams import RIGHT, OneAhead


def two(one, other, suite):
    return contrast.contrast_conventions(suite.conventions[one], suite.conventions[other], suite)


def test_axes_that_agree_differ_or_are_of_one_alone(suite):
    found = two("torch", "tfkeras", suite)
    assert found.axes.differ["epsilon"] == ("outside", "hat")
    assert found.axes.only_one_has["weight_decay"] == ("l2", "unsupported")
    assert found.axes.agree["bias_correction"] == "both"
    assert "decay_when" not in {
        **found.axes.agree,
        **found.axes.differ,
        **found.axes.only_one_has,
    }  # tfkeras has no decay at all


def test_the_input_that_tells_most_tells_by_a_million_bounds_or_cannot_be_missed(suite):
    found = two("torch", "torch-adamw", suite)
    assert found.largest.bounds >= 1e5
    assert "weight_decay" in found.largest.vector.switches


def test_conventions_that_differ_in_what_they_lack_alone_are_not_told_apart(suite):
    found = two("tf1", "keras3", suite)
    assert found.axes.differ == {}
    assert not found.largest.vector.dyadic  # their arithmetic differs


# With epsilon outside or not, epsilon / sqrt(1 - beta2) is 31.6 epsilon in the first step.
@pytest.mark.parametrize(
    ("size", "least", "most"), [(1.0, 1, 1 + 1e-4), (1e-8, 10, 31.7), (1e-10, 30, 31.7)]
)
def test_the_first_step_differs_by_what_epsilon_can_do(size, least, most, suite):
    use = next(use for use in two("paper", "paper-hat", suite).uses if use.size == size)
    assert least <= use.first_step_ratio <= most


def test_subjects_are_compared_by_what_they_return(suite):
    found = contrast.contrast_subjects(*map(from_make, RIGHT), suite)
    assert found.axes.differ == found.axes.only_one_has == {}
    same, ran = found.bits
    assert 0 < same < ran
    assert found.largest.bounds < 3
    assert all(use.distance < 1e-3 for use in found.uses)


def test_a_wrong_subject_is_told_from_a_right_one(suite):
    found = contrast.contrast_subjects(from_make(RIGHT[0]), from_make(OneAhead), suite)
    assert found.largest.bounds > 1e4
    assert found.uses[0].first_step_ratio > 1.1


def test_a_subject_that_raises_or_ends_the_process_is_compared_all_the_same(suite):
    def broken(params, *numbers):
        raise SystemExit(7)

    found = contrast.contrast_subjects(from_make(broken), from_make(RIGHT[0]), suite)
    assert (found.largest, found.bits, found.uses) == (None, (0, 0), [])


def test_a_thousand_bounds_part_all_named_conventions_that_differ_mathematically(suite):
    # In both dtypes, on dyadic vectors; those that are not differ in what they lack alone.
    solver, names = Solver(), list(suite.conventions)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            far = {"float32": 0.0, "float64": 0.0, "float16": 0.0}
            pair = suite.conventions[one], suite.conventions[other]
            for found in differences(*pair, suite, solver):
                if found.vector.dyadic:
                    far[found.vector.dtype] = max(far[found.vector.dtype], found.bounds)
            if two_differ(*pair):
                assert min(far["float32"], far["float64"]) >= 1000, (one, other)


def two_differ(one, other):
    """Whether both have an axis with another value, that matters to what both have."""
    apart = contrast._compare_axes(one.axes, other.axes).differ
    # Without epsilon_root, which one of them has not, `both` is `outside`.
    return {axis for axis, pair in apart.items() if set(pair) != {"both", "outside"}} - {
        "step_scope"
    } != set()


def test_the_command_says_what_you_will_see(capsys):
    assert main(["compare", "torch", "tfkeras"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^epsilon +outside +hat", said, re.MULTILINE)
    assert re.search(r"gradients near 1( to 0.01)?: no visible difference", said)
    assert re.search(
        r"gradients near 1e-08: the first step differs by a factor of [23]\d\.\d;", said
    )


def test_the_command_takes_a_convention_beside_a_subject_for_our_reference(capsys):
    assert main(["compare", "paper-hat", "conformance.defects:eps_hat"]) == 0
    assert "no axis differs" in capsys.readouterr().out


def test_an_unknown_name_is_a_mistake_in_usage(capsys):
    assert main(["compare", "torhc", "torch"]) == 2
    assert "did you mean torch?" in capsys.readouterr().err
