"""The loss of the autoencoder and its gradient, against autograd."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from conformance.teach.experiments import autoencoder


def loss_by_autograd(weights, images, noise):
    """The loss again, from its definition: a mean over the batch of two sums."""
    parts = []
    begin = 0
    for rows, columns in autoencoder.SHAPES:
        matrix = weights[begin : begin + rows * columns].reshape(rows, columns)
        parts.append((matrix[:-1], matrix[-1]))
        begin += rows * columns
    (a, a0), (b, b0), (c, c0), (d, d0), (e, e0) = parts
    hidden = anp.log(1 + anp.exp(images @ a + a0))
    mean = hidden @ b + b0
    log_variance = hidden @ c + c0
    z = mean + anp.exp(log_variance / 2) * noise
    probabilities = 1 / (1 + anp.exp(-(anp.log(1 + anp.exp(z @ d + d0)) @ e + e0)))
    likelihood = images * anp.log(probabilities) + (1 - images) * anp.log(1 - probabilities)
    divergence = (mean**2 + anp.exp(log_variance) - log_variance - 1) / 2
    return (divergence.sum() - likelihood.sum()) / len(images)


def test_the_gradient_of_the_autoencoder_is_that_of_autograd():
    generator = np.random.default_rng(8)
    weights = autoencoder.first_weights(8) + 0.1 * generator.normal(size=autoencoder.SIZE)
    images = generator.uniform(size=(5, autoencoder.PIXELS))
    noise = generator.normal(size=(5, autoencoder.LATENT))
    found = autoencoder.loss(weights, images, noise)
    value, gradient = autograd.value_and_grad(loss_by_autograd)(weights, images, noise)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.gradient == pytest.approx(gradient, rel=1e-9, abs=1e-12)
