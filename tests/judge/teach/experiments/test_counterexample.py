"""The counterexample of "On the Convergence of Adam and Beyond", arXiv:1904.09237."""

import numpy as np
import pytest

from conformance.teach.experiments.counterexample import (
    PERIOD,
    average_regret,
    online,
    periodic,
    stochastic,
    theorem_1,
)

# C -> the average regret of AMSGrad after 300 steps and its x, from another program in float64.
AMSGRAD_AFTER_300 = {
    2.5: (0.20173508907188742, -0.3709739549448476),
    3.0: (0.21976412183445626, -0.9808651264690512),
    4.0: (0.22048862664279392, -0.9855836874007046),
    10.0: (0.394275823709374, -0.9942219656645895),
}


@pytest.mark.parametrize("slope", AMSGRAD_AFTER_300)
def test_theorem_1_adam_is_at_the_worst_point_after_every_third_step(slope):
    paths = theorem_1(slope, 300)
    assert (paths.adam[::3] == 1.0).all()
    assert (paths.adam > 0).all()


@pytest.mark.parametrize("slope", AMSGRAD_AFTER_300)
def test_theorem_1_the_regret_of_adam_has_the_lower_bound_of_the_proof(slope):
    regret = average_regret(theorem_1(slope, 300).adam, periodic(slope, -1.0, 3, 300))
    assert (regret[2::3] >= (2 * slope - 4) / 3).all()


@pytest.mark.parametrize(("slope", "published"), AMSGRAD_AFTER_300.items())
def test_theorem_1_amsgrad_goes_where_another_program_says(slope, published):
    paths = theorem_1(slope, 300)
    regret = average_regret(paths.amsgrad, periodic(slope, -1.0, 3, 300))
    assert (regret[-1], paths.amsgrad[-1]) == pytest.approx(published, rel=1e-12)


def test_online_adam_ends_near_the_worst_point_and_amsgrad_near_the_best():
    # AMSGrad needs some 20,000 steps to the end; a third of them shows the way.
    adam, amsgrad = online(70 * PERIOD)
    assert adam[-PERIOD:].mean() > 0.8
    assert amsgrad[-PERIOD:].mean() < -0.25


def test_stochastic_each_run_of_adam_ends_at_the_wrong_end_and_none_of_amsgrad():
    adam, amsgrad = stochastic(8000, 16)
    assert (adam[-500:].mean(axis=0) > 0.7).all()
    assert (amsgrad[-500:].mean(axis=0) < 0).all()


def test_no_parameter_leaves_the_interval():
    for path in (*online(3 * PERIOD), *stochastic(300, 4)):
        assert np.abs(path).max() <= 1.0


def test_the_slope_is_steep_at_the_first_step_of_each_period():
    assert periodic(5.0, -1.0, 3, 6).tolist() == [5.0, -1.0, -1.0, 5.0, -1.0, -1.0]


def test_regret_counts_the_parameter_before_each_step():
    # f_1 = 2x at x = 1 and f_2 = -x at x = 0 lose 4 and -1 against x = -1.
    regret = average_regret(np.array([1.0, 0.0, 0.5]), np.array([2.0, -1.0]))
    assert regret.tolist() == [4.0, 1.5]
