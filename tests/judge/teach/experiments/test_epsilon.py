"""The epsilon of 1e-8 against 0.1 and 1, of which both seed pages speak."""

import numpy as np
import pytest

from conformance.teach.experiments.digits import Digits, digits
from conformance.teach.experiments.epsilon import gradient, loss, loss_after, losses


@pytest.fixture(name="images", scope="module")
def images_fixture():
    whole = digits()
    return Digits(whole.pixels[:640], whole.labels[:640])


def test_an_epsilon_far_above_all_gradients_divides_the_learning_rate():
    # A gradient is below 1, so 1e3 and 1e4 in its place are the whole denominator.
    whole = digits()
    images = Digits(whole.pixels[:256], whole.labels[:256])
    once = loss_after(images, 2, epsilon=1e3, rate=1e3)
    tenfold = loss_after(images, 2, epsilon=1e4, rate=1e4)
    assert once == pytest.approx(tenfold, rel=1e-3)


def test_the_best_learning_rate_grows_with_epsilon(images):
    rates = (1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)
    found = losses(images, epochs=4, rates=rates)
    best = [rates[int(np.argmin(of_rates))] for of_rates in found.values()]
    assert best == sorted(set(best))


def test_at_the_rate_that_fits_1e_8_a_large_epsilon_learns_little(images):
    assert loss_after(images, 4, epsilon=1e-8, rate=0.1) < 0.2
    assert loss_after(images, 4, epsilon=1.0, rate=0.1) > 1.5


def test_the_gradient_is_that_of_the_loss():
    generator = np.random.default_rng(10)
    weights = generator.normal(size=(64, 10))
    bright = digits().brightness[:3]
    targets = digits().targets[:3]
    step = 1e-6 * generator.normal(size=weights.shape)
    change = (loss(weights + step, bright, targets) - loss(weights - step, bright, targets)) / 2
    assert (gradient(weights, bright, targets) * step).sum() == pytest.approx(change, rel=1e-6)
