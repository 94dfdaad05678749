"""FusedAdam: Adam on NumPy arrays of the caller, in place."""

from collections.abc import Sequence
from operator import is_, is_not
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...config import AdamConfig
from ...convention import Arithmetic, Convention
from ...dtypes import step_dtype, type_of
from ...halves.packing import first_kept
from ...halves.storage import Storage
from ...state import ParamArrays, dtype_like
from ...storage.saved_state import SavedState, copied_state, open_state_of_one_t
from ...storage.step_lock import StepLock
from ..job import check_no_clipping, kernel_storage, rules_in_place, with_learning_rate
from ..table import GRAD, Extents, overlap_error
from . import kernel
from .arrays import grad_as_walked, params_to_step
from .blocks import zeros_apart
from .compiled import announce_compiling
from .constants import CONSTANT
from .groups import Streams, group_params
from .launch import launch

Array = NDArray[Any]


class FusedAdam:
    """Adam on arrays of the caller, in place: every parameter has a dense gradient in every step.

    An array is checked when it is first seen: afterwards it must not be resized in place, nor its
    dtype changed. Calls of several threads wait for each other.

    Args:
        params: NumPy arrays of float32, float64, float16 or bfloat16, C-contiguous and writeable.
            None of them overlaps with another. They are stepped in place.
        config: the numbers and switches. Clipping is left to the caller.
        convention: a name of `CONVENTIONS`, or a Convention.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.
        storage: how halves are kept, as a `Storage` or its text; None is with moments of float32.

    Attributes:
        params, m, v, v_max: the arrays. Their elements may be changed between steps. ``v_max`` is
            None without AMSGrad.
        kept: what a storage keeps besides each parameter, as `AdamState.kept`, from which the next
            step starts: who changes a parameter whose `master` is kept must change that, too.
        t: steps taken.
        config: with the learning rate of the last step.

    Raises:
        ValueError: the convention is unknown or lacks a feature; a parameter cannot be stepped in
            place.

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
        storage: Storage | str | None = None,
    ) -> None:
        self._config = AdamConfig() if config is None else config
        self.convention, self.arithmetic = rules_in_place(self._config, convention, arithmetic)
        arrays = params_to_step(params)
        self._storages = [kernel_storage(param.dtype.name, storage) for param in arrays]
        self._streams = _new_streams(arrays, self._storages, self._config.amsgrad)
        self._extents = Extents(self._streams.by_name())
        self._t = 0
        self._turn = StepLock()
        # The gradients of the last step, as they were given and as the kernel read them. Until the
        # first step, gradients are taken to have the dtypes of their parameters.
        self._given: list[Any] = []
        self._ready = list(self.params)
        self._groups = self._group(self._ready)

    # The kernel knows arrays by their addresses, so neither they nor their tuples can be exchanged.
    params = property(lambda self: self._streams.params)
    m = property(lambda self: self._streams.m)
    v = property(lambda self: self._streams.v)
    v_max = property(lambda self: self._streams.v_max)
    kept = property(lambda self: self._streams.kept)
    t = property(lambda self: self._t)
    config = property(lambda self: self._config)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "FusedAdam must not be copied or pickled, because it steps its arrays in place; "
            "use save()"
        )

    def step(self, grads: Sequence[Array], learning_rate: float | None = None) -> None:
        """Take one step.

        Args:
            grads: one entry a parameter: of its shape, in its dtype or the dtype of its moments.
                Not changed, and kept until the next step. Steps are fastest with the same arrays
                again, filled anew.
            learning_rate: of this step and the following ones; None keeps the previous one.

        Raises:
            ValueError: a gradient does not fit. On error, nothing is changed.
        """
        with self._turn.lock:
            config = with_learning_rate(self._config, learning_rate)
            if len(grads) != len(self._given) or any(map(is_not, grads, self._given)):
                self._bind(grads)
            # From here on nothing fails.
            if config is not self._config:
                self._config = config
                self._write_learning_rate()
            self._t += 1
            for group in self._groups:
                launch(group.walk, self._t, group.wide)

    def save(self, path: str | Path | None = None) -> object:
        """Return the complete state, independent of later steps; `adamref.Adam` restores it too.

        Args:
            path: a safetensors file to write it to, whole or not at all; None writes nothing.

        Raises:
            OSError: the file cannot be written. An older file is left unchanged.
        """
        with self._turn.lock:
            return copied_state(self._saved_state(), path)

    def restore(self, saved: object) -> None:
        """Resume from a state that `save` returned or wrote, bit for bit, in the same arrays.

        Raises:
            OSError: there is no such file.
            TypeError: ``saved`` is neither a state nor a path.
            CheckpointError: the file is damaged; the state is of another convention or of other
                parameters, or its parameters have taken different numbers of steps.
            ValueError: the config that was saved asks for clipping, or for what the convention
                lacks. On error, nothing is changed.
        """
        with self._turn.lock:
            current = self._saved_state()
            found, t = open_state_of_one_t(saved, current)
            # As in the constructor: this Adam would silently go without.
            check_no_clipping(found.config)
            for array, value in zip(_arrays(current), _arrays(found), strict=True):
                array[...] = value
            self._config = found.config
            if t is not None:
                self._t = t
            # Without gradients, the next step makes its groups and their constants anew.
            self._given = []
            self._ready = []

    def _saved_state(self) -> SavedState:
        arrays = [self._streams.of_param(at) for at in range(len(self.params))]
        states = [one.state(self.t) for one in arrays]
        return SavedState(
            self.config,
            self.convention,
            self.arithmetic,
            list(self.params),
            states,
            storages=self._storages,
        )

    def _bind(self, grads: Sequence[Array]) -> None:
        """Take other gradient arrays than in the previous step."""
        if len(grads) != len(self.params):
            raise ValueError(
                f"grads must have one entry a parameter, {len(self.params)}, got {len(grads)}"
            )
        ready = []
        for at, (param, storage) in enumerate(zip(self.params, self._storages, strict=True)):
            dtype = step_dtype(param, storage)
            ready.append(grad_as_walked(f"grads[{at}]", grads[at], param, dtype))
        # Ten times as fast as by `address`, which counts for a thousand gradients.
        starts = [kernel.address(grad.reshape(-1).view(np.uint8)) for grad in ready]
        for at, start in enumerate(starts):
            if self._extents.overlap(start, ready[at].nbytes):
                raise overlap_error(f"grads[{at}]")
        dtypes = [grad.dtype for grad in ready]
        if dtypes != [grad.dtype for grad in self._ready]:
            self._groups = self._group(ready)
        for group in self._groups:
            group.walk.table[:, GRAD] = [starts[at] for at in group.members]
        self._ready = ready
        # A copy is made anew in the next step, so only gradients without a copy are remembered.
        no_copies = all(map(is_, grads, ready))
        self._given = list(grads) if no_copies else []

    def _group(self, grads: Sequence[Array]) -> list[Any]:
        """Return the groups, with both kernels of each compiled by steps of no blocks."""
        rules = self.config, self.convention, self.arithmetic
        groups = group_params(self._streams, self._storages, grads, *rules)
        # Here and not in a step: where compiling fails, no group may have stepped already.
        with announce_compiling("kernels for processors"):
            for group in groups:
                nothing = group.walk._replace(blocks=group.walk.blocks[:0])
                for wide in (False, True):
                    launch(nothing, 1, wide)
        return groups

    def _write_learning_rate(self) -> None:
        for group in self._groups:
            to_lr = type_of(self.arithmetic.learning_rate, group.walk.numbers.dtype)
            constants = group.walk.constants
            assert constants is not None
            constants[CONSTANT.learning_rate] = to_lr(self._config.learning_rate)


def _new_streams(params: tuple[Array, ...], storages: Sequence[Storage], amsgrad: bool) -> Streams:
    """Return the parameters with their states before the first step."""

    def zeros(moment: str, turn: int) -> tuple[Array, ...]:
        arrays = []
        for param, storage in zip(params, storages, strict=True):
            name = getattr(storage.formats(param.dtype.name), moment)
            arrays.append(zeros_apart(param, dtype_like(param, name), turn))
        return tuple(arrays)

    v_max = zeros("v", 3) if amsgrad else None
    kept = []
    for param, storage in zip(params, storages, strict=True):
        first = first_kept(storage.weights, param)
        if first is not None:
            placed = zeros_apart(param, first.dtype, 4)
            placed[...] = first
            first = placed
        kept.append(first)
    return Streams(params, zeros("m", 1), zeros("v", 2), v_max, tuple(kept))


def _arrays(saved: SavedState) -> list[Array]:
    """Return all arrays of a saved state, in one order."""
    arrays: list[Array | None] = []
    for param, state in zip(saved.params, saved.states, strict=True):
        arrays += ParamArrays(param, state.m, state.v, state.v_max, state.kept)
    return [array for array in arrays if array is not None]
