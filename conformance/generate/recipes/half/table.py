"""What the recipes of half precision share."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from ....vectors.spec import Relation
from ....vectors.storage import (
    HALVES,
    NATIVE,
    STOCHASTIC,
    VALUES,
    WIDE,
    DeclaredStorage,
    exact_storages,
)
from ....vectors.switches import TWO_PLACES
from ..recipe import DYADIC, CallGrads, Numbers, Recipe, Shapes

# A rate and a decay of float32 that no half precision has.
RATE = float(np.float32(0.0127))
DECAY = float(np.float32(0.37))
# So that every operation of a step is exact.
EXACT = {"learning_rate": 0.125, "beta1": 0.0, "beta2": 0.0, "epsilon": 0.0}
# Smooth numbers, and a rate that is not.
USUAL_NUMBERS = DYADIC | {"learning_rate": RATE}

EIGHT: Shapes = ((5,), (3,))
TWENTY: Shapes = ((4, 3), (8,))


def native_storages() -> list[str]:
    """Return the codes of Adams that round every operation to the parameter's format."""
    combinations = product(("rounded", "compensated"), VALUES["m"], VALUES["v"])
    return [str(DeclaredStorage(*values, operations=NATIVE)) for values in combinations]


def random_storages() -> list[str]:
    """Return the codes of Adams that round their parameters at random."""
    moments = product(VALUES["m"], VALUES["v"])
    return [str(DeclaredStorage(STOCHASTIC, m, v, WIDE)) for m, v in moments]


def wide_moments(dtype: str) -> list[str]:
    """Return the codes with both moments in float32."""
    return [code for code in exact_storages(dtype) if "=T" not in code]


def of_each_half(
    name: str,
    why: str,
    flags: Sequence[str],
    params: Mapping[str, Sequence[Numbers]],
    grads: Mapping[str, Sequence[CallGrads]],
    *,
    codes: Mapping[str, Sequence[str]],
    config: Mapping[str, Any] = USUAL_NUMBERS,
    axes: Mapping[str, Sequence[str]] = TWO_PLACES,
    shapes: Shapes = EIGHT,
    after: Sequence[int] = (),
    cycle: int | None = None,
    relation: Relation | None = None,
    tile: int | None = None,
) -> list[Recipe]:
    """Return a recipe for each dtype in ``codes``, with answers for these storages."""
    return [
        Recipe(
            name=f"storage.{name}",
            why=why,
            flags=flags,
            shapes=shapes,
            params=params[dtype],
            grads=grads[dtype],
            axes={**axes, dtype: codes[dtype]},
            config=config,
            after=after,
            cycle=cycle,
            relation=relation,
            tile=tile,
            dtypes=[dtype],
        )
        for dtype in HALVES
        if dtype in codes
    ]


def same(value: Any) -> dict[str, Any]:
    """Return a value for each dtype of half precision."""
    return dict.fromkeys(HALVES, value)


ALL_EXACT = {dtype: exact_storages(dtype) for dtype in HALVES}
WIDE_MOMENTS = {dtype: wide_moments(dtype) for dtype in HALVES}
ALL_NATIVE_TOO = same(native_storages())
STOCHASTIC_TOO = same(random_storages())
