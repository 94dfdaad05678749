"""The ends of a format: zeros of both signs, subnormals, squares that vanish or overflow, NaN."""

import math
from collections.abc import Sequence

import numpy as np

from ...vectors.switches import TWO_MAXIMA, TWO_PLACES
from .recipe import DYADIC, Dense, Recipe, normal, wild, zeros

_SHAPES = ((4,), (2,))
_SIGNED_ZEROS = [[0.0, -0.0, 0.0, -0.0], [-0.0, 0.0]]

_IN_BOTH_FORMATS = (
    Recipe(
        name="extremes.zeros",
        why="Nothing but zeros of both signs at first: "
        "0 / epsilon is 0, and every parameter stays as it is.",
        flags=["zero-gradient", "signed-zero"],
        shapes=_SHAPES,
        params=[[1.5, -2.0, 0.0, -0.0], [0.25, -3.0]],
        grads=[*[_SIGNED_ZEROS] * 3, *wild(90, 2, _SHAPES)],
        axes=TWO_PLACES,
        config=DYADIC,
    ),
    Recipe(
        name="extremes.rate-zero",
        why="A learning rate of 0: moments move, parameters stay to the last bit, "
        "also where a gradient is 0.",
        flags=["zero-gradient", "rate-zero"],
        shapes=_SHAPES,
        params=normal(91, _SHAPES),
        grads=[[[0.0, 1.0, -2.0, 0.0], [0.5, 0.0]], *wild(92, 2, _SHAPES)],
        axes=TWO_PLACES,
        # Not left out: an Adam may take 0 for a number that is missing.
        config=DYADIC | {"learning_rate": 0.0},
    ),
)


def _with_first(numbers: Sequence[float], seed: int) -> Dense:
    """Return wild gradients with ``numbers`` as the first element of the first parameter."""
    calls = wild(seed, len(numbers), _SHAPES, -2, 1)
    for grads, number in zip(calls, numbers, strict=True):
        grads[0][0] = number
    return calls


def _small(dtype: str) -> tuple[Recipe, ...]:
    """Return the recipes with numbers near the smallest of a format."""
    least = float(np.finfo(dtype).smallest_subnormal)
    least_normal = float(np.finfo(dtype).smallest_normal)
    # A normal number, of which the square is below every number of the format.
    vanishing = least_normal**0.75
    return (
        Recipe(
            name="extremes.subnormal",
            why="Gradients below the smallest normal number, which an Adam may take for zero: "
            "nothing else may happen.",
            flags=["subnormal"],
            shapes=_SHAPES,
            params=zeros(_SHAPES),
            # From the smallest number of all to half of the smallest normal one.
            grads=_with_first([3 * least, -least_normal / 4, least, 0.5 * least_normal], 93),
            axes=TWO_PLACES,
            config=DYADIC,
            dtypes=[dtype],
        ),
        Recipe(
            name="extremes.square-vanishes",
            why="A gradient whose square is smaller than any number: "
            "v is 0, the step is learning_rate m / epsilon.",
            flags=["subnormal", "square-vanishes", "from-zero"],
            shapes=_SHAPES,
            params=zeros(_SHAPES),
            grads=_with_first([4 * vanishing, -8 * vanishing, 16 * vanishing, vanishing], 94),
            axes=TWO_PLACES,
            config=DYADIC,
            dtypes=[dtype],
        ),
    )


def _large(dtype: str) -> Recipe:
    """Return the recipe with squares near the largest number of a format."""
    # In float64 variants/fma.py emulates a fused multiply-add with products of 2^27.
    near = _root_of_largest(dtype) / (8 if dtype == "float32" else 2**16)
    return Recipe(
        name="extremes.large",
        why="Gradients whose squares are still just finite: no detour may overflow.",
        flags=["overflow"],
        shapes=_SHAPES,
        params=normal(95, _SHAPES),
        grads=_with_first([near, -near / 2, near / 4, near], 96),
        axes=TWO_PLACES,
        config=DYADIC,
        dtypes=[dtype],
    )


def _root_of_largest(dtype: str) -> float:
    largest = float(np.finfo(dtype).max)
    return math.sqrt(largest)


def _poison(dtype: str, name: str, why: str, flag: str, seed: int, poison: float) -> Recipe:
    """Return the recipe in which the second gradient of one element is ``poison``."""
    return Recipe(
        name=f"extremes.{name}",
        why=why,
        flags=[flag, "neighbours"],
        shapes=_SHAPES,
        params=normal(97, _SHAPES),
        grads=_with_first([1.0, poison, -0.5, 0.25], seed),
        axes=TWO_PLACES,
        config=DYADIC,
        dtypes=[dtype],
    )


_SPOILS = "spoils its own element from then on, and no other; it is never silently dropped."


def _not_finite(dtype: str) -> tuple[Recipe, ...]:
    """Return the recipes with an infinity or NaN, or with a square that becomes one."""
    return (
        _poison(
            dtype,
            name="square-overflows",
            why="A gradient whose square overflows leaves v and the parameter open, "
            "but not m, and no other element.",
            flag="overflow",
            seed=98,
            # Far above the root and far below the largest number: m stays finite.
            poison=2.0**30 * _root_of_largest(dtype),
        ),
        _poison(
            dtype,
            name="infinite",
            why=f"An infinite gradient {_SPOILS}",
            flag="not-finite",
            seed=99,
            poison=np.inf,
        ),
        _poison(
            dtype,
            name="negative-infinite",
            why=f"A gradient of minus infinity {_SPOILS}",
            flag="not-finite",
            seed=100,
            poison=-np.inf,
        ),
        _poison(
            dtype,
            name="nan",
            why=f"A gradient that is not a number {_SPOILS}",
            flag="not-finite",
            seed=101,
            poison=np.nan,
        ),
        Recipe(
            name="extremes.nan-amsgrad",
            why="With AMSGrad a maximum may drop a NaN; the parameter may not.",
            flags=["not-finite", "neighbours", "amsgrad-memory"],
            shapes=_SHAPES,
            params=normal(102, _SHAPES),
            # Usual gradients before and after, which must not heal the element.
            grads=_with_first([1.0, np.nan, -0.5, 0.25], 103),
            axes=TWO_PLACES | TWO_MAXIMA,
            config=DYADIC | {"amsgrad": True},
            dtypes=[dtype],
        ),
    )


# The ends of the two formats are different numbers, so each has recipes of its own.
EXTREMES = (
    *_IN_BOTH_FORMATS,
    *_small("float32"),
    _large("float32"),
    *_not_finite("float32"),
    *_small("float64"),
    _large("float64"),
    *_not_finite("float64"),
)
