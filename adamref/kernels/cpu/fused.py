"""FusedAdam: Adam on NumPy arrays of the caller, in place."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from operator import is_, is_not
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...dtypes import state_dtypes
from ...scalars import scalars, type_of
from ...state import AdamState
from ...storage.checkpoint import CheckpointError
from ...storage.saved_state import SavedState, open_saved_state, write_saved_state
from ..element import numbers
from ..job import fused_rules
from ..table import GRAD, Extents, Table, address
from . import kernel
from .arrays import grad_as_walked, params_to_step
from .blocks import apart
from .compiled import patience
from .constants import constants_of
from .launch import dealt, launch, names
from .memory import STORAGE

Array = NDArray[Any]


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
        params, m, v, v_max: the arrays, whose elements may be changed between steps; moments of halves are float32;
            ``v_max`` is None without AMSGrad.
        t: steps taken. config: with the learning rate of the last step.

    An array is checked when it is first seen: it must not be resized, or its dtype changed, in place. Calls of several
    threads wait for each other.

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
        arithmetic: str | Arithmetic | None = None,
    ) -> None:
        self._config = config or AdamConfig()
        self.convention, self.arithmetic = fused_rules(self.config, convention, arithmetic)
        self._params = params_to_step(params)
        state = [state_dtypes(param)[-1] for param in self.params]
        self._m, self._v, *rest = (
            tuple(
                apart(param, dtype, turn) for param, dtype in zip(self.params, state, strict=True)
            )
            for turn in ((1, 2, 3) if self.config.amsgrad else (1, 2))
        )
        self._v_max = rest[0] if rest else None
        self._t, self._lock = 0, Lock()
        owned = {"params": self.params, "m": self.m, "v": self.v, "v_max": self.v_max or ()}
        self._extents = Extents(
            (f"{name}[{at}]", a) for name, arrays in owned.items() for at, a in enumerate(arrays)
        )
        self._bound: list[Any] = []
        self._ready: list[Array] = list(
            self.params
        )  # gradients are of the same dtypes, until others come
        self._groups = self._grouped(self._ready)
        with patience("kernels for processors"):
            for group in self._groups:
                for wide in (False, True):
                    launch(
                        wide,
                        group.table,
                        group.blocks[:0],
                        group.numbers,
                        group.constants,
                        1,
                        group.kind,
                    )

    # What the walk knows by its address must not be exchanged: neither the arrays nor the tuples of them.
    params = property(lambda self: self._params)
    m = property(lambda self: self._m)
    v = property(lambda self: self._v)
    v_max = property(lambda self: self._v_max)
    t = property(lambda self: self._t)
    config = property(lambda self: self._config)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "FusedAdam must not be copied or pickled, for it steps its arrays where they are; use save()"
        )

    def step(self, grads: Sequence[Array], learning_rate: float | None = None) -> None:
        """Take one step.

        Args:
            grads: one entry a parameter: of its shape, in its dtype or that of its moments. Not changed, and kept until
                the next step: the same arrays, filled anew, are the fastest.
            learning_rate: of this step and the following ones; None is the one before.

        Raises:
            ValueError: a gradient does not fit. Nothing has changed then.
        """
        with self._lock:
            config = self._config
            if learning_rate is not None and learning_rate != config.learning_rate:
                config = replace(config, learning_rate=learning_rate)
            if len(grads) != len(self._bound) or any(map(is_not, grads, self._bound)):
                self._bind(grads)
            if config is not self._config:
                self._config = config
                for group in self._groups:
                    to_lr = type_of(self.arithmetic.learning_rate, group.numbers.dtype)
                    group.constants[0] = to_lr(config.learning_rate)
            self._t += 1
            for group in self._groups:
                launch(
                    group.wide,
                    group.table,
                    group.blocks,
                    group.numbers,
                    group.constants,
                    self._t,
                    group.kind,
                )

    def save(self, path: str | Path | None = None) -> object:
        """Everything that `restore` needs, independent of what happens next; `adamref.Adam` restores it too.

        Args:
            path: a safetensors file to write it to, whole or not at all; None writes nothing.

        Raises:
            OSError: the file cannot be written. It is as it was then.
        """
        with self._lock:
            own = self._saved_state()
            if path is not None:
                write_saved_state(path, own)
            return deepcopy(own)

    def restore(self, saved: object) -> None:
        """Write what `save` returned, or the file that it wrote, into the arrays, and go on bit for bit.

        Raises:
            OSError: there is no such file.
            TypeError: ``saved`` is neither.
            CheckpointError: the file is damaged; it, or what was returned, is of another convention or of other
                parameters, or its parameters have taken different numbers of steps. Nothing has changed then.
        """
        with self._lock:
            own = self._saved_state()
            found = open_saved_state(saved, own)
            counts = {int(state.t) for state in found.states}
            if len(counts) > 1:
                raise CheckpointError(
                    f"t must be one for all parameters here, got {sorted(counts)}; use adamref.Adam"
                )
            for array, value in zip(_arrays(own), _arrays(found), strict=True):
                array[...] = value
            self._config, self._t = found.config, counts.pop() if counts else self._t
            self._ready, self._bound = [], []  # for the next step to make its constants anew

    def _saved_state(self) -> SavedState:
        v_max = [None] * len(self.params) if self.v_max is None else self.v_max
        states = [
            AdamState(self.t, m, v, largest)
            for m, v, largest in zip(self.m, self.v, v_max, strict=True)
        ]
        return SavedState(self.config, self.convention, self.arithmetic, list(self.params), states)

    def _bind(self, grads: Sequence[Array]) -> None:
        """Take other gradients than in the step before."""
        if len(grads) != len(self.params):
            raise ValueError(
                f"grads must have one entry a parameter, {len(self.params)}, got {len(grads)}"
            )
        ready = [
            grad_as_walked(f"grads[{at}]", grad, self.params[at], self.m[at])
            for at, grad in enumerate(grads)
        ]
        # Ten times as fast as by NumPy, which counts for a thousand gradients.
        starts = [kernel.address(grad.reshape(-1).view(np.uint8)) for grad in ready]
        for at, start in enumerate(starts):
            if not self._extents.free(start, ready[at].nbytes):
                raise ValueError(
                    f"grads[{at}] must not overlap with what is stepped; hand over a copy of it"
                )
        if [grad.dtype for grad in ready] != [grad.dtype for grad in self._ready]:
            self._groups = self._grouped(ready)
        for group in self._groups:
            group.table[:, GRAD] = [starts[at] for at in group.at]
        self._ready = ready
        # What had to be copied is copied anew in the next step.
        self._bound = list(grads) if all(map(is_, grads, ready)) else []

    def _grouped(self, grads: Sequence[Array]) -> list[_Group]:
        kinds: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, grad in enumerate(grads):
            kinds[names(self.params[at], grad, self.m[at])].append(at)
        return [self._group(dtypes, members) for dtypes, members in kinds.items()]

    def _group(self, dtypes: tuple[str, ...], members: list[int]) -> _Group:
        dtype = np.dtype(dtypes[2])
        v_max = [None if self.v_max is None else self.v_max[at] for at in members]
        streams = [
            (self.params[at], None, self.m[at], self.v[at], largest, None)
            for at, largest in zip(members, v_max, strict=True)
        ]
        table = np.array([(*map(address, arrays), 0) for arrays in streams], np.int64)
        wide, rows = dealt([self.params[at].size for at in members])
        first = scalars(self.config, self.convention, self.arithmetic, 1, dtype)
        own = np.array([numbers(self.config, self.convention, first)], dtype)
        constants = np.array(constants_of(self.config, self.convention, self.arithmetic, dtype))
        kind = (*(STORAGE[name] for name in dtypes), True if self.config.amsgrad else None, None)
        return _Group(members, wide, table, rows, own, constants, kind)


def _arrays(saved: SavedState) -> Iterator[Array]:
    """All arrays of a saved state, in one order."""
    for param, (_, *moments) in zip(saved.params, saved.states, strict=True):
        yield from (array for array in (param, *moments) if array is not None)
