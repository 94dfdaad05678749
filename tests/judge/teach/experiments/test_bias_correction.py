"""Section 6.4 of the Adam paper, on the digits."""

import pytest

from conformance.teach.experiments.bias_correction import LARGEST, Setting, loss_after
from conformance.teach.experiments.digits import Digits, digits

EPOCHS = 4


@pytest.fixture(name="images", scope="module")
def images_fixture():
    whole = digits()
    return Digits(whole.pixels[:640], whole.labels[:640])


def test_without_correction_a_beta2_near_1_diverges_at_a_rate_that_is_right_with_it(images):
    setting = Setting(beta1=0.0, beta2=0.9999, learning_rate=0.1, corrected=True)
    assert loss_after(images, EPOCHS, setting) < 40
    assert loss_after(images, EPOCHS, setting._replace(corrected=False)) == LARGEST


def test_with_correction_the_loss_hardly_depends_on_beta2(images):
    setting = Setting(beta1=0.9, beta2=0.99, learning_rate=0.01, corrected=True)
    near_1 = loss_after(images, EPOCHS, setting._replace(beta2=0.9999))
    assert loss_after(images, EPOCHS, setting) == pytest.approx(near_1, rel=0.05)


def test_without_correction_a_small_rate_acts_as_a_larger_one(images):
    # The first step without correction is (1 - beta1) / sqrt(1 - beta2) = 10 times as long.
    setting = Setting(beta1=0.9, beta2=0.9999, learning_rate=1e-4, corrected=False)
    corrected = loss_after(images, EPOCHS, setting._replace(corrected=True))
    assert loss_after(images, EPOCHS, setting) < corrected - 5
