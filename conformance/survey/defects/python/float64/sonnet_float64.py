"""sonnet.optimizers.Adam takes its numbers through float32 for float64 parameters."""

import sonnet as snt
import tensorflow as tf

param = tf.Variable([1.0], dtype=tf.float64)
adam = snt.optimizers.Adam(0.1, epsilon=0.0)
adam.apply([tf.constant([1.0], tf.float64)], [param])
# The first step is the learning rate, whatever the gradient is.
print(f"1 - 0.1 gives {param.numpy()[0]:.17}")
assert 1e-10 < abs(param.numpy()[0] - 0.9) < 1e-8
