"""The compiled backends of `adamref.Adam`: what `adamref.step` does, as jobs for a kernel."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from ..scalars import scalars
from ..sparse import Grad, Part, is_ignored, parts, steps_after
from ..state import AdamState, Count
from .element import numbers
from .job import Job

Array = NDArray[Any]
Run = Callable[[Sequence[Job]], None]

# A parameter that takes a step, what it remembers, and its gradient.
Entry = tuple[Array, AdamState, Grad]

BACKENDS = ("cpu", "cuda")


def load(backend: str) -> Run:
    """What runs the jobs of a backend.

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


def step_all(
    run: Run,
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    entries: Sequence[Entry],
) -> list[tuple[Array, AdamState]]:
    """What `adamref.step` gives for each entry, in new arrays.

    Raises:
        ValueError: as `adamref.step`; gradients and states have been checked. Nothing has changed then.
    """
    fresh: list[tuple[Array, AdamState]] = []
    jobs: list[Job] = []
    gathered: list[tuple[list[Any], Any, list[Any]]] = []
    for param, state, grad in entries:
        owned: list[Any] = [
            None if array is None else array.copy(order="C") for array in (param, *state[1:])
        ]
        fresh.append((owned[0], AdamState(_count(convention, param, state, grad), *owned[1:])))
        for t, rows, part, square in _parts(convention, param, state, grad):
            n = numbers(
                config, convention, scalars(config, convention, arithmetic, t + 1, state.m.dtype)
            )
            own: list[Any] = (
                owned
                if rows is ...
                else [None if array is None else array[rows] for array in owned]
            )
            jobs.append(Job(n, own[0], np.require(part, requirements="C"), square, *own[1:]))
            if rows is not ...:
                gathered.append((owned, rows, own))
    run(jobs)
    for owned, rows, own in gathered:
        for whole, changed in zip(owned, own, strict=True):
            if whole is not None:
                whole[rows] = changed
    return fresh


def _parts(convention: Convention, param: Array, state: AdamState, grad: Grad) -> Iterable[Part]:
    """The rows that move together, as `sparse.parts` has them; all of a parameter with a dense gradient."""
    if isinstance(grad, np.ndarray) and isinstance(state.t, int):
        return [Part(state.t, ..., grad, None)]
    wide = np.broadcast_to(state.m.dtype.type(0), param.shape)
    return [] if is_ignored(convention, grad) else parts(convention, state.t, wide, grad)


def _count(convention: Convention, param: Array, state: AdamState, grad: Grad) -> Count:
    if isinstance(grad, np.ndarray) and isinstance(state.t, int):
        return state.t + 1
    if is_ignored(convention, grad):
        return state.t
    return steps_after(convention, state.t, param, grad)
