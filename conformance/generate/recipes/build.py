"""How the input of a vector is written down."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...truth.spans import PLACES
from ...vectors.inputs import Call, Inputs
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.spec import VectorSpec
from ...vectors.words import Array

Numbers = Sequence[float] | Array


class Rows(NamedTuple):
    """Slices of a parameter, to be written as a sparse gradient."""

    indices: Sequence[int]
    values: Any


DYADIC = {"learning_rate": 2.0**-6, "beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10}
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
SOURCE = "adamref 0.1.0, recipe"


def vector(
    name: str,
    why: str,
    flags: Sequence[str],
    shapes: Sequence[Sequence[int]],
    params: Sequence[Numbers],
    steps: Sequence[Sequence[Numbers | Rows | None]],
    axes: dict[str, list[str]] = PLACES,
    config: dict[str, Any] = DYADIC,
    after: Sequence[int] = (),
    rates: Sequence[float] = (),
    load: dict[str, Any] | None = None,
    dtypes: Sequence[str] = ("float32", "float64"),
    **rest: Any,
) -> Iterator[VectorSpec]:
    """The vector ``name`` ("topic.name") in each of ``dtypes``; ``rest``: level, tile, relation or cycle."""
    topic, _, name = name.partition(".")
    for dtype in dtypes:
        numbers = {
            k: v for k, v in config.items() if k in ("learning_rate", "beta1", "beta2", "epsilon")
        }
        switches = {k: v for k, v in config.items() if k not in numbers}
        calls = [
            Call(
                [_grad(g, dtype, shape) for g, shape in zip(grads, shapes, strict=True)],
                rates[at] if rates else None,
            )
            for at, grads in enumerate(steps)
        ]
        slots = load and {k: [np.array(x, dtype) for x in v] for k, v in load.items() if k != "t"}
        start = (slots, list(load["t"])) if load and slots else None
        inputs = Inputs(
            numbers, switches, [np.array(p, dtype).ravel() for p in params], calls, start
        )
        yield VectorSpec(
            id=f"{topic}.f{dtype.removeprefix('float')}.{name}",
            inputs=inputs,
            axes=axes,
            why=why,
            flags=flags,
            source=f"{SOURCE} {topic}.{name}",
            shapes=shapes,
            after=after,
            **rest,
        )


def _grad(grad: Numbers | Rows | None, dtype: str, shape: Sequence[int]) -> Grad | None:
    if not isinstance(grad, Rows):
        return None if grad is None else np.array(grad, dtype).ravel()
    indices = np.array(grad.indices, np.int64)
    return IndexedSlices(
        np.array(grad.values, dtype).reshape(len(indices), *shape[1:]), indices, tuple(shape)
    )


def wild(
    seed: int, steps: int, sizes: Sequence[int], low: float = -3, high: float = 2
) -> list[list[NDArray[np.float64]]]:
    """Gradients of both signs, their size spread from 10^low to 10^high; the last element is sometimes zero."""
    rng = np.random.default_rng(seed)
    calls = []
    for at in range(steps):
        call = [
            np.round(rng.normal(size=n) * 10 ** rng.uniform(low, high, n), 12 - int(low))
            for n in sizes
        ]
        for grad in call:
            grad[-1:] *= at % 3 != 1
        calls.append(call)
    return calls


def normal(seed: int, sizes: Sequence[int]) -> list[NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return [np.round(rng.normal(size=n), 3) for n in sizes]
