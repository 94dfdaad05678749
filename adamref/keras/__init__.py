"""tf.keras.optimizers.Adam in NumPy, as it was before TensorFlow 2.11. Start with `optimizer`.

`settings` has the hyperparameters, `weights` the moments in Keras' order, and `files` saving and restoring.
"""

from .optimizer import Adam

__all__ = ["Adam"]
