"""Variants of half precision: right Adams that keep different things between two steps.

A step is taken in an order of operations of `dense`. What is kept of its result, and how it is
rounded there, is that of a library; `half_libraries` has the table.

    weights      the next step starts from
    rounded      param, the new weight rounded to T
    master       the new weight, in float32
    split        the same; param is its upper 16 bits
    compensated  param + lost, where lost is what the rounding of param lost, rounded to T
    stochastic   param, rounded up or down at random
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from ..truth.point import Point
from ..truth.reference import AdamConfig
from ..vectors.storage import NATIVE, STOCHASTIC, WIDE, DeclaredStorage
from .orders import Array
from .rounding import at_random, to_nearest, upper_half
from .subject import VariantOnArray
from .variant import Variant

Round = Callable[[Array, Any], Array]


class HalfOnArray:
    """A variant on one array of half precision.

    Args:
        variant: the order of operations.
        storage: what is kept. A moment in float32 needs operations in float32.
        config: the numbers.
        point: as for `VariantOnArray`; its formats are those of the operations.
        param: the starting point; its dtype is T. Not changed.
        round_weight: how the parameter is rounded from a weight of float32, where the storage says
            no more than that it is.
        random: for stochastic rounding.

    Raises:
        ValueError: no library of the table keeps this, or decays weights so.
    """

    def __init__(
        self,
        variant: Variant,
        storage: DeclaredStorage,
        config: AdamConfig,
        point: Point,
        param: Array,
        round_weight: Round = to_nearest,
        random: np.random.Generator | None = None,
    ) -> None:
        self.storage = storage
        self.param = param.copy()
        self._is_wide = storage.operations == WIDE
        if not self._is_wide:
            _check_native(storage, config)
        work = np.dtype(WIDE) if self._is_wide else param.dtype
        self._run = VariantOnArray(variant, config, point, param.astype(work))
        # What rounding lost of the parameter: only for `compensated`.
        self._lost = np.zeros_like(param)
        self._round = upper_half if storage.weights == "split" else round_weight
        self._random = random or np.random.default_rng(0)

    @property
    def m(self) -> Array:
        """The first moment as it is kept."""
        return self._run.m

    @property
    def v(self) -> Array:
        """The second moment as it is kept."""
        return self._run.v

    @property
    def v_max(self) -> Array:
        """AMSGrad's maximum, kept as v is."""
        return self._run.v_max

    def step(self, grad: Array) -> Array:
        """Take one step and return the parameter."""
        run = self._run
        self._start()
        run.step(grad.astype(run.param.dtype))
        # The update has used them before they are rounded here.
        run.m = self._as_kept(run.m, self.storage.m)
        run.v = self._as_kept(run.v, self.storage.v)
        run.v_max = self._as_kept(run.v_max, self.storage.v)
        self._keep(run.param)
        return self.param

    def _as_kept(self, moment: Array, form: str) -> Array:
        return moment.astype(self.param.dtype) if form == NATIVE else moment

    def _start(self) -> None:
        """Give the run the weight that its step starts from."""
        run = self._run
        if self.storage.weights in ("rounded", STOCHASTIC):
            run.param = self.param.astype(run.param.dtype)
        elif self.storage.weights == "compensated":
            lost = self._lost.astype(run.param.dtype)
            # In T the update is taken off what was lost, which has the digits for it.
            run.param = self.param.astype(WIDE) + lost if self._is_wide else lost
        # A master, or the two halves of one, is in the run already.

    def _keep(self, new: Array) -> None:
        """Keep what a step has made of the weight."""
        dtype = self.param.dtype
        if self.storage.weights == STOCHASTIC:
            self.param = at_random(new, dtype, self._random)
        elif self.storage.weights != "compensated":
            self.param = self._round(new, dtype)
        elif self._is_wide:
            self.param = self._round(new, dtype)
            self._lost = (new - self.param.astype(WIDE)).astype(dtype)
        else:
            old = self.param
            self.param = old + new
            self._lost = new + (old - self.param)


def _check_native(storage: DeclaredStorage, config: AdamConfig) -> None:
    """Raise ValueError if no variant rounds each operation to T and keeps this."""
    if storage.m != NATIVE or storage.v != NATIVE:
        raise ValueError(f"moments must be T where operations are, got {storage}")
    if storage.weights not in ("rounded", "compensated"):
        raise ValueError(
            "weights must be rounded or compensated where operations are in T, "
            f"got {storage.weights}"
        )
    # Decay is a part of the parameter, of which the run has only what was lost.
    if storage.weights == "compensated" and config.weight_decay:
        raise ValueError(
            f"weight_decay must be 0 where weights are compensated in T, got {config.weight_decay}"
        )


class HalfOnParameters:
    """A variant on a list of parameters of half precision, as the judge runs it."""

    def __init__(
        self,
        runs: Sequence[HalfOnArray],
        shapes: Sequence[tuple[int, ...]],
        slots: Sequence[str] = ("m", "v"),
    ) -> None:
        self._runs = list(runs)
        self._shapes = shapes
        self._slots = slots

    def step(self, grads: Sequence[Array]) -> list[Array]:
        for run, grad in zip(self._runs, grads, strict=True):
            run.step(np.atleast_1d(grad))
        return self._in_shape("param")

    def slots(self) -> dict[str, list[Array]]:
        return {name: self._in_shape(name) for name in self._slots}

    def save(self) -> list[HalfOnArray]:
        return deepcopy(self._runs)

    def restore(self, saved: list[HalfOnArray]) -> None:
        self._runs = deepcopy(saved)

    def _in_shape(self, name: str) -> list[Array]:
        pairs = zip(self._runs, self._shapes, strict=True)
        return [getattr(run, name).reshape(shape).copy() for run, shape in pairs]
