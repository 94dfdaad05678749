"""What bias correction is worth if beta2 is near 1, on a variational autoencoder.

Source: Kingma & Ba, arXiv:1412.6980v9, section 6.4 and figure 4: the loss over the learning rate,
with and without the correction, for beta1 in {0, 0.9}, beta2 in {0.99, 0.999, 0.9999} and log10 of
the learning rate from -5 to -1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from . import autoencoder
from .adam import PAPER, UNCORRECTED, AdamConfig, Array, Convention, iterates
from .digits import Digits, batches

BETAS1 = (0.0, 0.9)
BETAS2 = (0.99, 0.999, 0.9999)
RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
BATCH = 128
# What a loss that is no number, or larger, is shown as, in nats an image.
LARGEST = 1000.0


class Setting(NamedTuple):
    """The numbers of one run."""

    beta1: float
    beta2: float
    learning_rate: float
    corrected: bool


def losses(
    images: Digits,
    epochs: int,
    betas1: Sequence[float] = BETAS1,
    betas2: Sequence[float] = BETAS2,
    rates: Sequence[float] = RATES,
    seed: int = 4,
) -> dict[Setting, float]:
    """Return the loss on all images after some epochs, in nats an image, for each setting.

    All runs have the same first weights, batches and noise. A loss above 1000 is given as 1000.
    """
    settings = [
        Setting(beta1, beta2, rate, corrected)
        for beta1 in betas1
        for beta2 in betas2
        for rate in rates
        for corrected in (True, False)
    ]
    return {setting: loss_after(images, epochs, setting, seed) for setting in settings}


def loss_after(images: Digits, epochs: int, setting: Setting, seed: int = 4) -> float:
    """Return the loss on all images after some epochs with one setting; at most 1000."""
    config = AdamConfig(
        learning_rate=setting.learning_rate,
        beta1=setting.beta1,
        beta2=setting.beta2,
    )
    convention = PAPER if setting.corrected else UNCORRECTED
    bright = images.brightness
    generator = np.random.default_rng(seed)
    # Without the correction weights may grow until nothing is finite: that is a result too.
    with np.errstate(all="ignore"):
        weights = _train(bright, epochs, config, convention, seed)
        noise = generator.normal(size=(len(bright), autoencoder.LATENT))
        value = autoencoder.loss(weights, bright, noise).value
    return min(value, LARGEST) if np.isfinite(value) else LARGEST


def _train(
    bright: Array,
    epochs: int,
    config: AdamConfig,
    convention: Convention,
    seed: int,
) -> Array:
    chosen = list(batches(len(bright), BATCH, epochs, seed))
    # Another seed than that of the batches, whose draws it would repeat.
    generator = np.random.default_rng(seed + 1)
    noises = generator.normal(size=(len(chosen), BATCH, autoencoder.LATENT))

    def gradient(weights: Array, t: int) -> Array:
        batch = bright[chosen[t - 1]]
        return autoencoder.loss(weights, batch, noises[t - 1]).gradient

    weights = autoencoder.first_weights(seed)
    found = iterates(config, weights, gradient, convention)
    for _ in chosen:
        weights = next(found)
    return weights
