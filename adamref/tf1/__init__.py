"""TensorFlow 1's tf.train.AdamOptimizer in NumPy. README.md has examples and a map of the files."""

from .aggregation import AggregationMethod
from .optimizer import AdamOptimizer

__all__ = ["AdamOptimizer", "AggregationMethod"]
