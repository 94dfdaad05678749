"""Relations: inputs that run twice, as they are and changed so that the result must not change."""

from typing import Any

import numpy as np

from ...vectors.spec import Relation
from ...vectors.switches import L2_OR_DECOUPLED, OURS, PLACES, TWO_MAXIMA, TWO_PLACES
from .recipe import DYADIC, CallGrads, Load, Recipe, normal, scale, wild
from .sparse import lookups

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

# Forms: the second run is handed the same numbers in another layout or type.

# Fortran's order differs from that of C in two axes or more, and most in three.
_LAID_OUT = ((2, 3), (3,), (2, 2, 3), ())
# Other numbers in each element, because a swap must show.
_MOMENTS = normal(229, _LAID_OUT)
_STATE = Load(t=(4, 4, 4, 4), m=_MOMENTS, v=[moment * moment for moment in _MOMENTS])


# Rows in no order, and a row of two axes, which another layout moves.
_SEVERAL = ((3,), (3,), (2, 2), (2, 2))
_EMBEDDING = ((3, 2, 2),)
_SPARSE: dict[str, Any] = {
    "shapes": _EMBEDDING,
    "params": normal(246, _EMBEDDING),
    "grads": lookups(236, ((2, 0), (1,), (1, 0)), width=4),
    "axes": OURS,
    "after": (3,),
}


def _few_digits(grads: CallGrads) -> CallGrads:
    """Return gradients that are multiples of 1/64, which each dtype can hold."""
    return [np.round(64 * np.asarray(grad)) / 64 for grad in grads]


def _form(name: str, seed: int, why: str, form: str, **others: Any) -> Recipe:
    usual: dict[str, Any] = {
        "shapes": _LAID_OUT,
        # Another seed than that of the gradients.
        "params": normal(seed + 10, _LAID_OUT),
        "grads": wild(seed, 3, _LAID_OUT, -2, 1),
        "axes": PLACES,
        "after": (1, 3),
    }
    return Recipe(
        name=f"forms.{name}",
        why=why,
        flags=["form-layout" if form in ("fortran", "strided") else "form-type"],
        config=DYADIC,
        relation=Relation("form", form=form),
        **(usual | others),
    )


def _two_dtypes(
    name: str, seed: int, why: str, config: dict[str, Any], axes: dict[str, list[str]]
) -> Recipe:
    return Recipe(
        name=f"forms.{name}",
        why=why,
        flags=["form-type"],
        shapes=_SEVERAL,
        # Another seed than that of the gradients.
        params=normal(seed + 10, _SEVERAL),
        grads=[_few_digits(grads) for grads in wild(seed, 3, _SEVERAL, -2, 1)],
        axes=axes,
        config=config,
        after=(1, 3),
        relation=Relation("mixed"),
        dtypes=("float32",),
    )


FORMS = (
    _form(
        name="fortran",
        seed=220,
        why="Parameters and gradients in the order of Fortran: the elements are read by their "
        "index, and not in the order of memory.",
        form="fortran",
    ),
    _form(
        name="strided",
        seed=221,
        why="Every other element of a longer array, with NaN between them: "
        "only its own elements are read and written.",
        form="strided",
    ),
    _form(
        name="fortran-loaded",
        seed=222,
        why="A state in the order of Fortran is loaded by the index of its elements.",
        form="fortran",
        load=_STATE,
    ),
    _form(
        name="t-numpy",
        seed=223,
        why="Steps taken as NumPy's integers, as a file has them: t goes on as a whole number.",
        form="t_int64",
        load=_STATE,
    ),
    _form(
        name="t-array",
        seed=224,
        why="Steps taken as arrays without axes: t goes on, and none is counted twice.",
        form="t_array",
        load=_STATE,
    ),
    _form(
        name="read-only",
        seed=225,
        why="Gradients that cannot be written to, as JAX hands them out: a step only reads them.",
        form="readonly",
    ),
    _two_dtypes(
        name="mixed",
        seed=250,
        why="Every second parameter is float64 with AMSGrad: each keeps its dtype.",
        config=_AMSGRAD,
        axes=TWO_PLACES | TWO_MAXIMA,
    ),
    _two_dtypes(
        name="mixed-decay",
        seed=251,
        why="Every second parameter is float64, with weight decay.",
        config=DYADIC | {"weight_decay": 2.0**-3, "learning_rate": 2.0**-3},
        axes=TWO_PLACES | L2_OR_DECOUPLED,
    ),
    _form(
        name="grad-dtype",
        seed=240,
        why="Gradients of another float dtype than the parameters, with the same numbers: "
        "the result has the dtype of the parameters.",
        form="grad_dtype",
        grads=[_few_digits(grads) for grads in wild(240, 3, _LAID_OUT, -2, 1)],
    ),
    _form(
        name="sparse-fortran",
        seed=241,
        why="Slices in the order of Fortran are read by the index of their elements.",
        form="fortran",
        **_SPARSE,
    ),
    _form(
        name="sparse-strided",
        seed=242,
        why="Slices and rows with a gap after each number: only the numbers are read.",
        form="strided",
        **_SPARSE,
    ),
    _form(
        name="sparse-read-only",
        seed=243,
        why="Slices and rows that cannot be written to: a step only reads them.",
        form="readonly",
        **_SPARSE,
    ),
    _form(
        name="sparse-int32",
        seed=244,
        why="Rows as 32-bit integers, as TensorFlow and JAX have them.",
        form="indices_int32",
        **_SPARSE,
    ),
)
