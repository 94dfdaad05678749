"""Relations: inputs that run twice, as they are and changed so that the result must not change."""

from typing import Any

from ...vectors.spans import PLACES, TWO_MAXIMA, TWO_PLACES
from ...vectors.spec import Relation
from .recipe import DYADIC, Recipe, normal, scale, wild

# Several ranks, because a change must reach every element.
_SHAPES = ((5,), (2, 3), (), (1,))
_AMSGRAD = DYADIC | {"amsgrad": True}


def _relation(
    name: str, seed: int, why: str, relation: Relation, config: dict[str, Any] = DYADIC
) -> Recipe:
    grads = wild(seed, 5, _SHAPES, -2, 1)
    spans = PLACES
    if relation.kind == "resume":
        # The second call is a spike: a maximum that is lost must have been worth keeping.
        grads = scale(grads, (0.5, 8, 0.5, 0.5, 0.5))
    if relation.kind == "scale":
        # Under the root epsilon has the scale of a square, and would need another power.
        spans = TWO_PLACES
    if "amsgrad" in config:
        spans = TWO_PLACES | TWO_MAXIMA
    return Recipe(
        name=f"relations.{name}",
        why=why,
        flags=[f"relation-{relation.kind}", "several-parameters"],
        shapes=_SHAPES,
        # Another seed than that of the gradients.
        params=normal(seed + 10, _SHAPES),
        grads=grads,
        axes=spans,
        config=config,
        after=(1, 3, 5),
        relation=relation,
    )


RELATIONS = (
    _relation(
        name="scale",
        seed=130,
        why="Gradients and epsilon times 2^20: "
        "Adam has no other scale, so parameters are the same to the last bit.",
        relation=Relation("scale", power=20),
    ),
    _relation(
        name="scale-down-amsgrad",
        seed=131,
        why="Gradients and epsilon times 2^-12, with AMSGrad: the same to the last bit.",
        relation=Relation("scale", power=-12),
        config=_AMSGRAD,
    ),
    _relation(
        name="negate",
        seed=132,
        why="All signs turned around: every result has the other sign and the same bits.",
        relation=Relation("negate"),
    ),
    _relation(
        name="reverse",
        seed=133,
        why="Parameters and elements in reverse order: none may depend on its place.",
        relation=Relation("reverse"),
    ),
    _relation(
        name="split",
        seed=134,
        why="Every element a parameter of its own: "
        "none may depend on its neighbours, or on how many there are.",
        relation=Relation("split"),
    ),
    _relation(
        name="resume",
        seed=135,
        why="Saved after the second step and restored into a new one, "
        "while the old one goes on: nothing is lost.",
        relation=Relation("resume", after=2),
    ),
    _relation(
        name="resume-amsgrad",
        seed=136,
        why="Saved and restored with AMSGrad: the maximum is saved too.",
        relation=Relation("resume", after=3),
        config=_AMSGRAD,
    ),
)
