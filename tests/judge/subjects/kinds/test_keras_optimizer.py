"""Classes of Keras 3, of tf_keras in its two generations, and of TensorFlow 1."""

import warnings

import keras
import pytest
import tensorflow as tf
import tf_keras

from conformance import check
from conformance.subject.loading import as_subject, load
from conformance.subject.subject import SubjectError

PLAIN = "basic.f32.mixed"


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries, about their own affairs
        yield


class OfKeras(keras.optimizers.Adam):
    def __init__(self, rate_of_warmth=2.0, **kwargs):
        super().__init__(**kwargs)


class OfLegacy(tf_keras.optimizers.legacy.Adam):
    """Everything is its base's."""


NAMES = {
    "keras.optimizers:Adam": "keras3",
    "tf_keras.optimizers:Adam": "tfkeras-2.11",
    "tf_keras.optimizers.legacy:Adam": "tfkeras",
    "tensorflow.compat.v1.train:AdamOptimizer": "tf1",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_class_of_the_library_is_asked_what_the_shipped_subject_is_asked(name):
    by_name, own = load(name), load(NAMES[name])
    assert by_name.convention == own.convention
    for attribute in ("supports", "refuses", "storage", "dtypes"):
        assert getattr(by_name, attribute) == getattr(own, attribute)
    assert not by_name.is_guess
    assert check(by_name, only=PLAIN).conformant


@pytest.mark.parametrize(
    ("made", "convention"),
    [
        (OfKeras, "keras3"),
        (OfLegacy, "tfkeras"),
        (keras.optimizers.AdamW, "keras3"),
        (tf_keras.optimizers.AdamW, "tfkeras-2.11"),
    ],
)
def test_other_right_adams_conform(made, convention):
    report = check(made, only=PLAIN)
    assert (report.conformant, report.convention.name) == (True, convention), report.diagnosis
    assert report.worst("float32", "m") is not None


def test_what_a_subclass_adds_is_said():
    subject = as_subject(OfKeras)
    assert "rate_of_warmth=2.0" in subject.notes[0]
    assert subject.is_guess


def test_a_nadam_is_no_adam_by_its_numbers():
    report = check(keras.optimizers.Nadam, only=PLAIN)
    assert report.verdict == "nonconformant"


@pytest.mark.parametrize(
    "made",
    [
        keras.optimizers.SGD,
        tf_keras.optimizers.SGD,
        tf_keras.optimizers.legacy.SGD,
        tf.compat.v1.train.GradientDescentOptimizer,
    ],
)
def test_an_optimizer_without_betas_is_refused(made):
    with pytest.raises(SubjectError, match="it is no Adam: its signature has no beta1 and beta2"):
        as_subject(made)
