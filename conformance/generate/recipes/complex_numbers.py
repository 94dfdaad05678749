"""Complex parameters: the last axis of each array has real and imaginary part."""

from typing import Any

from ...vectors.spec import Relation
from ...vectors.switches import L2_OR_DECOUPLED, PARTS_OR_MODULUS, TWO_MAXIMA, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, Recipe, drop, normal, scale, zeros

# Complex parameters: three numbers, and one without an axis.
_COMPLEX = ((3, 2), (2,))
# No library with complex parameters has epsilon elsewhere.
_OUTSIDE = {"epsilon": ["outside", "both"]}
# Of all angles: parts of like size, real numbers, imaginary ones, and parts of unlike size.
_ANGLES = [
    [[3.0, 4.0, -0.5, 0.0, 0.0, 2.0], [0.25, -6.0]],
    [[-1.5, 0.75, 0.0, -1.25, 3.0, 0.5], [-0.5, 0.125]],
    [[0.5, -2.0, 1.0, 0.25, -0.25, -0.0], [0.0, 1.5]],
    [[0.125, 0.5, -2.0, 3.5, 0.75, 0.25], [2.0, 0.0]],
]


def _complex(name: str, why: str, **others: Any) -> Recipe:
    fields: dict[str, Any] = {
        "params": normal(240, _COMPLEX),
        "grads": _ANGLES,
        "config": DYADIC,
        "axes": TWO_PLACES | PARTS_OR_MODULUS,
    }
    return Recipe(
        name=f"complex.{name}",
        why=why,
        flags=["complex"],
        shapes=_COMPLEX,
        form="complex",
        **(fields | others),
    )


COMPLEX_PARAMETERS = (
    _complex(
        name="angles",
        why="Gradients of all angles: v is no square of a complex number, and no conjugate moves.",
    ),
    _complex(
        name="decimal",
        why="Decimal hyperparameters, parameters from zero: "
        "no digit is lost between complex and real numbers.",
        params=zeros(_COMPLEX),
        axes=_OUTSIDE | PARTS_OR_MODULUS,
        config=DEFAULTS,
    ),
    _complex(
        name="amsgrad",
        why="A maximum of complex numbers: of each part, or of the modulus, and never of pairs "
        "that are ordered by their real parts.",
        grads=scale(_ANGLES, (4.0, 0.25, 1.0, 0.5)),
        axes=_OUTSIDE | TWO_MAXIMA | PARTS_OR_MODULUS,
        config=DYADIC | {"amsgrad": True},
    ),
    _complex(
        name="decay",
        why="Weights decay in both parts; L2 enters the modulus.",
        axes=L2_OR_DECOUPLED | PARTS_OR_MODULUS,
        config=DYADIC | {"weight_decay": 0.5},
    ),
    _complex(
        name="missing",
        why="Ascent in both parts, with a gradient missing.",
        grads=drop(_ANGLES, [[], [1], [0], []]),
        axes={"step_scope": ["optimizer", "parameter"]} | PARTS_OR_MODULUS,
        config=DYADIC | {"maximize": True},
    ),
    _complex(
        name="resume",
        why="Saved and restored with complex moments.",
        relation=Relation("resume", after=2),
        axes=_OUTSIDE | TWO_MAXIMA | PARTS_OR_MODULUS,
        config=DYADIC | {"amsgrad": True},
    ),
)
