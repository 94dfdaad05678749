"""tf.keras.optimizers.Adam of TensorFlow 2.11 to 2.15, which lives on in tf_keras.optimizers."""

import tf_keras

from .kinds.tfkeras_optimizer import subject

make = subject(tf_keras.optimizers.Adam)
