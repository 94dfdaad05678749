"""TensorFlow 1's tf.train.AdamOptimizer, which lives on in tf.compat.v1, run eagerly."""

import tensorflow as tf

from .kinds.tf1_optimizer import subject

make = subject(tf.compat.v1.train.AdamOptimizer)
