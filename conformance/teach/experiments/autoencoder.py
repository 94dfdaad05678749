"""A small variational autoencoder of the digits, with its gradient in closed form.

    hidden = softplus(x A)        mean = hidden B        log_variance = hidden C
    z      = mean + exp(log_variance / 2) noise
    back   = softplus(z D)        logits = back E

Each matrix has a row more than its input has columns, for the offset. The loss is the negative of
the lower bound on the likelihood, in nats an image.

Source: Kingma & Welling, arXiv:1312.6114, with the layers of section 6.4 of arXiv:1412.6980 made
smaller: softplus units, and a latent variable that is normally distributed.
"""

from typing import NamedTuple

import numpy as np

from .adam import Array

PIXELS = 64
HIDDEN = 32
LATENT = 6
# (inputs + 1, outputs) of the matrices A to E.
SHAPES = (
    (PIXELS + 1, HIDDEN),
    (HIDDEN + 1, LATENT),
    (HIDDEN + 1, LATENT),
    (LATENT + 1, HIDDEN),
    (HIDDEN + 1, PIXELS),
)
SIZE = sum(rows * columns for rows, columns in SHAPES)


class Loss(NamedTuple):
    """The loss of a batch, and its gradient.

    Fields:
        value: in nats an image.
        gradient: shape of the weights, (SIZE,).
    """

    value: float
    gradient: Array


def first_weights(seed: int) -> Array:
    """Return weights, shape (SIZE,): normal with variance 1 / inputs, and offsets of zero."""
    generator = np.random.default_rng(seed)
    parts = []
    for rows, columns in SHAPES:
        matrix = generator.normal(0, (rows - 1) ** -0.5, (rows, columns))
        matrix[-1] = 0
        parts.append(matrix.ravel())
    return np.concatenate(parts)


def loss(weights: Array, images: Array, noise: Array) -> Loss:
    """Return the loss of a batch and its gradient.

    Args:
        weights: of all layers, shape (SIZE,).
        images: brightness from 0 to 1, shape (batch, 64).
        noise: drawn from the standard normal distribution, shape (batch, LATENT).
    """
    a, b, c, d, e = _matrices(weights)
    # Forward, from the image to itself.
    x = _with_one(images)
    before_hidden = x @ a
    hidden = _with_one(_softplus(before_hidden))
    mean = hidden @ b
    log_variance = hidden @ c
    deviation = np.exp(log_variance / 2)
    z = _with_one(mean + deviation * noise)
    before_back = z @ d
    back = _with_one(_softplus(before_back))
    logits = back @ e
    # Reconstruction by Bernoulli pixels, and the divergence from the standard normal.
    reconstruction = _softplus(logits) - images * logits
    divergence = (mean**2 + deviation**2 - log_variance - 1) / 2
    count = len(images)
    value = (reconstruction.sum() + divergence.sum()) / count
    # Backward; to_x is the derivative of the loss by x.
    to_logits = (_sigmoid(logits) - images) / count
    to_back = (to_logits @ e[:-1].T) * _sigmoid(before_back)
    to_z = to_back @ d[:-1].T
    to_mean = to_z + mean / count
    to_log_variance = (to_z * noise * deviation + (deviation**2 - 1) / count) / 2
    to_hidden = (to_mean @ b[:-1].T + to_log_variance @ c[:-1].T) * _sigmoid(before_hidden)
    gradients = (
        x.T @ to_hidden,
        hidden.T @ to_mean,
        hidden.T @ to_log_variance,
        z.T @ to_back,
        back.T @ to_logits,
    )
    return Loss(float(value), np.concatenate([matrix.ravel() for matrix in gradients]))


def _matrices(weights: Array) -> list[Array]:
    matrices = []
    begin = 0
    for rows, columns in SHAPES:
        end = begin + rows * columns
        matrices.append(weights[begin:end].reshape(rows, columns))
        begin = end
    return matrices


def _with_one(rows: Array) -> Array:
    """Return rows with a 1 at the end, which the offset is multiplied with."""
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)


def _softplus(x: Array) -> Array:
    return np.logaddexp(0, x)


def _sigmoid(x: Array) -> Array:
    # By tanh, which never overflows.
    return np.asarray((1 + np.tanh(x / 2)) / 2)
