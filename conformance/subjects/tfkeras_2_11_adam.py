"""tf.keras.optimizers.Adam of TensorFlow 2.11 to 2.15, which lives on in tf_keras.optimizers."""

import tensorflow as tf
import tf_keras

from .keras3_adam import subject
from .tf1_adam import tensor
from .tfkeras_adam import TfKerasScaling

# It warns at each missing gradient, which is what some vectors are about.
tf.get_logger().setLevel("ERROR")

make = subject(
    tf_keras.optimizers.Adam,
    tf.Variable,
    tensor,
    accumulates=False,
    scaling=TfKerasScaling,
    jit_compile=False,
)
