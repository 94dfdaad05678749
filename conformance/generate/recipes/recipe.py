"""Recipes: inputs of vectors, written down by hand.

For example,

    Recipe(
        name="basic.from-zero",
        why="Parameters start at zero, so that the step is not hidden by their rounding.",
        flags=["from-zero"],
        shapes=PAIR,
        params=zeros(PAIR),
        grads=wild(5, 4, PAIR),
    )

makes the inputs of the vectors `basic.f32.from-zero` and `basic.f64.from-zero`. A vector is frozen
once it is written: the generator takes a recipe only where no frozen vector has its id.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...vectors.inputs import Call, Inputs
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.spec import Relation, VectorSpec
from ...vectors.switches import HYPERPARAMETERS
from ...vectors.words import Array

Shapes = Sequence[tuple[int, ...]]
Numbers = Sequence[float] | Array
# The first version of adamref that had recipes: the source of a frozen vector never changes.
SOURCE = "adamref 0.1.0, recipe"

# Every power of these betas, and 1 minus it, is exact in binary32 for the first twelve steps.
DYADIC = {"learning_rate": 2.0**-6, "beta1": 0.5, "beta2": 0.75, "epsilon": 2.0**-10}
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

# Two parameters, because an Adam with one state for all parameters is right with one of them.
PAIR: Shapes = ((3,), (2,))


class RowSlices(NamedTuple):
    """Slices of some rows of a parameter: a sparse gradient."""

    indices: Sequence[int]
    values: Any


# Dense gradients, by call and parameter.
Dense = list[list[NDArray[np.float64]]]
# The gradients of one call, one for each parameter; None where there is none.
CallGrads = Sequence[Numbers | RowSlices | None]


class Load(NamedTuple):
    """The state from which a vector starts: steps taken, and moments, one entry a parameter."""

    t: Sequence[int]
    m: Sequence[Numbers]
    v: Sequence[Numbers]
    v_max: Sequence[Numbers] | None = None


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The input of a vector, in each of ``dtypes``.

    Attributes:
        name: topic and name, as in `basic.from-zero`; the id has the dtype between them.
        why: the purpose, in one sentence.
        flags: the kinds of mistakes that it finds; flags.json explains them.
        shapes: of the parameters.
        params: the numbers of each parameter, flat.
        grads: for each call the gradients, flat.
        axes: axis -> the values that have answers, see `vectors.switches`.
        config: Adam's four numbers, and what is on besides them.
        after: the calls, from 1, after which there are answers; left out, it is all calls.
        rates: the learning rate that each call passes, if any does; None passes none.
        scales: the loss scale of each call, if calls have one; ``grads`` are multiplied by it.
        load: the state from which it starts.
        dtypes: in which there is a vector.
        level, tile, relation, cycle: as in `VectorSpec`.
        form: `complex` if the last axis has both parts of complex numbers.
    """

    name: str
    why: str
    flags: Sequence[str]
    shapes: Shapes
    params: Sequence[Numbers]
    grads: Sequence[CallGrads]
    axes: Mapping[str, Sequence[str]]
    config: Mapping[str, Any]
    after: Sequence[int] = ()
    rates: Sequence[float | None] = ()
    scales: Sequence[float] = ()
    load: Load | None = None
    dtypes: Sequence[str] = ("float32", "float64")
    level: str = "core"
    tile: int | None = None
    relation: Relation | None = None
    cycle: int | None = None
    form: str | None = None

    def specs(self) -> Iterator[VectorSpec]:
        """Yield the specification of the vector in each dtype."""
        topic, _, name = self.name.partition(".")
        for dtype in self.dtypes:
            short = dtype.replace("float", "f")
            yield VectorSpec(
                id=f"{topic}.{short}.{name}",
                inputs=self._inputs(dtype),
                axes=self.axes,
                why=self.why,
                flags=self.flags,
                source=f"{SOURCE} {self.name}",
                shapes=self.shapes,
                level=self.level,
                tile=self.tile,
                relation=self.relation,
                cycle=self.cycle,
                after=self.after,
            )

    def _inputs(self, dtype: str) -> Inputs:
        numbers = {name: self.config[name] for name in HYPERPARAMETERS}
        switches = {
            name: value for name, value in self.config.items() if name not in HYPERPARAMETERS
        }
        params = [_flat(param, dtype) for param in self.params]
        rates: Sequence[float | None] = self.rates or [None for _ in self.grads]
        scales: Sequence[float | None] = self.scales or [None for _ in self.grads]
        calls = [
            Call(self._call_grads(grads, dtype), rate, loss_scale)
            for grads, rate, loss_scale in zip(self.grads, rates, scales, strict=True)
        ]
        return Inputs(numbers, switches, params, calls, self._loaded(dtype), form=self.form)

    def _call_grads(self, grads: CallGrads, dtype: str) -> list[Grad | None]:
        pairs = zip(grads, self.shapes, strict=True)
        return [_grad(grad, dtype, shape) for grad, shape in pairs]

    def _loaded(self, dtype: str) -> tuple[dict[str, list[Array]], list[int]] | None:
        if self.load is None:
            return None
        slots = {"m": self.load.m, "v": self.load.v}
        if self.load.v_max is not None:
            slots["v_max"] = self.load.v_max
        arrays = {}
        for name, slot in slots.items():
            arrays[name] = [_flat(array, dtype) for array in slot]
        return arrays, list(self.load.t)


def _flat(numbers: Numbers, dtype: str) -> Array:
    return np.array(numbers, dtype).ravel()


def _grad(grad: Numbers | RowSlices | None, dtype: str, shape: tuple[int, ...]) -> Grad | None:
    if grad is None:
        return None
    if not isinstance(grad, RowSlices):
        return _flat(grad, dtype)
    indices = np.array(grad.indices, np.int64)
    values = np.array(grad.values, dtype).reshape(len(indices), *shape[1:])
    return IndexedSlices(values, indices, shape)


# A seed is any number that no other recipe of the file has. Another one is another vector.


def wild(seed: int, calls: int, shapes: Shapes, low: float = -3, high: float = 2) -> Dense:
    """Return gradients of both signs, flat, with sizes between 10^low and 10^high.

    The last element of each is zero in every third call, because an Adam may mistake a gradient
    of zero for none.
    """
    rng = np.random.default_rng(seed)
    # Twelve digits of the smallest: more would only make the decimals long.
    digits = 12 - int(low)
    gradients = []
    for call in range(calls):
        grads = []
        for shape in shapes:
            count = prod(shape)
            signed = rng.normal(size=count) * 10 ** rng.uniform(low, high, count)
            grads.append(np.round(signed, digits))
        if call % 3 == 1:
            for grad in grads:
                # A product keeps the sign, so that zeros of both signs occur.
                grad[-1:] *= 0
        gradients.append(grads)
    return gradients


def normal(seed: int, shapes: Shapes) -> list[NDArray[np.float64]]:
    """Return parameters of usual sizes, flat, with decimals that are short to read."""
    rng = np.random.default_rng(seed)
    return [np.round(rng.normal(size=prod(shape)), 3) for shape in shapes]


def zeros(shapes: Shapes) -> list[NDArray[np.float64]]:
    """Return parameters at zero, flat."""
    return [np.zeros(prod(shape)) for shape in shapes]


def scale(gradients: Sequence[Sequence[Numbers]], factors: float | Sequence[float]) -> Dense:
    """Return dense gradients times one factor, or those of each call times a factor of its own."""
    if isinstance(factors, float):
        factors = [factors for _ in gradients]
    calls = []
    for call, factor in zip(gradients, factors, strict=True):
        calls.append([np.multiply(grad, factor) for grad in call])
    return calls


def drop(
    gradients: Sequence[CallGrads], missing: Sequence[Sequence[int]]
) -> list[list[Numbers | RowSlices | None]]:
    """Return the gradients without those of some parameters: for each call, the ones to drop."""
    calls: list[list[Numbers | RowSlices | None]] = []
    for grads, dropped in zip(gradients, missing, strict=True):
        calls.append(list(grads))
        for param in dropped:
            calls[-1][param] = None
    return calls
