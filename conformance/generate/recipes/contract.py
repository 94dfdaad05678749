"""Inputs about the contract: missing gradients, shapes, and the formats of scalars."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ...truth.spans import COUNTING, TWO_PLACES
from ...vectors.spec import VectorSpec
from .build import DEFAULTS, normal, vector, wild


def none_gradient() -> Iterator[VectorSpec]:
    sizes, shapes = (2, 1, 2), ((2,), (1,), (2,))
    full = wild(40, 5, sizes)

    def with_none(*missing: Sequence[int]) -> list[list[NDArray[np.float64] | None]]:
        return [
            [None if at in gone else g for at, g in enumerate(call)]
            for call, gone in zip(full, missing, strict=True)
        ]

    yield from vector(
        "none-gradient.late-first",
        "The last parameter has its first gradient in the third call: its t is 3 or 1, its moments are zero.",
        ["late-first-gradient", "several-parameters"],
        shapes,
        normal(39, sizes),
        with_none((2,), (2,), (), (), ()),
        TWO_PLACES | COUNTING,
    )
    yield from vector(
        "none-gradient.now-and-then",
        "Gradients that come and go: None read as zero would decay the moments and move the parameter.",
        ["none-is-not-zero", "several-parameters"],
        shapes,
        normal(41, sizes),
        with_none((), (0,), (0, 1), (2,), ()),
        TWO_PLACES | COUNTING,
    )
    yield from vector(
        "none-gradient.all",
        "The third call has no gradient at all: an error, nothing, or a step that counts.",
        ["none-is-not-zero", "all-none"],
        shapes,
        normal(42, sizes),
        with_none((), (1,), (0, 1, 2), (), ()),
        TWO_PLACES | COUNTING,
        after=(2, 4, 5),
    )


def step_scope() -> Iterator[VectorSpec]:
    sizes, shapes = (2, 1, 3), ((2,), (1,), (3,))
    first, second, third, fourth = wild(53, 4, sizes)
    yield from vector(
        "step-scope.never",
        "A parameter that never has a gradient: it stays as it is, and its moments are zero or not there.",
        ["none-is-not-zero", "several-parameters"],
        shapes,
        normal(54, sizes),
        [[call[0], None, call[2]] for call in (first, second, third)],
        TWO_PLACES | {"step_scope": ["optimizer", "parameter"]},
    )
    yield from vector(
        "step-scope.all-none-first",
        "The first two calls have no gradient at all: the first one that has is the first step, or the third.",
        ["all-none", "late-first-gradient"],
        shapes,
        normal(55, sizes),
        [[None] * 3, [None] * 3, first, second],
        TWO_PLACES
        | {"step_scope": ["optimizer", "parameter"], "all_none": ["error", "no_op", "count"]},
        after=(3, 4),
    )
    yield from vector(
        "step-scope.taking-turns",
        "One gradient at a time, in turns: after six calls each parameter has had two.",
        ["none-is-not-zero", "several-parameters"],
        shapes,
        normal(56, sizes),
        [
            [g if at == call % 3 else None for at, g in enumerate(grads)]
            for call, grads in enumerate((first, second, third, fourth, first, second))
        ],
        TWO_PLACES
        | {"step_scope": ["optimizer", "parameter"], "none_gradient": ["skip", "skip_but_count"]},
        after=(3, 6),
    )
    yield from vector(
        "step-scope.loaded-apart",
        "Parameters that have taken 0, 2 and 7 steps, each with its own bias correction.",
        ["loaded-state", "several-parameters", "bias-power"],
        shapes,
        normal(57, sizes),
        [first, second, third],
        TWO_PLACES | {"step_scope": ["parameter"]},
        load={
            "t": [0, 2, 7],
            "m": [[0.0, 0.0], [0.25], [0.5, -3.0, 0.125]],
            "v": [[0.0, 0.0], [0.5], [0.75, 9.0, 0.25]],
        },
    )


def shapes() -> Iterator[VectorSpec]:
    odd = (1, 3, 7, 8, 9, 15, 16, 17, 33)
    yield from vector(
        "shapes.tails",
        "Lengths around the widths of vector registers: the last elements are updated like the first.",
        ["tails", "several-parameters"],
        tuple((n,) for n in odd),
        normal(43, odd),
        wild(44, 3, odd),
        TWO_PLACES,
        after=(1, 3),
    )
    ranks: tuple[tuple[int, ...], ...] = ((), (1,), (1, 1), (2, 3), (3, 1, 2), (2, 1, 1, 2))
    sizes = tuple(int(np.prod(shape, dtype=int)) for shape in ranks)
    yield from vector(
        "shapes.ranks",
        "From a scalar to four axes: the shape comes back as it was.",
        ["ranks"],
        ranks,
        normal(45, sizes),
        wild(46, 3, sizes),
        TWO_PLACES,
    )
    yield from vector(
        "shapes.empty",
        "Empty parameters among others: none of the others is left out.",
        ["empty"],
        ((1,), (1,), (0,), (1,), (0, 3)),
        normal(47, (1, 1, 0, 1, 0)),
        wild(48, 3, (1, 1, 0, 1, 0)),
        TWO_PLACES,
    )


def arithmetic() -> Iterator[VectorSpec]:
    for name, seed, why, config in (
        ("usual-betas", 50, "The usual betas over ten steps.", DEFAULTS),
        (
            "beta2-near-one",
            51,
            "beta2 = 0.9999: rounding beta2 before it is subtracted from 1 changes the first step by 8 in 100,000.",
            {"learning_rate": 3e-4, "beta1": 0.99, "beta2": 0.9999, "epsilon": 1e-6},
        ),
        (
            "rate-and-epsilon",
            52,
            "A learning rate and an epsilon that binary32 has not, both large enough to be seen.",
            {"learning_rate": 0.1, "beta1": 0.3, "beta2": 0.6, "epsilon": 0.7},
        ),
    ):
        yield from vector(
            f"arithmetic.{name}",
            why,
            ["scalar-format", "from-zero"],
            ((3,), (2,)),
            [np.zeros(3), np.zeros(2)],
            wild(seed, 10, (3, 2), -1, 1),
            TWO_PLACES,
            config=config,
            after=(1, 2, 5, 10),
        )
