"""The loop that all experiments share."""

import numpy as np

from conformance.teach.experiments.adam import AdamConfig, first_step, path

# Every step is the learning rate, against the sign of the gradient, and exact.
CONFIG = AdamConfig(learning_rate=0.5, beta1=0.0, beta2=0.0, epsilon=0.0)


def test_a_path_begins_with_the_start_and_has_each_step():
    found = path(3, CONFIG, np.zeros(1), lambda *_: np.ones(1))
    assert found[:, 0].tolist() == [0.0, -0.5, -1.0, -1.5]


def test_limits_hold_after_each_step():
    found = path(3, CONFIG, np.zeros(1), lambda *_: np.ones(1), limits=(-0.75, 0.75))
    assert found[:, 0].tolist() == [0.0, -0.5, -0.75, -0.75]


def test_decay_divides_the_learning_rate_by_the_root_of_the_step():
    found = path(4, CONFIG, np.zeros(1), lambda *_: np.ones(1), decay=True)
    assert found[3, 0] - found[4, 0] == 0.25


def test_the_gradient_sees_the_parameter_before_a_step_and_its_number():
    seen = []

    def gradient(param, t):
        seen.append((float(param[0]), t))
        return np.ones(1)

    path(2, CONFIG, np.zeros(1), gradient)
    assert seen == [(0.0, 1), (-0.5, 2)]


def test_a_first_step_goes_against_the_gradient():
    assert first_step(CONFIG, np.array([2.0, -8.0])).tolist() == [0.5, -0.5]
