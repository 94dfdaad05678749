"""Parameter groups: some parameters have numbers of their own, the others those of `make`.

No group sets all numbers, and the groups are not in the order of the parameters. So it shows if
a number crosses from group to group, or comes from elsewhere.
"""

from collections.abc import Sequence
from typing import Any

from ....vectors.spec import Relation
from ....vectors.switches import CLIPS, GROUPS, KINDS, TWO_MAXIMA, TWO_PLACES
from ..recipe import DYADIC, Recipe, drop, normal, scale, wild
from .accumulation import DECAY

_GROUPED_SHAPES = ((2,), (3,), (1, 2), ())
_TWO_GROUPS: list[dict[str, Any]] = [
    {"params": [3, 0], "learning_rate": 2.0**-2, "beta2": 0.5},
    {"params": [2], "beta1": 0.75, "epsilon": 2.0**-4},
]
_GROUPED: dict[str, Any] = DYADIC | {GROUPS: _TWO_GROUPS}
_LATE: dict[str, Any] = {"params": [2, 3]}
_LATE_AXES = TWO_PLACES | {"none_gradient": ["skip"], "step_scope": ["parameter", "optimizer"]}
# Biases without a decay are what groups are used for most.
_DECAYING_GROUPS: dict[str, Any] = DECAY | {
    GROUPS: [
        {"params": [2, 1], "weight_decay": 0.0},
        {"params": [0], "weight_decay": 2.0**-1, "learning_rate": 2.0**-2},
    ],
}


def _groups(
    name: str,
    seed: int,
    why: str,
    config: dict[str, Any],
    axes: dict[str, list[str]] = TWO_PLACES,
    flags: Sequence[str] = (),
    rates: Sequence[float | None] = (),
    relation: Relation | None = None,
    missing: Sequence[Sequence[int]] = ((), (), (), ()),
) -> Recipe:
    grads = wild(seed, 4, _GROUPED_SHAPES, -2, 1)
    if "amsgrad" in config:
        # A v that falls, so that its maximum is another.
        grads = scale(grads, (4, 0.25, 0.25, 0.25))
    return Recipe(
        name=f"groups.{name}",
        why=why,
        flags=["groups", "several-parameters", *flags],
        shapes=_GROUPED_SHAPES,
        # Another seed than that of the gradients.
        params=normal(seed + 10, _GROUPED_SHAPES),
        grads=drop(grads, missing),
        axes=axes,
        config=config,
        rates=rates,
        relation=relation,
    )


PARAMETER_GROUPS = (
    _groups(
        name="two",
        seed=220,
        why="Two groups set some numbers each, and one parameter is in neither: "
        "what a group does not set is what make was given.",
        config=_GROUPED,
    ),
    _groups(
        name="decay",
        seed=221,
        why="A group with a weight decay of 0, a group with a larger one, and one parameter "
        "that decays as make was told.",
        config=_DECAYING_GROUPS,
        axes=TWO_PLACES | KINDS,
        flags=["decay-kind"],
    ),
    _groups(
        name="global-norm",
        seed=222,
        why="The global norm is that of all gradients, whatever their groups.",
        config=_GROUPED | {"global_clipnorm": 1.0},
        axes=TWO_PLACES | CLIPS,
        flags=["clip-kind"],
    ),
    _groups(
        name="amsgrad-schedule",
        seed=223,
        why="A new learning rate is for the parameters whose group has none of its own; "
        "with AMSGrad.",
        config=_GROUPED | {"amsgrad": True},
        axes=TWO_PLACES | TWO_MAXIMA,
        flags=["schedule", "amsgrad-memory"],
        rates=(None, 2.0**-4, None, 2.0**-1),
    ),
    _groups(
        name="resume-numbers",
        seed=226,
        why="Restored where no group had a learning rate of its own: "
        "it is saved which groups have one, and a new rate is not for them.",
        config=_GROUPED,
        flags=["relation-resume"],
        rates=(None, None, 2.0**-4, None),
        relation=Relation("resume", after=2, other=("numbers",)),
    ),
    _groups(
        name="late",
        seed=225,
        why="The last parameters come in a group that is added after the second step: "
        "they have numbers of their own, and a t of their own or that of all.",
        config=DYADIC | {GROUPS: [_TWO_GROUPS[1] | {"params": [0]}, _TWO_GROUPS[0] | _LATE]},
        axes=_LATE_AXES,
        flags=["groups-late"],
        # A new learning rate for the others is not for a group that has one.
        rates=(None, 2.0**-4, None, None),
        missing=((2, 3), (2, 3), (), ()),
        relation=Relation("late", after=2),
    ),
    _groups(
        name="default-rate",
        seed=227,
        why="A group that states the learning rate that make was given has one of its own: "
        "a new rate is not for it.",
        config=DYADIC | {GROUPS: [{"params": [1, 3], "learning_rate": DYADIC["learning_rate"]}]},
        flags=["schedule"],
        rates=(None, 2.0**-3, None, 2.0**-4),
    ),
    _groups(
        name="late-decay",
        seed=228,
        why="A group that is added later follows a new learning rate, and so does its decay.",
        config=DECAY | {GROUPS: [_LATE | {"weight_decay": 2.0**-1}]},
        axes=_LATE_AXES | KINDS,
        flags=["groups-late", "decay-kind", "schedule"],
        rates=(None, None, 2.0**-1, None),
        missing=((2, 3), (2, 3), (), ()),
        relation=Relation("late", after=2),
    ),
    _groups(
        name="resume",
        seed=224,
        why="Saved and restored: each group goes on with its own numbers.",
        config=_GROUPED,
        flags=["relation-resume"],
        relation=Relation("resume", after=2),
    ),
)
