"""AMSGrad: what the maximum is taken of, and that it is remembered."""

from ...vectors.switches import TWO_MAXIMA, TWO_PLACES
from .recipe import DEFAULTS, DYADIC, PAIR, Load, Recipe, normal, scale, wild

_SPANS = TWO_PLACES | TWO_MAXIMA
# Only the first vector asks which moments are corrected: the others would say the same again.
_UNCORRECTED = {"amsgrad_bias_correction": ["both", "none"]}
_ON = DYADIC | {"amsgrad": True}
_THREE = ((4,), (1,), (2,))
_SINGLE = ((2,), (1,))

AMSGRAD = (
    Recipe(
        name="amsgrad.spike-then-small",
        why="A spike, then gradients far below it: "
        "the maximum must stay, and v must fall beneath it.",
        flags=["amsgrad-memory", "spike"],
        shapes=PAIR,
        params=normal(31, PAIR),
        # A power of two makes gradients smaller and keeps their digits.
        grads=[
            [[40.0, -6.0, 1.0], [3.0, -90.0]],
            *scale(wild(32, 7, PAIR, -1, 0), 1 / 64),
        ],
        axes=_SPANS | _UNCORRECTED,
        config=_ON,
        after=(1, 2, 3, 5, 8),
    ),
    Recipe(
        name="amsgrad.rises-and-falls",
        why="Gradients that rise, fall and rise again: "
        "the maximum changes hands, element by element.",
        flags=["amsgrad-memory", "several-parameters"],
        shapes=_THREE,
        params=normal(33, _THREE),
        # Up, down for two calls, up beyond the first height, and down.
        grads=scale(wild(34, 6, _THREE, -1, 1), (1, 5, 0.1, 0.1, 20, 0.5)),
        axes=_SPANS,
        config=_ON,
        after=(1, 2, 4, 6),
    ),
    Recipe(
        name="amsgrad.loaded-maximum",
        why="A maximum from before: it must be loaded, used and kept.",
        flags=["amsgrad-memory", "loaded-state"],
        shapes=PAIR,
        params=normal(35, PAIR),
        grads=wild(36, 3, PAIR, -1, 0),
        axes=_SPANS,
        config=_ON,
        load=Load(
            t=[5, 5],
            m=[[0.5, -3.0, 0.125], [0.25, -1.0]],
            v=[[0.75, 9.0, 0.03125], [7.0, 2.0]],
            # Above v, equal to it, and far above it.
            v_max=[[16.0, 9.0, 0.5], [7.0, 32.0]],
        ),
    ),
    Recipe(
        name="amsgrad.beta2-zero",
        why="Without a second moment AMSGrad's maximum is all that lasts.",
        flags=["amsgrad-memory", "betas"],
        shapes=PAIR,
        params=normal(143, PAIR),
        grads=[[[2.0, -3.0, 0.5], [8.0, 2.0]], *wild(144, 3, PAIR, -2, 0)],
        axes=_SPANS,
        # v is the last squared gradient alone.
        config=_ON | {"beta2": 0.0},
    ),
    Recipe(
        name="amsgrad.decimal",
        why="AMSGrad with the usual betas: at beta2 = 0.999 only a spike keeps it apart from Adam.",
        flags=["amsgrad-memory", "scalar-format"],
        shapes=_SINGLE,
        params=normal(37, _SINGLE),
        grads=[[[30.0, -4.0], [9.0]], *scale(wild(38, 5, _SINGLE, -1, 0), 1 / 32)],
        axes=_SPANS,
        config=DEFAULTS | {"amsgrad": True},
        after=(1, 3, 6),
    ),
)
