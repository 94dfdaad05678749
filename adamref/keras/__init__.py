"""tf.keras.optimizers.Adam as it was in TensorFlow 2 before 2.11, in NumPy. Start with `optimizer`."""

from .optimizer import Adam

__all__ = ["Adam"]
