"""Sparse gradients: rows that move at every step against rows that move with their gradient.

The digits become bags of words: a word says "pixel 17 has brightness 4", an image is 64 words out
of 64 x 17, and each word has a row of 10 scores, one a class. The sum of the rows of an image is
the input of a softmax. The gradient of one image therefore has 64 rows, and the others are zero.

Source: Kingma & Ba, arXiv:1412.6980v9, section 6.1, which does the like on reviews of films.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .adam import PAPER, AdamConfig, Array, Convention, IndexedSlices, initial, step
from .digits import CLASSES, LEVELS, Digits, Whole, batches, softmax

WORDS = 64 * LEVELS
CONFIG = AdamConfig(learning_rate=0.01)
# What moves -> the convention.
CONVENTIONS: Mapping[str, Convention] = {
    "all rows": PAPER,
    "rows with a gradient": replace(PAPER, sparse="lazy_global_t"),
}
# Images that are learned from; the others are for the count of mistakes.
LEARNED = 1200


class Course(NamedTuple):
    """One run.

    Fields:
        losses: on the images that are learned from, in nats an image, before the first epoch and
            after each.
        mistakes: the share of the other images that is taken for another digit, likewise.
        rows: how many rows of the parameter changed their bits, summed over all steps.
    """

    losses: Array
    mistakes: Array
    rows: int


def courses(images: Digits, epochs: int, batch: int, seed: int = 5) -> dict[str, Course]:
    """Return the course of each convention, from the same start with the same batches."""
    words = words_of(images)
    found = {}
    for name, convention in CONVENTIONS.items():
        found[name] = _course(images, words, epochs, batch, convention, seed)
    return found


def words_of(images: Digits) -> Whole:
    """Return the words of each image, shape (images, 64), as numbers of rows."""
    places = np.arange(images.pixels.shape[1])
    return np.asarray(places * LEVELS + images.pixels)


def slices_of(table: Array, words: Whole, targets: Array) -> IndexedSlices:
    """Return the gradient of the mean loss of a batch by the rows of the table.

    Args:
        table: scores, shape (WORDS, 10).
        words: of the images of the batch, shape (batch, 64).
        targets: a 1 at the label, shape (batch, 10).
    """
    scores = table[words].sum(axis=1)
    errors = (softmax(scores) - targets) / len(words)
    # Every word of an image has the same gradient, and words of two images may be the same row.
    values = np.repeat(errors, words.shape[1], axis=0)
    return IndexedSlices(values, words.ravel(), table.shape)


def _course(
    images: Digits,
    words: Whole,
    epochs: int,
    batch: int,
    convention: Convention,
    seed: int,
) -> Course:
    learned = slice(LEARNED)
    others = slice(LEARNED, None)
    targets = images.targets
    labels = images.labels[others]
    table: Array = np.zeros((WORDS, CLASSES))
    state = initial(table)
    losses = [_loss(table, words[learned], targets[learned])]
    mistakes = [_mistakes(table, words[others], labels)]
    rows = 0
    for epoch in range(epochs):
        for chosen in batches(LEARNED, batch, 1, seed + epoch):
            grad = slices_of(table, words[chosen], targets[chosen])
            before = table
            table, state = step(CONFIG, state, table, grad, convention)
            # By bits, because a dense update moves some rows by next to nothing.
            changed = (table != before).any(axis=1)
            rows += int(changed.sum())
        # After an epoch each image was learned from once.
        losses.append(_loss(table, words[learned], targets[learned]))
        mistakes.append(_mistakes(table, words[others], labels))
    return Course(
        np.array(losses),
        np.array(mistakes),
        rows,
    )


def _loss(table: Array, words: Whole, targets: Array) -> float:
    scores = table[words].sum(axis=1)
    # Of each image the probability of its own label.
    chances = (softmax(scores) * targets).sum(axis=1)
    return float(-np.log(chances).mean())


def _mistakes(table: Array, words: Whole, labels: Whole) -> float:
    scores = table[words].sum(axis=1)
    wrong = scores.argmax(axis=1) != labels
    return float(wrong.mean())
