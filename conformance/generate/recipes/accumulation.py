"""Gradient accumulation: an update every k-th call, with the mean of k gradients.

All gradients are multiples of 12 units, and the means are of 2 or 4 calls. So a mean is exact
however it is computed: the sum divided by k, the sum of quotients, or a running mean, which divides
by 3 on its way to 4.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...vectors.spans import CLIPS, KINDS, TWO_MAXIMA, TWO_PLACES
from ...vectors.spec import Relation
from ...vectors.switches import ACCUMULATION
from .recipe import DYADIC, Dense, Recipe, normal

_SHAPES = ((3,), (2, 2))
_TWO: dict[str, Any] = DYADIC | {ACCUMULATION: 2}
_FOUR: dict[str, Any] = DYADIC | {ACCUMULATION: 4}
# A rate as large as the decay, so that a step of decoupled decay is seen.
_DECAYING: dict[str, Any] = _TWO | {"learning_rate": 2.0**-3, "weight_decay": 2.0**-3}
# A multiple of 2 and 3, and of 4.
_MULTIPLE = 12
_LARGEST = 9


def _multiples(seed: int, calls: int, unit: float = 2.0**-6) -> Dense:
    """Return gradients of both signs, flat, in multiples of 12 units."""
    rng = np.random.default_rng(seed)
    gradients = []
    for _ in range(calls):
        grads = []
        for shape in _SHAPES:
            digits = rng.integers(-_LARGEST, _LARGEST + 1, shape)
            grads.append(_MULTIPLE * unit * digits.ravel().astype(np.float64))
        gradients.append(grads)
    return gradients


def _recipe(
    name: str,
    seed: int,
    why: str,
    config: dict[str, Any],
    calls: int = 6,
    axes: dict[str, list[str]] = TWO_PLACES,
    flags: Sequence[str] = (),
    rates: Sequence[float | None] = (),
    relation: Relation | None = None,
) -> Recipe:
    return Recipe(
        name=f"accumulation.{name}",
        why=why,
        flags=["accumulation", "several-parameters", *flags],
        shapes=_SHAPES,
        # Another seed than that of the gradients.
        params=normal(seed + 10, _SHAPES),
        grads=_multiples(seed, calls),
        axes=axes,
        config=config,
        rates=rates,
        relation=relation,
    )


ACCUMULATIONS = (
    _recipe(
        name="two",
        seed=200,
        why="An update every second call, with the mean of two gradients; "
        "in the other calls nothing changes, and t does not count them.",
        config=_TWO,
    ),
    _recipe(
        name="global-norm",
        seed=201,
        why="The mean of four gradients is clipped, and not each of the four.",
        config=_FOUR | {"global_clipnorm": 2.0},
        calls=8,
        axes=TWO_PLACES | CLIPS,
        flags=["clip-kind"],
    ),
    _recipe(
        name="decay",
        seed=202,
        why="Weights decay once for each update, and not in the calls between.",
        config=_DECAYING,
        calls=4,
        axes=TWO_PLACES | KINDS,
        flags=["decay-kind"],
    ),
    _recipe(
        name="amsgrad-schedule",
        seed=203,
        why="A learning rate that is passed between two updates is that of the next update; "
        "AMSGrad takes the maximum over updates.",
        config=_TWO | {"amsgrad": True},
        axes=TWO_PLACES | TWO_MAXIMA,
        flags=["schedule", "amsgrad-kind"],
        # Passed in the call that waits, in the call that updates, and in both.
        rates=(2.0**-3, None, None, 2.0**-5, 2.0**-1, 2.0**-4),
    ),
    _recipe(
        name="resume",
        seed=204,
        why="Saved and restored between two updates: the gradients that wait are saved too.",
        config=_TWO,
        flags=["relation-resume"],
        relation=Relation("resume", after=3),
    ),
)
