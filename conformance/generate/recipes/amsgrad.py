"""Inputs about AMSGrad: what the maximum is taken of, and that it is remembered."""

from collections.abc import Iterator

from ...truth.spans import TWO_MAXIMA, TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DEFAULTS, DYADIC, normal, vector, wild

MAXIMA = TWO_MAXIMA | {"amsgrad_bias_correction": ["both", "none"]}


def amsgrad() -> Iterator[VectorSpec]:
    on = {"amsgrad": True}
    small = [[g / 64 for g in call] for call in wild(32, 7, (3, 2), -1, 0)]
    yield from vector(
        "amsgrad.spike-then-small",
        "A spike, then gradients far below it: the maximum must stay, and v must fall beneath it.",
        ["amsgrad-memory", "spike"],
        ((3,), (2,)),
        normal(31, (3, 2)),
        [[[40.0, -6.0, 1.0], [3.0, -90.0]], *small],
        TWO_PLACES | MAXIMA,
        config=DYADIC | on,
        after=(1, 2, 3, 5, 8),
    )
    yield from vector(
        "amsgrad.rises-and-falls",
        "Gradients that rise, fall and rise again: the maximum changes hands, element by element.",
        ["amsgrad-memory", "several-parameters"],
        ((4,), (1,), (2,)),
        normal(33, (4, 1, 2)),
        [
            [g * s for g in call]
            for call, s in zip(
                wild(34, 6, (4, 1, 2), -1, 1), (1, 5, 0.1, 0.1, 20, 0.5), strict=True
            )
        ],
        TWO_PLACES | TWO_MAXIMA,
        config=DYADIC | on,
        after=(1, 2, 4, 6),
    )
    yield from vector(
        "amsgrad.loaded-maximum",
        "A maximum from before: it must be loaded, used and kept.",
        ["amsgrad-memory", "loaded-state"],
        ((3,), (2,)),
        normal(35, (3, 2)),
        wild(36, 3, (3, 2), -1, 0),
        TWO_PLACES | TWO_MAXIMA,
        config=DYADIC | on,
        load={
            "t": [5, 5],
            "m": [[0.5, -3.0, 0.125], [0.25, -1.0]],
            "v": [[0.75, 9.0, 0.03125], [7.0, 2.0]],
            "v_max": [[16.0, 9.0, 0.5], [7.0, 32.0]],
        },
    )
    yield from vector(
        "amsgrad.beta2-zero",
        "Without a second moment AMSGrad's maximum is all that lasts.",
        ["amsgrad-memory", "betas"],
        ((3,), (2,)),
        normal(143, (3, 2)),
        [[[2.0, -3.0, 0.5], [8.0, 2.0]], *wild(144, 3, (3, 2), -2, 0)],
        TWO_PLACES | TWO_MAXIMA,
        config=DYADIC | on | {"beta2": 0.0},
    )
    yield from vector(
        "amsgrad.decimal",
        "AMSGrad with the usual betas: at beta2 = 0.999 only a spike keeps it apart from Adam.",
        ["amsgrad-memory", "scalar-format"],
        ((2,), (1,)),
        normal(37, (2, 1)),
        [[[30.0, -4.0], [9.0]], *[[g / 32 for g in call] for call in wild(38, 5, (2, 1), -1, 0)]],
        TWO_PLACES | TWO_MAXIMA,
        config=DEFAULTS | on,
        after=(1, 3, 6),
    )
