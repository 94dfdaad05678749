"""Forms: a second run is handed the same numbers in another layout or type."""

from typing import Any

from ...vectors.spans import PLACES
from ...vectors.spec import Relation
from .recipe import DYADIC, Load, Recipe, normal, wild

# Fortran's order differs from that of C in two axes or more, and most in three.
_SHAPES = ((2, 3), (3,), (2, 2, 3), ())
# Other numbers in each element, because a swap must show.
_MOMENTS = normal(229, _SHAPES)
_STATE = Load(t=(4, 4, 4, 4), m=_MOMENTS, v=[moment * moment for moment in _MOMENTS])


def _form(name: str, seed: int, why: str, form: str, **others: Any) -> Recipe:
    return Recipe(
        name=f"forms.{name}",
        why=why,
        flags=["form-layout" if form in ("fortran", "strided") else "form-type"],
        shapes=_SHAPES,
        # Another seed than that of the gradients.
        params=normal(seed + 10, _SHAPES),
        grads=wild(seed, 3, _SHAPES, -2, 1),
        axes=PLACES,
        config=DYADIC,
        after=(1, 3),
        relation=Relation("form", form=form),
        **others,
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
)
