"""Scale: inputs that are long, large, or in half precision."""

import numpy as np

from ...vectors.spec import Relation
from ...vectors.switches import PLACES, TWO_MAXIMA, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, Dense, Load, Recipe, normal, wild, zeros
from .sparse import lookups

_TWO = ((3,), (1,))
# Listed here because finding this out would take many long runs.
_CORRECTED = {"bias_correction": ["both"]}
# The largest number up to which float32 counts by one.
_UNCOUNTABLE = 2**24


def _late_start(
    name: str, seed: int, t: int, why: str, config: dict[str, float] = DEFAULTS
) -> Recipe:
    """Return the recipe for three steps that start late."""
    return Recipe(
        name=f"long.{name}",
        why=why,
        flags=["long-counter", "loaded-state"],
        shapes=_TWO,
        params=normal(seed, _TWO),
        grads=wild(seed + 1, 3, _TWO, -1, 0),
        axes=TWO_PLACES,
        config=config,
        load=Load(
            t=[t, t],
            m=[[0.5, -0.25, 1e-3], [0.125]],
            v=[[0.75, 0.5, 1e-4], [0.25]],
        ),
    )


# Seven or five gradients come round: long runs need no long files.
LONG = (
    Recipe(
        name="long.hundreds",
        why="300 steps of gradients that come round: "
        "a counter of 8 bits starts again at 128 or 256.",
        flags=["long-counter"],
        shapes=((2,),),
        params=[[0.0, 0.0]],
        grads=wild(110, 7, ((2,),), -1, 0),
        axes=TWO_PLACES | _CORRECTED,
        config=DEFAULTS,
        cycle=300,
        # Around 2^7 and 2^8, where counters of 8 bits start again.
        after=(1, 100, 127, 128, 129, 255, 256, 257, 300),
    ),
    Recipe(
        name="long.thousands",
        why="2,100 steps: a counter in half precision stands still at 2,048, "
        "a power that is taken as a product drifts.",
        flags=["long-counter"],
        shapes=((1,),),
        params=[[0.0]],
        grads=wild(111, 5, ((1,),), -1, 0),
        axes=TWO_PLACES | _CORRECTED,
        config=DEFAULTS,
        cycle=2100,
        # Around 2^11, from where half precision counts by two.
        after=(1000, 2048, 2049, 2100),
        level="full",
    ),
    _late_start(
        name="counter-loaded",
        seed=112,
        t=2500,
        why="From step 2,500 on: a counter of 8 bits, or in half precision, has another t.",
    ),
    _late_start(
        name="never-ending",
        seed=114,
        t=_UNCOUNTABLE,
        why="From step 16,777,216 on, where t + 1 is t in float32: "
        "bias correction is over, and nothing overflows.",
    ),
    _late_start(
        name="slow-correction",
        seed=126,
        t=70_000,
        why="From step 70,000 on with a beta2 so near 1 that v is still corrected: "
        "a counter of 16 bits has another t.",
        config=DEFAULTS | {"beta2": 0.99999},
    ),
)

# A prime, so that the place in the tile differs from the place in any register or block.
_TILE = 31
_MANY = ((0,), (5,), (63,), (1025,), (17, 241), (65537,), (70001,))
# The part of each array that is written down.
_MANY_TILES = [(min(int(np.prod(shape)), _TILE),) for shape in _MANY]

SIZES = (
    Recipe(
        name="sizes.many",
        why="From no element to 70,001, never a multiple of a register: "
        "blocks, threads and tails all do the same.",
        flags=["tails", "empty", "large"],
        shapes=_MANY,
        params=normal(116, _MANY_TILES),
        grads=wild(117, 3, _MANY_TILES, -2, 1),
        axes=TWO_PLACES,
        config=DYADIC,
        tile=_TILE,
        after=(1, 3),
    ),
    Recipe(
        # 2^20 + 3: the last elements are in no full block of any usual size.
        name="sizes.million",
        why="1,048,579 elements in one parameter, and three in another.",
        flags=["tails", "large"],
        shapes=((1048579,), (3,)),
        params=normal(118, [(_TILE,), (3,)]),
        grads=wild(119, 2, [(_TILE,), (3,)], -2, 1),
        axes=TWO_PLACES,
        config=DYADIC,
        tile=_TILE,
        after=(2,),
        level="full",
    ),
)

_THREE = ((7,), (2, 2), (1,))
# Above the root of the smallest number of half precision, so that v need not be exact where tiny.
_HALF = DYADIC | {"epsilon": 2.0**-4}
# float16 has no odd number above 2,048.
_ROW_COUNT = 2051
_MANY_ROWS = ((_ROW_COUNT, 1),)


def _half_zero(gradients: Dense) -> Dense:
    """Return gradients in which every second element, from the first, is zero."""
    (call,) = gradients
    return [[np.where(np.arange(grad.size) % 2, grad, 0) for grad in call]]


# More than one step could leave.
_HALF_STATE = Load(
    t=[7, 7, 7],
    m=[[0.5, -3.0, 0.125, 0.0, 2.0, -1.0, 0.25], [0.25, -1.0, 2.0, -0.5], [0.75]],
    v=[[0.75, 20.0, 0.0625, 1.0, 4.0, 2.0, 0.5], [0.5, 3.0, 5.0, 1.0], [2.0]],
)

FLOAT16 = (
    Recipe(
        name="float16.first-step",
        why="The first step in half precision: "
        "later ones are less exact than what they should tell apart.",
        flags=["half-precision", "from-zero"],
        shapes=_THREE,
        params=zeros(_THREE),
        grads=wild(120, 1, _THREE, -2, 1),
        axes=PLACES,
        config=_HALF,
        dtypes=["float16"],
    ),
    Recipe(
        name="float16.zero-gradient",
        why="A gradient of 0 among others: "
        "an epsilon that half precision has not would give 0 / 0.",
        flags=["half-precision", "zero-gradient"],
        shapes=_THREE,
        params=normal(121, _THREE),
        grads=_half_zero(wild(122, 1, _THREE, -1, 1)),
        axes=TWO_PLACES,
        # So large that steps are seen in half precision.
        config=_HALF | {"learning_rate": 0.5},
        dtypes=["float16"],
    ),
    Recipe(
        name="float16.amsgrad",
        why="AMSGrad's first step in half precision.",
        flags=["half-precision", "amsgrad-memory"],
        shapes=_THREE,
        params=zeros(_THREE),
        grads=wild(123, 1, _THREE, -2, 1),
        axes=TWO_PLACES | TWO_MAXIMA,
        config=_HALF | {"amsgrad": True},
        dtypes=["float16"],
    ),
    Recipe(
        name="float16.reload",
        why="A state is loaded into an optimizer that has taken other steps: "
        "no copy of its parameters with more digits is left.",
        flags=["half-precision", "relation-reload"],
        shapes=_THREE,
        params=normal(127, _THREE),
        grads=wild(128, 1, _THREE, -2, 0),
        axes=TWO_PLACES,
        config=_HALF | {"learning_rate": 0.5},
        dtypes=["float16"],
        relation=Relation("reload", other=("params",)),
        load=_HALF_STATE,
    ),
    Recipe(
        name="float16.many-rows",
        why="A row whose number float16 cannot hold: rows are integers in every dtype.",
        flags=["sparse-rows", "half-precision"],
        shapes=_MANY_ROWS,
        params=zeros(_MANY_ROWS),
        grads=lookups(124, ((_ROW_COUNT - 2, 0),), width=1),
        axes={"epsilon": ["outside"], "sparse": ["dense_equivalent", "lazy_global_t"]},
        config=_HALF | {"learning_rate": 0.5},
        dtypes=["float16"],
    ),
)
