"""Inputs that are run twice: as they are, and changed in a way that must not change what comes of them."""

from collections.abc import Iterator

from ...truth.spans import PLACES, TWO_MAXIMA, TWO_PLACES
from ...vectors.spec import Relation, VectorSpec
from .build import DYADIC, normal, vector, wild

SHAPES, SIZES = ((5,), (2, 3), (), (1,)), (5, 6, 1, 1)


def relations() -> Iterator[VectorSpec]:
    for name, seed, why, relation, config in (
        (
            "scale",
            130,
            "Gradients and epsilon times 2^20: Adam has no other scale, so parameters are the same to the last bit.",
            {"kind": "scale", "power": 20},
            DYADIC,
        ),
        (
            "scale-down-amsgrad",
            131,
            "Gradients and epsilon times 2^-12, with AMSGrad: the same to the last bit.",
            {"kind": "scale", "power": -12},
            DYADIC | {"amsgrad": True},
        ),
        (
            "negate",
            132,
            "All signs turned around: every result has the other sign and the same bits.",
            {"kind": "negate"},
            DYADIC,
        ),
        (
            "reverse",
            133,
            "Parameters and elements in reverse order: none may depend on its place.",
            {"kind": "reverse"},
            DYADIC,
        ),
        (
            "split",
            134,
            "Every element a parameter of its own: none may depend on its neighbours, or on how many there are.",
            {"kind": "split"},
            DYADIC,
        ),
        (
            "resume",
            135,
            "Saved after the second step and restored into a new one, while the old one goes on: nothing is lost.",
            {"kind": "resume", "after": 2},
            DYADIC,
        ),
        (
            "resume-amsgrad",
            136,
            "Saved and restored with AMSGrad: the maximum is saved too.",
            {"kind": "resume", "after": 3},
            DYADIC | {"amsgrad": True},
        ),
    ):
        amsgrad = TWO_MAXIMA if "amsgrad" in config else {}
        gradients = wild(seed, 5, SIZES, -2, 1)
        if "resume" in name:  # a maximum that is lost must have been worth keeping
            gradients = [
                [g * (8 if call == 1 else 0.5) for g in grads]
                for call, grads in enumerate(gradients)
            ]
        yield from vector(
            f"relations.{name}",
            why,
            [f"relation-{relation['kind']}", "several-parameters"],
            SHAPES,
            normal(seed + 10, SIZES),
            gradients,
            # Under the root epsilon has the scale of a square, and takes another power.
            (TWO_PLACES if amsgrad or relation["kind"] == "scale" else PLACES) | amsgrad,
            config,
            after=(1, 3, 5),
            relation=Relation(**relation),
        )
