"""Adam: several parameters and their states behind one method."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .clip import clip
from .config import AdamConfig
from .convention import Arithmetic, Convention
from .dtypes import state_dtypes
from .named_conventions import look_up
from .scalars import scalars
from .sparse import Grad, IndexedSlices, as_grad, check_sparse, ignored, widened
from .state import AdamState, Array, initial
from .step import entering, step
from .storage.snapshot import Snapshot, restored, write_snapshot
from .validation import check_arrays, check_features


class Adam:
    """Adam on a list of parameters.

    Args:
        params: arrays of float16, bfloat16, float32 or float64, of any shape. Copied.
        config: the numbers and switches.
        convention: a name of `CONVENTIONS`, or a Convention.
        arithmetic: the formats of the scalars; None is the first that the named convention accepts.
        state_dtype: of m and v. None is that of the parameter; `float32` is for those of half precision, and the one
            that bfloat16 has.
        backend: `numpy` is the reference; `cpu` and `cuda` are compiled by Numba and give the same bits. These copy
            what they step; `adamref.kernels.cpu.FusedAdam` steps the arrays of the caller in place.

    Raises:
        ValueError: the convention is unknown or lacks a feature; a parameter is not a float array, or none that may
            have such a state, or of a dtype that the backend does not compute in.
        ImportError: the compiler of the backend is not installed.
        RuntimeError: the backend has no device.

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
    ) -> None:
        self.config = config or AdamConfig()
        self.convention, self.arithmetic = look_up(convention, arithmetic)
        self._params = [np.array(param) for param in params]
        self._states = [
            initial(param, self.config.amsgrad, state_dtype or state_dtypes(param)[0])
            for param in self._params
        ]
        check_features(self.config, self.convention)
        clip(self.config, self.convention, [])
        for param, state in zip(self._params, self._states, strict=True):
            check_arrays(self.config, state, param, param)
        self.backend, self._run = backend, None
        self._check_backend(self._states)
        if backend != "numpy":
            from .kernels.backend import load

            self._run = load(backend)

    @property
    def params(self) -> list[Array]:
        """Copies of the parameters."""
        return [param.copy() for param in self._params]

    def step(self, grads: Sequence[Grad | None], learning_rate: float | None = None) -> list[Array]:
        """Take one step and return the new parameters.

        Args:
            grads: one entry a parameter: of its shape and dtype, or `IndexedSlices` of it; None is no gradient.
            learning_rate: of this step and the following ones; None is the one before.

        Raises:
            ValueError: a gradient does not fit; the convention forbids slices, None, or a call with nothing else.
                Nothing has changed then.
        """
        config = (
            self.config
            if learning_rate is None
            else replace(self.config, learning_rate=learning_rate)
        )
        given = [None if grad is None else as_grad(grad) for grad in grads]
        self._check(config, given)
        given = [
            None if grad is None else widened(grad, state.m.dtype)
            for grad, state in zip(given, self._states, strict=True)
        ]
        nothing = all(grad is None for grad in given)
        given = [None if ignored(self.convention, grad) else grad for grad in given]
        prepared, due = self._prepared(config, given)
        own = list(zip(self._params, self._states, due, strict=True))
        moved = iter(
            self._moved(
                prepared, [(param, state, grad) for param, state, grad in own if grad is not None]
            )
        )
        updated = [
            next(moved) if grad is not None else self._idle(param, state, nothing)
            for param, state, grad in own
        ]
        self.config = config
        self._params = [param for param, _ in updated]
        self._states = [state for _, state in updated]
        return self.params

    def slots(self) -> dict[str, list[Array]]:
        """Copies of the moments: m, v and, with AMSGrad, v_max; one entry a parameter."""
        names = ("m", "v", "v_max") if self.config.amsgrad else ("m", "v")
        return {name: [np.array(getattr(state, name)) for state in self._states] for name in names}

    def load(
        self, params: Sequence[Array], slots: dict[str, list[Array]], t: Sequence[int]
    ) -> None:
        """Continue from the given parameters, moments and steps taken, one entry a parameter.

        Raises:
            ValueError: an array does not fit, or t is negative. Nothing has changed then.
        """
        fresh = [np.array(param) for param in params]
        v_maxima: Sequence[Array | None] = slots.get("v_max") or [None] * len(fresh)
        columns = zip(slots["m"], slots["v"], v_maxima, t, strict=True)
        states = [
            AdamState(
                int(count), np.array(m), np.array(v), None if v_max is None else np.array(v_max)
            )
            for m, v, v_max, count in columns
        ]
        for param, state in zip(fresh, states, strict=True):
            check_arrays(self.config, state, param, param)
            if state.t < 0:
                raise ValueError(f"t must be >= 0, got {state.t}")
        self._check_backend(states)
        self._params, self._states = fresh, states

    def save(self, path: str | Path | None = None) -> object:
        """Everything that `restore` needs, independent of what happens next.

        Args:
            path: a safetensors file to write it to, whole or not at all; None writes nothing.

        Raises:
            OSError: the file cannot be written. It is as it was then.
        """
        snapshot = Snapshot(
            self.config, self.convention, self.arithmetic, list(self._params), list(self._states)
        )
        if path is not None:
            write_snapshot(path, snapshot)
        return snapshot

    def restore(self, saved: object) -> None:
        """Continue from what `save` returned, or from the file that it wrote, bit for bit, with the config of then.

        Raises:
            OSError: there is no such file.
            TypeError: ``saved`` is neither.
            CheckpointError: the file is damaged; it, or what was returned, is of another convention or of other
                parameters. Nothing has changed then.
        """
        own = Snapshot(self.config, self.convention, self.arithmetic, self._params, self._states)
        found = restored(saved, own)
        self.config, self._params, self._states = (
            found.config,
            list(found.params),
            list(found.states),
        )

    def _prepared(
        self, config: AdamConfig, grads: Sequence[Grad | None]
    ) -> tuple[AdamConfig, list[Grad | None]]:
        """The gradients as `step` takes them, and a config without what has been done to them already."""
        if not self._l2_first(config):
            return config, clip(config, self.convention, grads)
        sums: list[Grad | None] = []
        for grad, param, state in zip(grads, self._params, self._states, strict=True):
            wide = state.m.dtype
            assert not isinstance(grad, IndexedSlices)
            s = scalars(
                config, self.convention, self.arithmetic, 1, wide
            )  # L2 is the same in every step
            sums.append(
                None if grad is None else entering(config, s, param.astype(wide, copy=False), grad)
            )
        return replace(config, maximize=False, weight_decay=0.0), clip(
            config, self.convention, sums
        )

    def _l2_first(self, config: AdamConfig) -> bool:
        """Whether L2 is added before the gradients are clipped."""
        coupled = self.convention.weight_decay == "l2" and config.weight_decay != 0
        return coupled and self.convention.clip_when == "after_l2"

    def _check_backend(self, states: Sequence[AdamState]) -> None:
        """Raise ValueError if moments are of a dtype in which compiled backends do not compute."""
        if self.backend != "numpy" and any(state.m.dtype == np.float16 for state in states):
            rule = f"be 'float32' for float16 parameters on backend {self.backend!r}"
            raise ValueError(f"state_dtype must {rule}, got float16")

    def _moved(
        self, config: AdamConfig, entries: Sequence[tuple[Array, AdamState, Grad]]
    ) -> list[tuple[Array, AdamState]]:
        """The parameters that have a gradient, and their states, after the step."""
        rules = self.convention, self.arithmetic
        if self._run is None:
            return [step(config, state, param, grad, *rules) for param, state, grad in entries]
        from .kernels.backend import step_all

        return step_all(self._run, config, *rules, entries)

    def _idle(self, param: Array, state: AdamState, nothing: bool) -> tuple[Array, AdamState]:
        """A parameter that has none, and its state; ``nothing``: no parameter has one."""
        counts = (
            self.convention.step_scope == "optimizer"
            or self.convention.none_gradient == "skip_but_count"
        )
        if nothing:
            counts = self.convention.all_none == "count"
        return param, state._replace(t=state.t + counts)

    def _check(self, config: AdamConfig, grads: Sequence[Grad | None]) -> None:
        if len(grads) != len(self._params):
            raise ValueError(
                f"grads must have one entry a parameter, {len(self._params)}, got {len(grads)}"
            )
        missing = [index for index, grad in enumerate(grads) if grad is None]
        if missing and self.convention.none_gradient == "error":
            raise ValueError(f"grads must not hold None in this convention, got None at {missing}")
        if grads and len(missing) == len(grads) and self.convention.all_none == "error":
            raise ValueError(
                f"grads must hold a gradient for some parameter, got None for all {len(grads)}"
            )
        for param, state, grad in zip(self._params, self._states, grads, strict=True):
            if grad is not None:
                check_arrays(config, state, param, grad)
            if isinstance(grad, IndexedSlices):
                check_sparse(self.convention)
                if self._l2_first(config):
                    raise ValueError(
                        "grads must be dense where L2 is added before clipping, got IndexedSlices"
                    )
