"""Sparse gradients that name a row more than once."""

from ...vectors.spans import CLIPS, OURS, SUMS, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, CallGrads, Recipe, RowSlices, normal, zeros
from .sparse import SECOND, lookups, with_second

_THREE_ROWS = ((3, 2), SECOND)
_WIDE_ROWS = ((4, 3), SECOND)
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
