"""Epsilon of 1e-8 against 0.1 and 1.0, on a softmax regression of the digits.

The pages of both seed APIs say: "The default value of 1e-8 for epsilon might not be a good default
in general. For example, when training an Inception network on ImageNet a current good choice is 1.0
or 0.1." Their epsilon is added to a root that is not corrected (`hat`), and so it is here.

Source: tf.train.AdamOptimizer and tf.keras.optimizers.Adam, TensorFlow 1 and 2.
"""

from collections.abc import Sequence

import numpy as np

from .adam import CONVENTIONS, AdamConfig, Array, iterates
from .digits import CLASSES, Digits, batches, softmax

EPSILONS = (1e-8, 0.1, 1.0)
# Up to where all three are too large.
RATES = tuple(10.0**power for power in range(-5, 4))
BATCH = 128
SEED_PAGES = CONVENTIONS["tf1"].convention


def losses(
    images: Digits,
    epochs: int,
    epsilons: Sequence[float] = EPSILONS,
    rates: Sequence[float] = RATES,
) -> dict[float, Array]:
    """Return epsilon -> the loss after some epochs for each learning rate, in nats an image."""
    found = {}
    for epsilon in epsilons:
        of_rates = [loss_after(images, epochs, epsilon, rate) for rate in rates]
        found[epsilon] = np.array(of_rates)
    return found


def loss_after(
    images: Digits,
    epochs: int,
    epsilon: float,
    rate: float,
    seed: int = 6,
) -> float:
    """Return the loss on all images after some epochs, in nats an image."""
    config = AdamConfig(learning_rate=rate, epsilon=epsilon)
    bright = images.brightness
    targets = images.targets
    chosen = list(batches(len(bright), BATCH, epochs, seed))

    def gradient_at(weights: Array, t: int) -> Array:
        batch = chosen[t - 1]
        return gradient(weights, bright[batch], targets[batch])

    weights: Array = np.zeros((bright.shape[1], CLASSES))
    found = iterates(config, weights, gradient_at, SEED_PAGES)
    for _ in chosen:
        weights = next(found)
    # On all images, also those that the last batch of an epoch leaves out.
    return loss(weights, bright, targets)


def gradient(weights: Array, bright: Array, targets: Array) -> Array:
    """Return the gradient of the mean loss by the weights, shape (64, 10)."""
    errors = softmax(bright @ weights) - targets
    return np.asarray(bright.T @ errors / len(bright))


def loss(weights: Array, bright: Array, targets: Array) -> float:
    """Return the mean loss in nats an image."""
    scores = bright @ weights
    largest = scores.max(axis=1)
    # The logarithm of the sum of powers, without the powers of large numbers.
    powers = np.exp(scores - largest[:, None])
    log_sums = largest + np.log(powers.sum(axis=1))
    own = (scores * targets).sum(axis=1)
    return float((log_sums - own).mean())
