"""Any optimizer class of tf_keras 2.11 and later as a subject; of Keras' older ones the newer."""

import tensorflow as tf
import tf_keras

from .keras_optimizer import Backend, KerasKind, adapt_kind, subject_of
from .tf1_optimizer import tensor
from .tfkeras_legacy import TfKerasScaling

# It warns at each missing gradient, which is what some vectors are about.
tf.get_logger().setLevel("ERROR")

_BACKEND = Backend(tf.Variable, tensor, is_sparse=True, scaling=TfKerasScaling)
_OWN = (tf_keras.optimizers.Adam, tf_keras.optimizers.AdamW)


def _kind(factory, settings):
    # Compiled for each set of shapes, a step takes seconds.
    return KerasKind(factory, {"jit_compile": False, **settings}, _BACKEND, "tfkeras-2.11", _OWN)


def subject(factory, **settings):
    """Return the function that starts a run; nothing is tried out."""
    return subject_of(_kind(factory, settings))


def adapt(factory, settings):
    """Return the function that starts a run of a class; `adapt_kind` says more."""
    return adapt_kind(_kind(factory, settings))
