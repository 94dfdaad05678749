"""Calls that the real class accepts and keras.Adam refuses."""

import warnings

import numpy as np
import pytest

from adamref import Variable
from adamref.keras import Adam
from tests.reference.keras.both_classes import (
    MATRIX,
    ONES,
    OURS,
    REAL,
    slices,
    weights_set,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

STRICTER = {
    "rate < 0": (
        lambda api: api.adam(learning_rate=-1.0),
        "learning_rate must be finite and >= 0, got -1.0",
    ),
    "rate of a function < 0": (
        lambda api: api.applied(ONES, learning_rate=lambda: -1.0),
        "learning_rate must be finite and >= 0, got -1.0",
    ),
    "rate is no number": (
        lambda api: api.adam(float("nan")),
        "learning_rate must be finite and >= 0, got nan",
    ),
    "beta 1": (lambda api: api.adam(beta_2=1.0), r"beta_2 must be in \[0, 1\), got 1.0"),
    "epsilon < 0": (
        lambda api: api.adam(epsilon=-1.0),
        "epsilon must be finite and >= 0, got -1.0",
    ),
    "limit 0": (
        lambda api: api.adam(clipnorm=0),
        "clipnorm must be finite and > 0, or None for no limit, got 0",
    ),
    "amsgrad in text": (
        lambda api: api.adam(amsgrad="False"),
        "amsgrad must be True or False, got 'False'",
    ),
    "iterations with a fraction": (
        lambda api: weights_set(api, np.array(3.7)),
        "weights must have a whole number >= 0 for Adam/iter, got 3.7",
    ),
    "iterations < 0": (
        lambda api: weights_set(api, np.array(-1)),
        "weights must have a whole number >= 0 for Adam/iter, got -1",
    ),
    "dense_shape": (
        lambda api: (
            api.applied(slices(MATRIX[:1], [1])(OURS)._replace(dense_shape=(9, 9)), MATRIX)
            if api is OURS
            else api.applied(tf.IndexedSlices(MATRIX[:1], [1], [9, 9]), MATRIX)
        ),
        r"dense_shape must be the shape of param \(3, 2\), got \(9, 9\)",
    ),
}


@pytest.mark.parametrize("name", STRICTER)
def test_what_the_real_class_takes_but_cannot_be_meant_is_a_value_error(name):
    case, message = STRICTER[name]
    case(REAL)
    with pytest.raises(ValueError, match=message):
        case(OURS)


def test_a_rate_beyond_float32_is_refused_at_the_next_step():
    variable = Variable(np.ones(2, np.float32))
    adam = Adam()
    adam.apply_gradients([(np.ones(2, np.float32), variable)])
    before = variable.numpy().tobytes()
    adam.learning_rate = 1e300
    with pytest.raises(ValueError, match="learning_rate must be finite"):
        adam.apply_gradients([(np.ones(2, np.float32), variable)])
    assert variable.numpy().tobytes() == before
