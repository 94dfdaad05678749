"""Sparse gradients together with decay, schedules, loaded states, AMSGrad and the usual numbers."""

from ...vectors.spans import ALL_ROWS, OURS, SUMS, TWO_MAXIMA
from ...vectors.spec import Relation
from .recipe import DEFAULTS, DYADIC, Load, Recipe, RowSlices, normal, zeros
from .sparse import SECOND, lookups, with_second

_THREE_ROWS = ((3, 2), SECOND)
_FOUR_ROWS = ((4, 2), SECOND)

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
