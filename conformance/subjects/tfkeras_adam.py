"""tf.keras.optimizers.Adam of TensorFlow 2.0 to 2.10.

It lives on in tf_keras.optimizers.legacy.
"""

import tf_keras

from .kinds.tfkeras_legacy import subject

make = subject(tf_keras.optimizers.legacy.Adam)
