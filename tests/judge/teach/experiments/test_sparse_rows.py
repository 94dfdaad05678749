"""Lazy and dense updates of the rows of a bag of words."""

import numpy as np
import pytest

from conformance.teach.experiments.digits import digits, softmax
from conformance.teach.experiments.sparse_rows import (
    LEARNED,
    WORDS,
    courses,
    slices_of,
    words_of,
)


@pytest.fixture(name="found", scope="module")
def found_fixture():
    return courses(digits(), epochs=1, batch=1)


def test_lazily_exactly_the_rows_with_a_gradient_change(found):
    assert found["rows with a gradient"].rows == 64 * LEARNED


def test_densely_more_than_ten_times_as_many_rows_change(found):
    assert found["all rows"].rows > 10 * 64 * LEARNED


def test_both_learn(found):
    for course in found.values():
        assert course.losses[0] == pytest.approx(np.log(10))
        assert course.losses[1] < 0.05
        # Of ten digits a guess is wrong nine times.
        assert course.mistakes[1] < 0.2


def test_a_word_is_a_pixel_with_its_brightness():
    words = words_of(digits())
    assert words.min() >= 0
    assert words.max() < WORDS
    # Pixel 1 of an image with brightness 5 there is row 17 + 5.
    assert words[0, 2] == 2 * 17 + digits().pixels[0, 2]


def test_slices_are_the_gradient_of_the_mean_loss():
    generator = np.random.default_rng(9)
    table = generator.normal(size=(WORDS, 10))
    words = words_of(digits())[:2]
    targets = digits().targets[:2]
    slices = slices_of(table, words, targets)
    dense = np.zeros_like(table)
    np.add.at(dense, slices.indices, slices.values)
    step = 1e-6 * generator.normal(size=table.shape)

    def loss(rows):
        chances = softmax(rows[words].sum(axis=1))
        return -np.log((chances * targets).sum(axis=1)).mean()

    change = (loss(table + step) - loss(table - step)) / 2
    assert (dense * step).sum() == pytest.approx(change, rel=1e-6)
