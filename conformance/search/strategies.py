"""Inputs for Hypothesis to search: configurations, and trajectories of gradients through several parameters.

Whatever is drawn shrinks towards one parameter of one element, one step, gradients of 1, and everything optional off.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..vectors.inputs import Call, Inputs
from ..vectors.slices import Grad, IndexedSlices

# What each number is drawn from, the simplest first: dyadic, so that algebra shows whatever the arithmetic.
DYADIC: dict[str, tuple[float, ...]] = {
    "learning_rate": (2.0**-6, 1.0, 2.0**-3),
    "beta1": (0.5, 0.75, 0.25, 0.0),
    "beta2": (0.75, 0.5, 0.25, 0.0),
    "epsilon": (2.0**-10, 1.0, 2.0**-20, 2.0**-3, 0.0),
    "weight_decay": (0.5, 1.0, 0.125, 2.0),
    "epsilon_root": (2.0**-10, 1.0, 2.0**-20),
    "clipvalue": (1.0, 4.0, 0.25),
    "clipnorm": (5.0, 1.0, 2.0**-20),
    "global_clipnorm": (5.0, 1.0, 2.0**-20),
}
DECIMAL = DYADIC | {
    "beta1": (0.9, 0.5, 0.8),
    "beta2": (0.999, 0.99, 0.75),
    "learning_rate": (0.001, 0.1),
}
_EXPONENTS = (0, -1, 2, -3, 4, -6, -10, -13, 10, -20)


def numbers(largest: int = 15) -> st.SearchStrategy[float]:
    """A few digits times a power of two, of either sign, or zero."""
    parts = st.tuples(st.integers(0, largest), st.sampled_from(_EXPONENTS), st.booleans())
    return parts.map(lambda part: (-1.0 if part[2] else 1.0) * part[0] * 2.0 ** part[1])


@st.composite
def inputs(
    draw: st.DrawFn,
    switches: Collection[str] = (),
    needed: Collection[str] = (),
    supports: Collection[str] = (),
    pool: dict[str, tuple[float, ...]] = DYADIC,
    dtype: str = "float32",
    steps: int = 6,
    largest: int = 15,
) -> Inputs:
    """What a subject is given.

    Args:
        draw: of Hypothesis.
        switches: those that may be on.
        needed: those that are.
        supports: `none`, `sparse`, `schedule`, `load` where such may come.
        pool: what numbers are drawn from.
        dtype: of the arrays.
        steps: at most.
        largest: integer that an element is a power of two times of.
    """
    four = {
        name: draw(st.sampled_from(pool[name]))
        for name in ("learning_rate", "beta1", "beta2", "epsilon")
    }
    on: dict[str, float | bool] = {}
    for name in sorted({*switches, *needed}):
        if name in needed or draw(st.booleans()):
            on[name] = (
                True if name in ("amsgrad", "maximize") else draw(st.sampled_from(pool[name]))
            )
    shapes = [draw(st.sampled_from(((1,), (2,), (3,)))) for _ in range(draw(st.integers(1, 3)))]
    params = [_array(draw, shape, dtype, largest) for shape in shapes]
    kinds = ["dense", *(kind for kind in ("none", "sparse") if kind in supports)]
    calls = []
    for _ in range(draw(st.integers(1, steps))):
        grads = [
            _grad(draw, draw(st.sampled_from(kinds)), shape, dtype, largest) for shape in shapes
        ]
        # Whether a rate is kept that came with a call that raised, nobody says.
        may = "schedule" in supports and any(grad is not None for grad in grads)
        calls.append(
            Call(grads, draw(st.sampled_from((None, *pool["learning_rate"]))) if may else None)
        )
    return Inputs(four, on, params, calls)


def _array(draw: Any, shape: tuple[int, ...], dtype: str, largest: int) -> Any:
    size = int(np.prod(shape))
    return np.array(draw(st.lists(numbers(largest), min_size=size, max_size=size)), dtype).reshape(
        shape
    )


def _grad(draw: Any, kind: str, shape: tuple[int, ...], dtype: str, largest: int) -> Grad | None:
    if kind == "none":
        return None
    if kind == "dense":
        return np.asarray(_array(draw, shape, dtype, largest))
    rows = draw(st.lists(st.integers(0, shape[0] - 1), max_size=3))
    return IndexedSlices(
        _array(draw, (len(rows), *shape[1:]), dtype, largest), np.array(rows, np.int64), shape
    )
