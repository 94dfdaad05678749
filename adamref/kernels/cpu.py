"""Adam on processors, by Numba: many parameters in one parallel region, in place.

The bits are those of `adamref.step`, whatever the number of threads, the sizes, and what is stepped together.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from operator import is_, is_not
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from ..scalars import choices, corrects, formats, scalars
from ..step import state_dtypes
from . import walk
from .compiled import patience
from .element import numbers
from .job import Job, fused_rules
from .memory import STORAGE
from .table import GRAD, Extents, Table, address, apart, blocks
from .threads import threads

Array = NDArray[Any]

# From how many elements on it is worth to wake other threads; measured.
PARALLEL = 20_000


def run(jobs: Sequence[Job]) -> None:
    """Step all jobs, in place."""
    kinds: dict[tuple[Any, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        kinds[(*_names(job.param, job.grad, job.m), job.v_max is None, job.square is None)].append(job)
    for (*names, no_maximum, no_squares), members in kinds.items():
        own = np.array([job.numbers for job in members], members[0].m.dtype)
        streams = [(job.param, job.grad, job.m, job.v, job.v_max, job.square) for job in members]
        table = np.array([(*map(address, arrays), at) for at, arrays in enumerate(streams)], np.int64)
        kind = (*(STORAGE[name] for name in names), None if no_maximum else True, None if no_squares else True)
        sizes = [job.param.size for job in members]
        with patience("a kernel for processors"):
            _launch(sum(sizes) >= PARALLEL, table, _blocks(sizes), own, None, 0, kind)


class _Group(NamedTuple):
    """Parameters of one kind: what the walk takes, and which parameters they are."""

    at: list[int]
    wide: bool
    table: Table
    blocks: Table
    numbers: Array
    constants: Array
    kind: tuple[Any, ...]


class FusedAdam:
    """Adam on arrays of the caller, in place: every parameter has a dense gradient in every step.

    Args:
        params: NumPy arrays of float32, float64, float16 or bfloat16, C-contiguous and writeable, none overlapping with
            another. They are stepped where they are.
        config: the numbers and switches. Clipping is the caller's.
        convention: a name of `CONVENTIONS`, or a Convention.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.

    Attributes:
        params, m, v, v_max: the arrays; moments of halves are float32; ``v_max`` is None without AMSGrad.
        t: steps taken.

    Raises:
        ValueError: the convention is unknown or lacks a feature; a parameter cannot be stepped in place.

    >>> weights = np.array([1.0, -2.0])
    >>> adam = FusedAdam([weights], AdamConfig(learning_rate=0.5, epsilon=0.0))
    >>> adam.step([np.array([3.0, -0.25])])
    >>> weights
    array([ 0.5, -1.5])
    """

    def __init__(
        self,
        params: Sequence[Array],
        config: AdamConfig | None = None,
        convention: str | Convention = "paper",
        arithmetic: Arithmetic | None = None,
    ) -> None:
        self.config = config or AdamConfig()
        self.convention, self.arithmetic = fused_rules(self.config, convention, arithmetic)
        self.params = list(params)
        for at, param in enumerate(self.params):
            _check_param(f"params[{at}]", param)
        state = [np.float64 if param.dtype == np.float64 else np.float32 for param in self.params]
        self.m, self.v, *rest = (
            [apart(param, dtype, turn) for param, dtype in zip(self.params, state, strict=True)]
            for turn in ((1, 2, 3) if self.config.amsgrad else (1, 2))
        )
        self.v_max = rest[0] if rest else None
        self.t = 0
        owned = {"params": self.params, "m": self.m, "v": self.v, "v_max": self.v_max or []}
        self._extents = Extents((f"{name}[{at}]", a) for name, arrays in owned.items() for at, a in enumerate(arrays))
        self._bound: list[Any] = []
        self._ready: list[Array] = []
        self._groups: list[_Group] = []
        self._bind([np.zeros(param.shape, param.dtype) for param in self.params])
        with patience("kernels for processors"):
            for group in self._groups:
                for wide in (False, True):
                    _launch(wide, group.table, group.blocks[:0], group.numbers, group.constants, 1, group.kind)

    def step(self, grads: Sequence[Array], learning_rate: float | None = None) -> None:
        """Take one step.

        Args:
            grads: one entry a parameter: of its shape, in its dtype or that of its moments. Not changed, and kept until
                the next step: the same arrays, filled anew, are the fastest.
            learning_rate: of this step and the following ones; None is the one before.

        Raises:
            ValueError: a gradient does not fit. Nothing has changed then.
        """
        config = self.config
        if learning_rate is not None and learning_rate != config.learning_rate:
            config = replace(config, learning_rate=learning_rate)
        if len(grads) != len(self._bound) or any(map(is_not, grads, self._bound)):
            self._bind(grads)
        if config is not self.config:
            self.config = config
            for group in self._groups:
                group.constants[0] = formats(self.arithmetic, group.numbers.dtype)[0](config.learning_rate)
        self.t += 1
        for group in self._groups:
            _launch(group.wide, group.table, group.blocks, group.numbers, group.constants, self.t, group.kind)

    def _bind(self, grads: Sequence[Array]) -> None:
        """Take other gradients than in the step before."""
        if len(grads) != len(self.params):
            raise ValueError(f"grads must have one entry a parameter, {len(self.params)}, got {len(grads)}")
        ready = [self._checked(at, grad) for at, grad in enumerate(grads)]
        # Ten times as fast as by NumPy, which counts for a thousand gradients.
        starts = [walk.address(grad.reshape(-1).view(np.uint8)) for grad in ready]
        for at, start in enumerate(starts):
            if not self._extents.free(start, ready[at].nbytes):
                raise ValueError(f"grads[{at}] must not overlap with what is stepped; hand over a copy of it")
        if [grad.dtype for grad in ready] != [grad.dtype for grad in self._ready]:
            self._groups = self._grouped(ready)
        for group in self._groups:
            group.table[:, GRAD] = [starts[at] for at in group.at]
        self._ready = ready
        # What had to be copied is copied anew in the next step.
        self._bound = list(grads) if all(map(is_, grads, ready)) else []

    def _checked(self, at: int, grad: Any) -> Array:
        """A gradient as the walk takes it: the given one, or a copy in C order and native bytes."""
        param = self.params[at]
        if type(grad) is np.ndarray and grad.dtype is param.dtype and grad.shape == param.shape:
            return grad if grad.flags.c_contiguous else np.array(grad, order="C")
        name = f"grads[{at}]"
        if not isinstance(grad, np.ndarray):
            rule = "be a NumPy array here"
            raise ValueError(f"{name} must {rule}, got {type(grad).__name__}; adamref.Adam takes others")  # noqa: TRY004
        if grad.shape != param.shape:
            raise ValueError(f"{name} must have the shape of its parameter {param.shape}, got {grad.shape}")
        native = grad.dtype.newbyteorder("=")
        if native not in (param.dtype, self.m[at].dtype):
            raise ValueError(f"{name} must have the dtype of its parameter, {param.dtype}, got {grad.dtype}")
        return np.asarray(grad, native, order="C")

    def _grouped(self, grads: Sequence[Array]) -> list[_Group]:
        kinds: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, grad in enumerate(grads):
            kinds[_names(self.params[at], grad, self.m[at])].append(at)
        return [self._group(names, members) for names, members in kinds.items()]

    def _group(self, names: tuple[str, ...], members: list[int]) -> _Group:
        dtype = np.dtype(names[2])
        v_max = [None if self.v_max is None else self.v_max[at] for at in members]
        streams = [
            (self.params[at], None, self.m[at], self.v[at], largest, None)
            for at, largest in zip(members, v_max, strict=True)
        ]
        table = np.array([(*map(address, arrays), 0) for arrays in streams], np.int64)
        sizes = [self.params[at].size for at in members]
        first = scalars(self.config, self.convention, self.arithmetic, 1, dtype)
        own = np.array([numbers(self.config, self.convention, first)], dtype)
        constants = np.array(constants_of(self.config, self.convention, self.arithmetic, dtype))
        kind = (*(STORAGE[name] for name in names), True if self.config.amsgrad else None, None)
        return _Group(members, sum(sizes) >= PARALLEL, table, _blocks(sizes), own, constants, kind)


def constants_of(
    config: AdamConfig, convention: Convention, arithmetic: Arithmetic, dtype: "np.dtype[Any]"
) -> walk.Constants:
    """What the numbers of all steps are made of, for moments of ``dtype``."""
    to_lr, _, _, to_power, to_op = formats(arithmetic, dtype)
    hat, scale, before = choices(config, convention)
    correct1, correct2 = corrects(config, convention)
    return walk.Constants(
        float(to_lr(config.learning_rate)),
        float(to_lr(config.weight_decay)),
        float(to_power(config.beta1)),
        float(to_power(config.beta2)),
        float(correct1),
        float(correct2),
        float(to_op is np.float32),
        float(hat),
        float(scale),
        float(before),
        float(config.amsgrad and convention.amsgrad == "max_corrected"),
    )


def _launch(wide: bool, table: Table, rows: Table, own: Array, constants: Array | None, t: int, kind: Any) -> None:
    """Walk, in parallel if ``wide`` and no other caller does."""
    if wide:
        threads.run(walk.parallel, walk.serial, table, rows, own, constants, t, *kind)
    else:
        walk.serial(table, rows, own, constants, t, *kind)


def _blocks(sizes: Sequence[int]) -> Table:
    return blocks(sizes, numba.get_num_threads())


def _names(*arrays: Array) -> tuple[str, ...]:
    return tuple(array.dtype.name for array in arrays)


def _check_param(name: str, param: Array) -> None:
    if not isinstance(param, np.ndarray):
        raise ValueError(f"{name} must be a NumPy array, which is stepped in place, got {type(param).__name__}")  # noqa: TRY004
    state_dtypes(param)
    if not param.flags.c_contiguous or not param.flags.writeable:
        rule = "be writeable" if param.flags.c_contiguous else "be C-contiguous"
        raise ValueError(f"{name} must {rule} to be stepped in place, got one that is not; adamref.Adam steps a copy")
