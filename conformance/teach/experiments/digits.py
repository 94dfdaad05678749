"""The handwritten digits that ship with scikit-learn: 1797 images of 8 x 8 pixels."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .adam import Array

CLASSES = 10
# A pixel is a whole number from 0 to 16.
LEVELS = 17

Whole = NDArray[np.int64]


class Digits(NamedTuple):
    """Images with their labels.

    Fields:
        pixels: shape (images, 64), whole numbers from 0 to 16.
        labels: shape (images,), from 0 to 9.
    """

    pixels: Whole
    labels: Whole

    @property
    def brightness(self) -> Array:
        """The pixels from 0 to 1, shape (images, 64)."""
        return np.asarray(self.pixels / (LEVELS - 1))

    @property
    def targets(self) -> Array:
        """A row with a 1 at the label for each image, shape (images, 10)."""
        return np.eye(CLASSES)[self.labels]


def digits() -> Digits:
    """Return the images.

    Raises:
        ImportError: scikit-learn, which has them, is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError(
            "scikit-learn, which has the digits, is not installed: pip install scikit-learn"
        ) from None
    pixels, labels = load_digits(return_X_y=True)
    return Digits(pixels.astype(np.int64), labels.astype(np.int64))


def batches(images: int, size: int, epochs: int, seed: int) -> Iterator[Whole]:
    """Yield the numbers of the images of each batch; an epoch has each image at most once."""
    generator = np.random.default_rng(seed)
    for _ in range(epochs):
        order = generator.permutation(images)
        # A smaller batch at the end would weigh its images more.
        for begin in range(0, images - size + 1, size):
            yield order[begin : begin + size]


def softmax(scores: Array) -> Array:
    """Return probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
