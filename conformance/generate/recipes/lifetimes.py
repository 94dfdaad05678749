"""Lifetimes: objects that are saved, restored, loaded, used before, or not alone.

The second run uses other objects of the same class; its results are those of the first run. Each
lifetime stands alone in one vector, and in another together with features that have state.
"""

from collections.abc import Sequence
from typing import Any

from ...vectors.spec import Relation
from ...vectors.switches import L2_OR_DECOUPLED, TWO_MAXIMA
from .recipe import DYADIC, Load, Recipe, Shapes, drop, normal, scale, wild
from .sparse import lookups, with_second

# The plain cases of bug reports: a parameter at 0, and gradients of 1.
_ONE: Shapes = ((1,),)
# Other shapes at each place once the order is reversed.
_SHAPES: Shapes = ((3,), (2, 2), (1,))
_TWO: Shapes = ((2,), (2,))
_TWELVE: Shapes = ((2,),) * 12
_PLACES = {"epsilon": ["hat", "outside", "both"]}
_HAT_OR_OUTSIDE = {"epsilon": ["hat", "outside"]}
_SCOPES = {"step_scope": ["optimizer", "parameter"]}
_EVERYTHING = ("numbers", "params")
# Rates change before the state is saved, between two saves, and after it is restored.
_RATES = (None, 0.25, None, 2.0**-4, None, 2.0**-3)
# The parameters without a gradient, for each call.
_MISSING = ((), (1,), (0,), (1, 2), (2,), ())
_AMSGRAD = DYADIC | {"amsgrad": True}


def _hand_over(name: str, why: str, calls: int, relation: Relation, **given: Any) -> Recipe:
    return Recipe(
        name=f"lifetimes.{name}",
        why=why,
        flags=[f"relation-{relation.kind}"],
        shapes=_ONE,
        params=[[0.0]],
        grads=[[[1.0]] for _ in range(calls)],
        axes=_PLACES,
        config=DYADIC,
        relation=relation,
        dtypes=("float32",),
        **given,
    )


def _plain(
    name: str,
    seed: int,
    why: str,
    relation: Relation,
    dtypes: Sequence[str] = ("float32", "float64"),
    load: Load | None = None,
) -> Recipe:
    return Recipe(
        name=f"lifetimes.{name}",
        why=why,
        flags=[f"relation-{relation.kind}", "several-parameters"],
        shapes=_SHAPES,
        params=normal(seed, _SHAPES),
        grads=wild(seed + 1, 4, _SHAPES, -3, 0),
        axes=_PLACES,
        config=DYADIC,
        after=(1, 4),
        relation=relation,
        dtypes=dtypes,
        load=load,
    )


def _together(
    name: str,
    seed: int,
    why: str,
    relation: Relation,
    config: dict[str, Any],
    axes: dict[str, list[str]],
) -> Recipe:
    grads = scale(wild(seed + 1, 6, _SHAPES, -2, 0), (0.5, 4.0, 0.5, 1.0, 0.25, 0.5))
    return Recipe(
        name=f"lifetimes.{name}",
        why=why,
        flags=[f"relation-{relation.kind}", "several-parameters"],
        shapes=_SHAPES,
        params=normal(seed, _SHAPES),
        # The second call is a spike, so that the maximum of AMSGrad is worth keeping.
        grads=drop(grads, _MISSING),
        axes=axes,
        config=config,
        after=(2, 4, 6),
        rates=_RATES,
        relation=relation,
    )


def _sparse(name: str, seed: int, why: str, relation: Relation) -> Recipe:
    shapes = ((3, 2), (3,))
    rows = ((0, 2), (2,), (1, 0), (2, 1), None)
    return Recipe(
        name=f"lifetimes.{name}",
        why=why,
        flags=[f"relation-{relation.kind}", "sparse-counter"],
        shapes=shapes,
        params=normal(seed, shapes),
        grads=[
            [*grads[:1], None] if call == 1 else grads
            for call, grads in enumerate(with_second(seed + 1, lookups(seed + 2, rows, width=2)))
        ],
        axes=_HAT_OR_OUTSIDE
        | _SCOPES
        | {"sparse": ["dense_equivalent", "lazy_global_t", "lazy_tensor_t"]},
        config=DYADIC,
        after=(3, 5),
        rates=_RATES[:5],
        relation=relation,
    )


# Numbers that ten steps could leave, and that no call of the vector comes near.
_LOADED = Load(
    t=[7, 7, 7],
    m=[[0.5, -3.0, 0.125], [0.25, -1.0, 2.0, -0.5], [0.75]],
    v=[[0.75, 20.0, 0.0625], [0.5, 3.0, 5.0, 1.0], [2.0]],
)

LIFETIMES = (
    _hand_over(
        name="resume-rate",
        why="The rate changed before the state was saved: the restored optimizer goes on with it.",
        calls=3,
        relation=Relation("resume", after=2),
        rates=(None, 0.25, None),
    ),
    _hand_over(
        name="resume-twice",
        why="States of two calls are restored in one new optimizer: it goes on from the later one.",
        calls=3,
        relation=Relation("resume", after=2, also_after=1),
    ),
    _hand_over(
        name="beside-numbers",
        why="Optimizers with half of each number are made before and after it: "
        "it keeps its own numbers.",
        calls=1,
        relation=Relation("beside", other=("numbers",)),
    ),
    _plain(
        name="resume-used",
        seed=300,
        why="The optimizer that is restored has taken other steps: nothing of them is left.",
        relation=Relation("resume", after=2, used=True),
    ),
    _plain(
        name="resume-numbers",
        seed=302,
        why="The optimizer that is restored was made with other numbers: "
        "it goes on with those that were saved.",
        relation=Relation("resume", after=2, other=("numbers",)),
    ),
    _plain(
        name="resume-params",
        seed=304,
        why="The optimizer that is restored was made with other parameters.",
        relation=Relation("resume", after=3, other=("params",)),
        dtypes=("float64",),
    ),
    _plain(
        name="beside",
        seed=306,
        why="Three optimizers, alike but for the order of their gradients, take turns: "
        "none may share its moments or its t.",
        relation=Relation("beside"),
    ),
    _plain(
        name="beside-shapes",
        seed=308,
        why="Three optimizers take turns, two of them with other parameters in another order.",
        relation=Relation("beside", other=("shapes",)),
        dtypes=("float64",),
    ),
    _plain(
        name="again",
        seed=310,
        why="An optimizer with other numbers has taken its steps and is gone: nothing is left.",
        relation=Relation("again", other=("numbers",)),
        dtypes=("float32",),
    ),
    _plain(
        name="reload",
        seed=312,
        why="A state is loaded into an optimizer that has taken other steps.",
        relation=Relation("reload", other=("params",)),
        load=_LOADED,
    ),
    Recipe(
        name="lifetimes.resume-missing",
        why="Saved when the first of two parameters of one shape has had no gradient: "
        "the moments of the second stay its own, and those of a used optimizer do not.",
        flags=["relation-resume", "late-first-gradient"],
        shapes=_TWO,
        params=normal(342, _TWO),
        grads=drop(wild(343, 4, _TWO, -3, 0), ((0,), (0,), (0,), ())),
        axes=_HAT_OR_OUTSIDE | _SCOPES,
        config=DYADIC,
        after=(3, 4),
        relation=Relation("resume", after=2, used=True, other=("params",)),
        dtypes=("float32",),
    ),
    Recipe(
        name="lifetimes.resume-many",
        why="Saved and restored with more than ten parameters of one shape, "
        "which have another order by their names than by their numbers.",
        flags=["relation-resume", "several-parameters"],
        shapes=_TWELVE,
        params=normal(340, _TWELVE),
        grads=wild(341, 3, _TWELVE, -3, 0),
        axes=_HAT_OR_OUTSIDE,
        config=DYADIC,
        after=(3,),
        relation=Relation("resume", after=2, other=("params",)),
        dtypes=("float32",),
    ),
    _together(
        name="resume-together",
        seed=320,
        why="AMSGrad, missing gradients and a changing rate, saved twice and restored "
        "into a used optimizer with other numbers and parameters.",
        relation=Relation("resume", after=4, also_after=2, used=True, other=_EVERYTHING),
        config=_AMSGRAD,
        axes=_HAT_OR_OUTSIDE | TWO_MAXIMA | _SCOPES,
    ),
    _together(
        name="resume-decay",
        seed=322,
        why="AMSGrad, weight decay, missing gradients and a changing rate, "
        "restored into an optimizer with other numbers.",
        relation=Relation("resume", after=3, other=("numbers",)),
        config=_AMSGRAD | {"weight_decay": 0.5},
        axes=_HAT_OR_OUTSIDE | L2_OR_DECOUPLED | _SCOPES,
    ),
    _together(
        name="resume-ascent",
        seed=324,
        why="Ascent with weight decay, missing gradients and a changing rate, "
        "restored into a used optimizer that descends.",
        relation=Relation("resume", after=2, used=True, other=("numbers",)),
        config=DYADIC | {"weight_decay": 0.5, "maximize": True},
        axes={"epsilon": ["outside"]} | L2_OR_DECOUPLED | _SCOPES,
    ),
    _together(
        name="resume-clip",
        seed=326,
        why="AMSGrad, clipped elements, missing gradients and a changing rate, "
        "restored into an optimizer with another limit.",
        relation=Relation("resume", after=3, other=("numbers",)),
        config=_AMSGRAD | {"clipvalue": 0.25},
        axes=_HAT_OR_OUTSIDE,
    ),
    _together(
        name="beside-together",
        seed=328,
        why="AMSGrad, missing gradients and a changing rate, "
        "while others with other numbers, parameters and shapes take turns.",
        relation=Relation("beside", other=("numbers", "params", "shapes")),
        config=_AMSGRAD,
        axes=_HAT_OR_OUTSIDE | TWO_MAXIMA | _SCOPES,
    ),
    _together(
        name="beside-decay",
        seed=330,
        why="AMSGrad, weight decay, missing gradients and a changing rate, "
        "while others with other numbers take turns.",
        relation=Relation("beside", other=("numbers",)),
        config=_AMSGRAD | {"weight_decay": 0.5},
        axes=_HAT_OR_OUTSIDE | L2_OR_DECOUPLED | _SCOPES,
    ),
    _sparse(
        name="resume-sparse",
        seed=332,
        why="Sparse gradients, missing ones and a changing rate, "
        "restored into a used optimizer with other numbers.",
        relation=Relation("resume", after=3, used=True, other=("numbers",)),
    ),
    _sparse(
        name="beside-sparse",
        seed=336,
        why="Sparse gradients, missing ones and a changing rate, while others take turns.",
        relation=Relation("beside", other=("numbers", "shapes")),
    ),
)
