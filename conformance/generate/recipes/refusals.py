"""Refusals: bad inputs before each call of a second run must raise, and change nothing."""

from typing import Any

from ...vectors.spec import Relation
from ...vectors.switches import COUNTING, OURS, PLACES, TWO_PLACES
from .recipe import DYADIC, Load, Recipe, drop, normal, wild
from .sparse import lookups, with_second

# Several ranks: NumPy broadcasts a wrong shape to some of them.
_SHAPES = ((3,), (2, 3), ())
# Numbers that four steps could leave.
_STATE = Load(
    t=(4, 4, 4),
    m=((0.25, -0.5, 0.125), (0.5, 0.25, -1.5, 0.75, -0.25, 2.0), (0.5,)),
    v=((0.5, 0.75, 0.25), (1.0, 0.5, 2.0, 1.5, 0.125, 3.0), (0.75,)),
)
# An embedding, and a vector with a row twice.
_ROWS = ((3, 2), (3,))
_SPARSE: dict[str, Any] = {
    "shapes": _ROWS,
    "params": normal(227, _ROWS),
    "grads": with_second(228, lookups(217, ((2, 0), (1,), (1, 0)), width=2)),
    "axes": OURS,
    "after": (3,),
}


def _refusal(name: str, seed: int, why: str, refuses: str, **others: Any) -> Recipe:
    usual: dict[str, Any] = {
        "shapes": _SHAPES,
        # Another seed than that of the gradients.
        "params": normal(seed + 10, _SHAPES),
        # Three calls, because a moment that has changed shows in the call after it.
        "grads": wild(seed, 3, _SHAPES, -2, 1),
        "axes": PLACES,
        "config": DYADIC,
        "after": (1, 3),
    }
    return Recipe(
        name=f"refusals.{name}",
        why=why,
        flags=[f"refuse-{refuses.replace('_', '-')}"],
        relation=Relation("refuse", refuses=refuses),
        **(usual | others),
    )


REFUSALS = (
    _refusal(
        name="shape",
        seed=210,
        why="Gradients of another shape, which NumPy broadcasts to that of the parameter: "
        "refused, and nothing has changed, whatever parameter comes first.",
        refuses="shape",
    ),
    _refusal(
        name="dtype",
        seed=211,
        why="Gradients of another dtype: refused, and nothing has changed.",
        refuses="dtype",
    ),
    _refusal(
        name="count",
        seed=212,
        why="A gradient too few or too many: refused, and nothing has changed.",
        refuses="count",
    ),
    _refusal(
        name="learning-rate",
        seed=213,
        why="A learning rate that is passed with a gradient that is refused is not kept either.",
        refuses="shape",
        # The last call has the rate that the bad ones pass, too.
        rates=(2.0**-6, None, 2.0**-2),
        after=(1, 2, 3),
    ),
    _refusal(
        name="missing",
        seed=214,
        why="Gradients of another shape beside one that is missing: "
        "no parameter has counted a step.",
        refuses="shape",
        grads=drop(wild(214, 3, _SHAPES, -2, 1), ((), (0,), (2,))),
        axes=TWO_PLACES | COUNTING,
    ),
    _refusal(
        name="sparse-shape",
        seed=217,
        why="Slices of a longer parameter, too many or too wide: refused, and nothing has changed.",
        refuses="shape",
        **_SPARSE,
    ),
    _refusal(
        name="sparse-dtype",
        seed=218,
        why="Slices of another dtype: refused, and nothing has changed.",
        refuses="dtype",
        **_SPARSE,
    ),
    _refusal(
        name="index",
        seed=219,
        why="A row that the parameter does not have, of which NumPy takes -1 for the last one: "
        "refused, and nothing has changed.",
        refuses="index",
        **_SPARSE,
    ),
    _refusal(
        name="load-shape",
        seed=215,
        why="A state with an array of another shape: refused by load, and nothing has changed.",
        refuses="load_shape",
        load=_STATE,
    ),
    _refusal(
        name="load-count",
        seed=216,
        why="A state of more or fewer parameters: refused by load, and nothing has changed.",
        refuses="load_count",
        load=_STATE,
    ),
)
