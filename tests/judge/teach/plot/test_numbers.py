"""The numbers that the pictures show, of which each has an exact reason."""

import numpy as np
import pytest

from conformance.teach.plot import bound, conventions, corrections, epsilon_place, halves, rows


def test_epsilon_halves_the_first_step_at_a_gradient_that_its_place_decides():
    found = epsilon_place.lengths(steps=2)
    # g / (g + x) is 1/2 at g = x, and g / sqrt(g^2 + epsilon) at epsilon = 3 g^2.
    halfway = {
        "outside": 1e-8,
        "hat": 1e-8 / np.sqrt(1 - 0.999),
        "inside": np.sqrt(1e-8 / 3),
    }
    for place, size in halfway.items():
        logarithm = np.interp(0.5, found.first[place], np.log10(found.sizes))
        assert logarithm == pytest.approx(np.log10(size), abs=0.01)


def test_the_correction_of_hat_fades_with_the_steps():
    # After t steps of one size epsilon counts 1 / sqrt(1 - beta2^t) times.
    found = epsilon_place.lengths(steps=50)
    expected = found.sizes / (found.sizes + 1e-8 / np.sqrt(1 - 0.999**50))
    assert found.last["hat"] == pytest.approx(expected, rel=1e-9)


def test_with_correction_each_step_of_a_constant_gradient_is_one_learning_rate():
    assert corrections.lengths(steps=50)[None] == pytest.approx(np.ones(50), rel=1e-12)


@pytest.mark.parametrize("beta2", corrections.BETAS2)
def test_without_correction_a_step_is_the_quotient_of_the_corrections(beta2):
    t = np.arange(1, 51)
    expected = (1 - 0.9**t) / np.sqrt(1 - beta2**t)
    assert corrections.lengths(steps=50)[beta2] == pytest.approx(expected, rel=1e-9)


def test_all_conventions_take_different_paths_on_one_problem():
    found = conventions.paths(steps=40)
    ends = [float(path[-1]) for path in found.values()]
    gaps = np.diff(sorted(ends))
    assert len(found) == 5
    assert gaps.min() > 0.005


def test_decay_keeps_x_below_the_minimum_and_l2_ends_at_its_own():
    found = conventions.paths(steps=400)
    # f plus 0.25 x^2 / 2 has its minimum at 1 / 1.25.
    assert found["torch", 0.25][-1] == pytest.approx(0.8, abs=1e-3)
    assert found["paper", 0.0][-1] == pytest.approx(1.0, abs=1e-3)
    assert found["torch-adamw", 0.25][-1] < 0.99


def test_a_lazy_row_moves_only_with_its_gradient_and_a_dense_one_always():
    found = rows.paths(steps=31)
    moved = {name: np.flatnonzero(np.diff(path)) + 1 for name, path in found.items()}
    assert moved["lazy_global_t"].tolist() == [1, 16, 31]
    assert moved["lazy_row_t"].tolist() == [1, 16, 31]
    assert moved["dense_equivalent"].tolist() == list(range(1, 32))


def test_a_row_that_counts_its_own_steps_moves_by_the_learning_rate():
    assert rows.paths(steps=31)["lazy_row_t"][-1] == pytest.approx(-0.3, rel=1e-6)


def test_a_rounded_weight_stands_still_and_a_master_follows_the_exact_one():
    found = halves.paths(steps=60)
    assert (found["rounded"] == 1.0).all()
    # The parameter is the nearest number of bfloat16, 1/256 apart below 1.
    assert np.abs(found["master"] - found["exact"]).max() <= 1 / 512 + 1e-6
    assert np.abs(found["compensated"] - found["exact"]).max() < 1 / 256


def test_a_right_adam_is_under_the_bound_and_a_wrong_formula_above():
    found = bound.errors(steps=20)
    assert found.ratio.min() > 0
    assert found.ratio.max() <= 1
    assert (found.wrong > 100 * found.bound).all()


def test_the_table_of_the_readme_has_these_numbers():
    ends = {name: round(float(path[-1]), 2) for name, path in rows.paths().items()}
    assert list(ends.values()) == [-1.55, -0.37, -0.4]
    found = corrections.lengths(steps=30)
    peaks = [round(float(found[beta2].max()), 1) for beta2 in corrections.BETAS2]
    assert peaks == [2.1, 6.6, 20.7]
    by_decay = [round(float(path[-1]), 2) for path in conventions.paths().values()]
    assert by_decay[2:] == [0.8, 0.9, 0.84]
    at_first = bound.errors(steps=1)
    assert round(float(at_first.wrong[0] / at_first.bound[0]), -3) == 11000
