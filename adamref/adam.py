"""Adam: several parameters and their states behind one method."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from .config import AdamConfig
from .convention import Arithmetic, Convention
from .dtypes import parsed_storage, step_dtype, storage_of, storages_of
from .gradients.conversion import as_grad, cast, unscale
from .gradients.indexed_slices import Grad
from .groups import Entry, GroupPart, check_configs, clip_parts, groups_of, with_late_group
from .halves.storage import Storage
from .named_conventions import look_up
from .sparse import without_ignored
from .state import AdamState, Array, first_state, loaded_states, skip, slots_of, unpack
from .step import step
from .storage.saved_state import SavedState, copied_state, open_saved_state
from .validation import check_arrays, check_grads, check_operations, copies_of


class Adam:
    """Adam on a list of parameters.

    Args:
        params: arrays of float16, bfloat16, float32 or float64, of any shape. Copied.
        config: the numbers and switches.
        convention: a name of `CONVENTIONS`, or a Convention.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.
        state_dtype: dtype of m and v. None is the dtype of the parameter, and float32 for bfloat16,
            which has no other. Parameters of float16 may have `float32` too.
        backend: `numpy` is the reference. `cpu` and `cuda` are compiled by Numba and return the
            same bits; they copy the arrays that they step. `adamref.kernels.cpu.FusedAdam` steps
            the arrays of the caller in place.
        storage: how halves are kept, as a `Storage` or its text, such as
            `weights=master,moments=T`. Others have no choice. None is as ``state_dtype`` says.
        groups: parameters with numbers of their own: objects with `params`, a list of places, and
            some of `learning_rate`, `beta1`, `beta2`, `epsilon` and `weight_decay`.

    Raises:
        ValueError: the convention is unknown or lacks a feature; a parameter is not a float array
            or cannot be kept so; the backend does not compute in its dtype; a group sets what it
            cannot.
        ImportError: the compiler of the backend is not installed.
        RuntimeError: the backend has no device.

    >>> import numpy as np
    >>> adam = Adam([np.array([1.0, -2.0])], AdamConfig(learning_rate=0.5, epsilon=0.0))
    >>> adam.step([np.array([3.0, -0.25])])
    [array([ 0.5, -1.5])]
    """

    def __init__(
        self,
        params: Sequence[Array],
        config: AdamConfig | None = None,
        convention: str | Convention = "paper",
        arithmetic: str | Arithmetic | None = None,
        state_dtype: str | None = None,
        backend: str = "numpy",
        groups: Sequence[Mapping[str, Any]] = (),
        storage: str | Storage | None = None,
    ) -> None:
        self._config = AdamConfig() if config is None else config
        self._groups = groups_of(groups, len(params))
        self.convention, self.arithmetic = look_up(convention, arithmetic)
        # Before any array is made: a message about the convention explains more than one about it.
        check_configs(self._config, self.convention, self._groups)
        self._params = copies_of(params)
        self._storage = None if storage is None else parsed_storage(storage)
        self._storages = [storage_of(param, self._storage, state_dtype) for param in self._params]
        self._states = [
            first_state(param, own, self.config.amsgrad)
            for param, own in zip(self._params, self._storages, strict=True)
        ]
        self.backend = backend
        check_operations(backend, self._storages, self._params)
        self._run = None
        if backend != "numpy":
            # Imported here, because importing Numba takes a second and needs it installed.
            from .kernels.backend import load

            self._run = load(backend)

    @property
    def config(self) -> AdamConfig:
        """The numbers and switches, with the learning rate of the last step.

        It may be replaced between steps.

        Raises:
            TypeError: it is no AdamConfig.
            ValueError: the convention lacks a feature; amsgrad is another.
        """
        return self._config

    @config.setter
    def config(self, config: AdamConfig) -> None:
        check_configs(config, self.convention, self._groups)
        if config.amsgrad != self._config.amsgrad:
            raise ValueError(
                f"amsgrad must stay {self._config.amsgrad}, got {config.amsgrad}; make another Adam"
            )
        self._config = config

    @property
    def params(self) -> list[Array]:
        """Copies of the parameters."""
        return [param.copy() for param in self._params]

    def step(
        self,
        grads: Sequence[Grad | None],
        learning_rate: float | None = None,
        scale: float | None = None,
    ) -> list[Array]:
        """Take one step and return the new parameters.

        Args:
            grads: one entry a parameter: of its shape and dtype, or `IndexedSlices` of it; None is
                a missing gradient.
            learning_rate: of this step and the following ones; None keeps the previous one. A
                group with a learning rate of its own keeps that.
            scale: the loss scale, by which the gradients are divided first. If one of them has an
                infinity or a NaN, the step is skipped: only the learning rate changes.

        Raises:
            ValueError: a gradient or the scale does not fit; the convention accepts no slices, no
                missing gradient, or no call without any gradient. On error, nothing is changed.
        """
        config = self.config
        if learning_rate is not None:
            config = replace(config, learning_rate=learning_rate)
        # First the gradients: checked, without those to be ignored, clipped.
        accepted = self._accept(config, grads, scale)
        if accepted is None:
            self._config = config
            return self.params
        # Slices without rows are a gradient in this count, even if they are ignored afterwards.
        nothing = all(grad is None for grad in accepted)
        present = without_ignored(self.convention, accepted)
        unclipped = [group.part(config) for group in self._groups]
        rules = self.convention, self.arithmetic
        parts, clipped = clip_parts(unclipped, *rules, self._weight_at, present)
        # Then the step. Nothing is assigned before all is computed, so that an error leaves this
        # Adam unchanged.
        updated = self._update(parts, clipped, nothing)
        self._config = config
        self._params = [param for param, _ in updated]
        self._states = [state for _, state in updated]
        return self.params

    def add_group(self, params: Sequence[Array], **numbers: Any) -> None:
        """Add parameters behind those that are there, as a group with numbers of its own.

        They have taken no step, but share the t of the others where there is one t for all.

        Args:
            params: as in the constructor, with moments of their dtype.
            numbers: what `groups` may set.

        Raises:
            ValueError: a parameter or a number does not fit. On error, nothing is changed.
        """
        groups = with_late_group(self._groups, len(self._params), len(params), numbers)
        config = groups[-1].config(self._config)
        rules = self.convention, self.arithmetic
        added = Adam(params, config, *rules, backend=self.backend, storage=self._storage)
        states = added._states
        if self.convention.step_scope == "optimizer" and self._states:
            states = [state._replace(t=self._states[0].t) for state in states]
        self._groups = groups
        self._params += added._params
        self._storages += added._storages
        self._states += states

    def slots(self) -> dict[str, list[Any]]:
        """Return copies of m, v and, with AMSGrad, v_max; one entry a parameter.

        Where a storage keeps more of a weight than the parameter, ``kept`` is `AdamState.kept`.
        """
        return slots_of(self._states, self.config.amsgrad)

    def load(self, params: Sequence[Array], slots: Mapping[str, Any], t: Sequence[int]) -> None:
        """Continue from parameters, slots and steps taken, one entry a parameter.

        Without ``kept``, what is kept of weights is made from the parameters.

        Raises:
            TypeError: ``params`` is one array.
            ValueError: an array does not fit, or t is no count. On error, nothing is changed.
        """
        new_params = copies_of(params)
        storages = storages_of(new_params, self._storage, slots["m"])
        by_row = self.convention.sparse == "lazy_row_t"
        states = loaded_states(new_params, storages, slots, t, by_row)
        for param, state, own in zip(new_params, states, storages, strict=True):
            check_arrays(self.config, state, param, param, own)
        check_operations(self.backend, storages, new_params)
        self._params = new_params
        self._storages = storages
        self._states = states

    def save(self, path: str | Path | None = None) -> object:
        """Return everything that `restore` needs, independent of later steps.

        Args:
            path: a safetensors file to write it to as well, atomically; None writes nothing.

        Raises:
            OSError: the file cannot be written. It is left unchanged.
        """
        return copied_state(self._saved_state(), path)

    def restore(self, saved: object) -> None:
        """Resume, bit for bit and with the config that was saved.

        Args:
            saved: a value that `save` returned, or the path of a file that it wrote.

        Raises:
            OSError: there is no such file.
            TypeError: ``saved`` is neither.
            CheckpointError: the file is damaged, or of another convention or other parameters.
            ValueError: the config that was saved asks for what the convention lacks. On error,
                nothing is changed.
        """
        state = deepcopy(open_saved_state(saved, self._saved_state()))
        self._config = state.config
        self._groups = state.groups or groups_of((), len(state.params))
        self._params = list(state.params)
        self._states = list(state.states)

    def _saved_state(self) -> SavedState:
        # New lists of the same arrays: a step replaces arrays and changes none.
        rules = self.convention, self.arithmetic
        kept = list(self._params), list(self._states)
        others = list(self._groups), list(self._storages)
        return SavedState(self.config, *rules, *kept, *others)

    def _accept(
        self, config: AdamConfig, grads: Sequence[Grad | None], scale: float | None
    ) -> list[Grad | None] | None:
        """Return the gradients as checked arrays, in the dtype of the step; None to skip."""
        arrays: list[Grad | None] = [None for _ in grads]
        for place, grad in enumerate(grads):
            if grad is not None:
                arrays[place] = as_grad(grad)
        for group in self._groups:
            own = group.config(config)
            kept = self._params, self._states
            check_grads(own, self.convention, *kept, arrays, self._storages)
        # Widened after the check, which refuses the dtypes that this would hide.
        for place, array in enumerate(arrays):
            if array is not None:
                dtype = step_dtype(self._params[place], self._storages[place])
                arrays[place] = cast(array, dtype)
        return arrays if scale is None else unscale(arrays, scale)

    def _update(
        self, parts: Sequence[GroupPart], grads: Sequence[Grad | None], nothing: bool
    ) -> list[tuple[Array, AdamState]]:
        """Return all parameters and states after the step; ``nothing``: no gradient was given."""
        updated = [
            (param, skip(state, self.convention, nothing))
            for param, state in zip(self._params, self._states, strict=True)
        ]
        for part in parts:
            # One call for all that have a gradient, because a compiled backend steps them together.
            entries = []
            places = []
            for at in part.places:
                grad = grads[at]
                if grad is not None:
                    places.append(at)
                    entry = Entry(self._params[at], self._states[at], grad, self._storages[at])
                    entries.append(entry)
            for place, stepped in zip(places, self._step_all(part.config, entries), strict=True):
                updated[place] = stepped
        return updated

    def _weight_at(self, place: int) -> Array:
        """Return a weight as a step computes with it."""
        weight, _ = unpack(self._storages[place], self._params[place], self._states[place])
        return weight

    def _step_all(
        self, config: AdamConfig, entries: Sequence[Entry]
    ) -> list[tuple[Array, AdamState]]:
        """Return the parameters that have a gradient, and their states, after the step."""
        rules = self.convention, self.arithmetic
        if self._run is None:
            return [step(config, e.state, e.param, e.grad, *rules, e.storage) for e in entries]
        from .kernels.backend import step_all

        return step_all(self._run, config, *rules, entries)
