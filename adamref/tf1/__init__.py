"""TensorFlow 1's tf.train.AdamOptimizer in NumPy. Start with `optimizer`; `slots` holds the moments."""

from .optimizer import AdamOptimizer

__all__ = ["AdamOptimizer"]
