"""Gradient accumulation: an update every k-th call, with the mean of k gradients.

All gradients are multiples of 12 units, and the means are of 2 or 4 calls. So a mean is exact
however it is computed: the sum divided by k, the sum of quotients, or a running mean, which divides
by 3 on its way to 4.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....vectors.spec import Relation
from ....vectors.switches import ACCUMULATION, CLIPS, KINDS, TWO_MAXIMA, TWO_PLACES
from ..recipe import DYADIC, Dense, Recipe, normal

_SHAPES = ((3,), (2, 2))
# A rate as large as the decay, so that a step of decoupled decay is seen.
DECAY: dict[str, Any] = DYADIC | {"learning_rate": 2.0**-3, "weight_decay": 2.0**-3}
_TWO: dict[str, Any] = DYADIC | {ACCUMULATION: 2}
_FOUR: dict[str, Any] = DYADIC | {ACCUMULATION: 4}
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


def _accumulation(
    name: str,
    seed: int,
    why: str,
    config: dict[str, Any],
    calls: int = 6,
    axes: dict[str, list[str]] = TWO_PLACES,
    flags: Sequence[str] = (),
    rates: Sequence[float | None] = (),
    relation: Relation | None = None,
    cancels: Sequence[int] = (),
) -> Recipe:
    grads = _multiples(seed, calls)
    if cancels:
        # The second of two calls is the first with the other sign.
        first, second = cancels
        grads[second] = [-np.asarray(grad) for grad in grads[first]]
    return Recipe(
        name=f"accumulation.{name}",
        why=why,
        flags=["accumulation", "several-parameters", *flags],
        shapes=_SHAPES,
        # Another seed than that of the gradients.
        params=normal(seed + 10, _SHAPES),
        grads=grads,
        axes=axes,
        config=config,
        rates=rates,
        relation=relation,
    )


ACCUMULATIONS = (
    _accumulation(
        name="two",
        seed=200,
        why="An update every second call, with the mean of two gradients; "
        "in the other calls nothing changes, and t does not count them.",
        config=_TWO,
    ),
    _accumulation(
        name="global-norm",
        seed=201,
        why="The mean of four gradients is clipped, and not each of the four.",
        config=_FOUR | {"global_clipnorm": 2.0},
        calls=8,
        axes=TWO_PLACES | CLIPS,
        flags=["clip-kind"],
    ),
    _accumulation(
        name="decay",
        seed=202,
        why="Weights decay once for each update, and not in the calls between.",
        config=DECAY | {ACCUMULATION: 2},
        calls=4,
        axes=TWO_PLACES | KINDS,
        flags=["decay-kind"],
    ),
    _accumulation(
        name="amsgrad-schedule",
        seed=203,
        why="A learning rate that is passed between two updates is that of the next update; "
        "AMSGrad takes the maximum over updates.",
        config=_TWO | {"amsgrad": True},
        axes=TWO_PLACES | TWO_MAXIMA,
        flags=["schedule", "amsgrad-memory"],
        # Passed in the call that waits, in the call that updates, and in both.
        rates=(2.0**-3, None, None, 2.0**-5, 2.0**-1, 2.0**-4),
    ),
    _accumulation(
        name="zero-mean",
        seed=205,
        why="Gradients that cancel are an update with a mean of 0, which the moments see.",
        config=_TWO,
        cancels=(2, 3),
    ),
    _accumulation(
        name="resume",
        seed=204,
        why="Saved and restored between two updates: the gradients that wait are saved too.",
        config=_TWO,
        flags=["relation-resume"],
        relation=Relation("resume", after=3),
    ),
)
