"""Sparse gradients together with other options, and sparse gradients that name a row twice.

The options are decay, schedules, loaded states, AMSGrad and the usual numbers.
"""

from ...vectors.spec import Relation
from ...vectors.switches import ALL_ROWS, CLIPS, OURS, SUMS, TWO_MAXIMA, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, CallGrads, Load, Recipe, RowSlices, normal, zeros
from .sparse import SECOND, lookups, with_second

_THREE_ROWS = ((3, 2), SECOND)
_FOUR_ROWS = ((4, 2), SECOND)
_WIDE_ROWS = ((4, 3), SECOND)

SPARSE_OPTIONS = (
    Recipe(
        name="sparse.weight-decay",
        why="Decoupled decay of an embedding: of every row, or of the rows that move.",
        flags=["sparse-rows", "decay-kind"],
        shapes=_FOUR_ROWS,
        params=normal(235, _FOUR_ROWS),
        grads=with_second(264, lookups(236, ((0, 3), (3,), (1,)), width=2)),
        # Only decoupled decay may spare the rows that do not move.
        axes=OURS | {"weight_decay": ["decoupled"]},
        config=DYADIC | {"weight_decay": 0.25},
    ),
    Recipe(
        name="sparse.learning-rate-changes",
        why="A learning rate that changes scales the step of sparse gradients too.",
        flags=["sparse-rows", "schedule"],
        shapes=_THREE_ROWS,
        params=normal(255, _THREE_ROWS),
        grads=with_second(256, lookups(257, ((0, 2), (2,), (1, 0)), width=2)),
        axes=OURS,
        config=DYADIC,
        # Up and down.
        rates=(2.0**-6, 2.0**-3, 2.0**-9),
    ),
    Recipe(
        name="sparse.loaded-state",
        why="From moments and a t that are not zero: "
        "what is loaded corrects the rows of sparse gradients too.",
        flags=["sparse-counter", "loaded-state"],
        shapes=_THREE_ROWS,
        params=normal(258, _THREE_ROWS),
        grads=with_second(259, lookups(270, ((0, 2), (2,), (1, 0)), width=2)),
        axes=OURS,
        config=DYADIC,
        # Numbers that four steps could leave.
        load=Load(
            t=[4, 4],
            m=[[0.5, -3.0, 0.125, 0.25, -1.0, 2.0], [0.25, -8.0, 0.5]],
            v=[[0.75, 20.0, 0.0625, 0.5, 3.0, 5.0], [7.0, 66.0, 1.0]],
        ),
    ),
    Recipe(
        name="sparse.resume",
        why="Saved after the second step and restored into a new one: "
        "the steps of sparse gradients go on.",
        flags=["sparse-counter", "relation-resume"],
        shapes=_THREE_ROWS,
        params=normal(271, _THREE_ROWS),
        grads=with_second(272, lookups(273, ((0, 2), (2,), (1, 0), (2, 1)), width=2)),
        axes=OURS,
        config=DYADIC,
        after=(2, 4),
        relation=Relation("resume", after=2),
    ),
    Recipe(
        name="sparse.decimal",
        why="The usual numbers, from parameters of zero, with rows that come and go.",
        flags=["sparse-rows", "sparse-counter", "scalar-format", "from-zero"],
        shapes=_THREE_ROWS,
        params=zeros(_THREE_ROWS),
        grads=with_second(265, lookups(237, ((0, 2), (2,), (1, 0)), width=2)),
        axes=OURS,
        config=DEFAULTS,
        after=(1, 3),
    ),
)

_AMSGRAD = DYADIC | {"amsgrad": True}
_MAXIMA = TWO_MAXIMA | ALL_ROWS

SPARSE_AMSGRAD = (
    Recipe(
        name="sparse-amsgrad.spike-then-gaps",
        why="A spike in two rows, then small slices and gaps: "
        "the maximum stays, in rows with and without slices.",
        flags=["amsgrad-memory", "sparse-rows", "spike"],
        shapes=_THREE_ROWS,
        params=normal(246, _THREE_ROWS),
        grads=with_second(
            270,
            [
                # The spike.
                [RowSlices((0, 2), [[40.0, -6.0], [3.0, -90.0]])],
                *lookups(247, ((2,), (0, 1), (2, 1), (0,), (2,)), width=2, scale=1 / 16),
            ],
        ),
        axes=_MAXIMA | {"sparse": ["dense_equivalent", "lazy_global_t"]},
        config=_AMSGRAD,
        after=(1, 2, 3, 6),
    ),
    Recipe(
        name="sparse-amsgrad.duplicates",
        why="AMSGrad with a row named twice: "
        "the maximum is that of what v became, not of what one slice made it.",
        flags=["amsgrad-memory", "duplicate-rows"],
        shapes=_THREE_ROWS,
        params=normal(248, _THREE_ROWS),
        grads=with_second(271, lookups(249, ((0, 0, 2), (2,), (0, 1, 1), (2, 2)), width=2)),
        axes=_MAXIMA | SUMS,
        config=_AMSGRAD,
    ),
    Recipe(
        name="sparse-amsgrad.decimal",
        why="The usual numbers and AMSGrad, from parameters of zero.",
        flags=["amsgrad-memory", "sparse-rows", "scalar-format", "from-zero"],
        shapes=_THREE_ROWS,
        params=zeros(_THREE_ROWS),
        grads=with_second(272, lookups(250, ((0, 2), (1,), (2,)), width=2)),
        axes=ALL_ROWS,
        config=DEFAULTS | {"amsgrad": True},
        after=(1, 3),
    ),
)


# --- rows that are named more than once

# Where clipped, the second parameter is dense: a global norm is taken of both.
_WITH_DENSE = ((3, 2), (2,))


def _clip_of_slices(name: str, seed: int, scale: float, limit: float, differs: str) -> Recipe:
    """Return the recipe for a row that is named twice, and a limit that may come before the sum."""
    switch = name.replace("-", "_")
    # Seeds of the three draws of a recipe must differ.
    slices = lookups(seed + 10, ((0, 0, 2), (1, 2, 1), (2,)), width=2, scale=scale)
    dense = normal(seed + 20, ((2,), (2,), (2,)))
    calls: list[CallGrads] = [[*grads, grad] for grads, grad in zip(slices, dense, strict=True)]
    return Recipe(
        name=f"sparse-duplicates.{name}",
        why=f"A row named twice, and {switch}: {differs}.",
        flags=["duplicate-rows", "clip-kind"],
        shapes=_WITH_DENSE,
        params=normal(seed, _WITH_DENSE),
        grads=calls,
        axes=TWO_PLACES | CLIPS | SUMS | {"clip_duplicates": ["before_sum", "after_sum"]},
        config=DYADIC | {switch: limit},
    )


SPARSE_DUPLICATES = (
    Recipe(
        name="sparse-duplicates.pair",
        why="One row named twice: "
        "its slices are summed and the sum is squared, which is not the sum of the squares.",
        flags=["duplicate-rows"],
        shapes=_THREE_ROWS,
        params=normal(238, _THREE_ROWS),
        # In the first call the slices of a row are neighbours, in the third they are not.
        grads=with_second(
            266,
            [
                [RowSlices((0, 0, 2), [[1.0, -0.5], [2.0, -0.25], [4.0, 1.0]])],
                [RowSlices((2,), [[0.5, -2.0]])],
                [RowSlices((1, 2, 1), [[3.0, 0.5], [-1.0, 0.75], [0.5, 0.25]])],
            ],
        ),
        axes=OURS | SUMS,
        config=DYADIC,
    ),
    Recipe(
        name="sparse-duplicates.cancel",
        why="Slices of one row that cancel: nothing is left to square.",
        flags=["duplicate-rows", "zero-gradient"],
        shapes=_THREE_ROWS,
        params=normal(239, _THREE_ROWS),
        grads=with_second(
            267,
            [
                # Both numbers of row 1 cancel, and in the second call one of them.
                [RowSlices((1, 0, 1), [[3.0, -8.0], [0.5, 2.0], [-3.0, 8.0]])],
                [RowSlices((1, 1, 2), [[1.0, 0.5], [2.0, -0.5], [-4.0, 0.25]])],
                [RowSlices((0,), [[1.0, -1.0]])],
            ],
        ),
        axes=OURS | SUMS,
        config=DYADIC,
    ),
    Recipe(
        name="sparse-duplicates.many",
        why="Rows named up to five times, in no order, with slices of mixed size.",
        flags=["duplicate-rows", "mixed-magnitudes"],
        shapes=_WIDE_ROWS,
        params=normal(240, _WIDE_ROWS),
        grads=with_second(
            268, lookups(241, ((3, 1, 3, 3, 0, 3, 3), (0, 0, 3), (1, 1, 1, 1), (2, 3, 2)))
        ),
        axes=OURS | SUMS,
        config=DYADIC,
    ),
    _clip_of_slices(
        name="clipvalue",
        seed=242,
        scale=4,
        limit=1.0,
        differs="each slice is within the limit, or their sum is",
    ),
    _clip_of_slices(
        name="clipnorm",
        seed=243,
        scale=1,
        limit=2.0,
        differs="the norm is that of the slices, or of their sums",
    ),
    _clip_of_slices(
        name="global-clipnorm",
        seed=244,
        scale=1,
        limit=3.0,
        differs="the norm is that of the slices, or of their sums",
    ),
    Recipe(
        name="sparse-duplicates.decimal",
        why="The usual numbers, from parameters of zero, with a row named twice.",
        flags=["duplicate-rows", "scalar-format", "from-zero"],
        shapes=_THREE_ROWS,
        params=zeros(_THREE_ROWS),
        grads=with_second(269, lookups(245, ((2, 2, 0), (1, 2), (1, 1)), width=2)),
        axes=OURS | SUMS,
        config=DEFAULTS,
        after=(1, 3),
    ),
)
