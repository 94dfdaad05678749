"""The images, and how they are dealt out."""

import sys

import numpy as np
import pytest

from conformance.teach.experiments.digits import batches, digits, softmax


def test_there_are_1797_images_of_64_pixels():
    found = digits()
    assert found.pixels.shape == (1797, 64)
    assert (found.pixels.min(), found.pixels.max()) == (0, 16)
    assert found.targets.sum(axis=1).tolist() == [1.0] * 1797


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        digits()


def test_an_epoch_has_each_image_once_and_the_same_seed_the_same_order():
    first = list(batches(12, 4, 1, seed=1))
    assert sorted(np.concatenate(first).tolist()) == list(range(12))
    again = list(batches(12, 4, 1, seed=1))
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in again]


def test_a_batch_that_would_be_smaller_is_left_out():
    assert len(list(batches(11, 4, 2, seed=1))) == 4


def test_probabilities_of_large_scores_are_finite():
    assert softmax(np.array([1000.0, 1000.0])).tolist() == [0.5, 0.5]
