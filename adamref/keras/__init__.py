"""tf.keras.optimizers.Adam in NumPy, as it was before TensorFlow 2.11.

README.md has examples and a map of the files.
"""

from .optimizer import Adam
from .registry import deserialize, get, serialize

__all__ = ["Adam", "deserialize", "get", "serialize"]
