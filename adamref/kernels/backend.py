"""The compiled backends of `adamref.Adam`: the steps of `adamref.step` as jobs for kernels."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from ..scalars import scalars
from ..sparse import Grad, Part, is_ignored, parts, steps_after
from ..state import AdamState, Count
from .element import kernel_numbers
from .job import Job

Array = NDArray[Any]
Run = Callable[[Sequence[Job]], None]

# A parameter that takes a step, its state, and its gradient.
Entry = tuple[Array, AdamState, Grad]

BACKENDS = ("cpu", "cuda")


def load(backend: str) -> Run:
    """Return the function that runs the jobs of a backend.

    Raises:
        ValueError: there is no such backend.
        ImportError: its compiler is not installed.
        RuntimeError: there is no device.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend must be one of numpy, {', '.join(BACKENDS)}, got {backend!r}")
    module = import_module(f".{backend}", __package__)
    if backend == "cuda":
        module.check_device()
    run: Run = module.run
    return run


class _Changed(NamedTuple):
    """The arrays that a step changes; ``v_max`` is None without AMSGrad."""

    param: Array
    m: Array
    v: Array
    v_max: Array | None

    def copies(self) -> "_Changed":
        return _Changed(
            param=self.param.copy(order="C"),
            m=self.m.copy(order="C"),
            v=self.v.copy(order="C"),
            v_max=None if self.v_max is None else self.v_max.copy(order="C"),
        )

    def take(self, rows: Any) -> "_Changed":
        """Return copies of some rows."""
        return _Changed(
            param=self.param[rows],
            m=self.m[rows],
            v=self.v[rows],
            v_max=None if self.v_max is None else self.v_max[rows],
        )

    def put(self, rows: Any, changed: "_Changed") -> None:
        """Write rows that `take` returned back to their places."""
        for whole, part in zip(self, changed, strict=True):
            if whole is not None:
                whole[rows] = part


def step_all(
    run: Run,
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    entries: Sequence[Entry],
) -> list[tuple[Array, AdamState]]:
    """Return what `adamref.step` returns for each entry, in new arrays.

    Raises:
        ValueError: as `adamref.step`, for gradients and states that have been checked. On error,
            nothing is changed.
    """
    updated: list[tuple[Array, AdamState]] = []
    jobs: list[Job] = []
    gathered: list[tuple[_Changed, Any, _Changed]] = []
    # First make all jobs, on copies, because kernels step in place and an error must change
    # nothing.
    for param, state, grad in entries:
        whole = _Changed(param, state.m, state.v, state.v_max).copies()
        t_after = _count(convention, param, state, grad)
        after = AdamState(t_after, whole.m, whole.v, whole.v_max)
        updated.append((whole.param, after))
        for t, rows, part, square in _parts(convention, param, state, grad):
            s = scalars(config, convention, arithmetic, t + 1, state.m.dtype)
            changed = whole
            if rows is not ...:
                changed = whole.take(rows)
                gathered.append((whole, rows, changed))
            job = Job(
                kernel_numbers(config, convention, s),
                changed.param,
                np.require(part, requirements="C"),
                square,
                changed.m,
                changed.v,
                changed.v_max,
            )
            jobs.append(job)
    # Then step all of them together, and put rows that were gathered back.
    run(jobs)
    for whole, rows, changed in gathered:
        whole.put(rows, changed)
    return updated


def _parts(convention: Convention, param: Array, state: AdamState, grad: Grad) -> Iterable[Part]:
    """Return the rows that move together, as `sparse.parts`, or the whole parameter as one part."""
    if isinstance(grad, np.ndarray) and isinstance(state.t, int):
        return [Part(state.t, ..., grad, None)]
    if is_ignored(convention, grad):
        return []
    # Halves have been widened: `parts` needs the shape of the parameter in the dtype of its
    # moments.
    zero = state.m.dtype.type(0)
    like = np.broadcast_to(zero, param.shape)
    return parts(convention, state.t, like, grad)


def _count(convention: Convention, param: Array, state: AdamState, grad: Grad) -> Count:
    """Return the steps taken after the step."""
    if isinstance(grad, np.ndarray) and isinstance(state.t, int):
        return state.t + 1
    if is_ignored(convention, grad):
        return state.t
    return steps_after(convention, state.t, param, grad)
