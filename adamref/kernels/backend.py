"""The compiled backends of `adamref.Adam`: the steps of `adamref.step` as jobs for kernels."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from ..dtypes import step_dtype
from ..groups import Entry
from ..scalars import scalars
from ..sparse import RowsAtT, is_ignored, rows_by_t, steps_after
from ..state import AdamState, Count, ParamArrays
from .element import kernel_numbers
from .job import Job

Array = NDArray[Any]
Run = Callable[[Sequence[Job]], None]

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
    gathered: list[tuple[ParamArrays, Any, ParamArrays]] = []
    # First make all jobs, on copies, because kernels step in place and an error must change
    # nothing.
    for entry in entries:
        result = ParamArrays.copies(entry.param, entry.state)
        updated.append((result.param, result.state(_count(convention, entry))))
        dtype = step_dtype(entry.param, entry.storage)
        for t, rows, grad, square in _rows_by_t(convention, entry):
            s = scalars(config, convention, arithmetic, t + 1, dtype)
            changed = result
            if rows is not ...:
                changed = result.take(rows)
                gathered.append((result, rows, changed))
            job = Job(
                kernel_numbers(config, convention, s),
                changed.param,
                np.require(grad, requirements="C"),
                square,
                changed.m,
                changed.v,
                changed.v_max,
                changed.kept,
            )
            jobs.append(job)
    # Then step all of them together, and put rows that were gathered back.
    run(jobs)
    for result, rows, changed in gathered:
        result.put(rows, changed.param, changed.state(0))
    return updated


def _rows_by_t(convention: Convention, entry: Entry) -> Iterable[RowsAtT]:
    """Return the rows that move together, as `sparse.rows_by_t`; all rows at once if they do."""
    _, state, grad, _ = entry
    if isinstance(grad, np.ndarray) and isinstance(state.t, int):
        return [RowsAtT(state.t, ..., grad, None)]
    if is_ignored(convention, grad):
        return []
    return rows_by_t(convention, state.t, entry.param, grad)


def _count(convention: Convention, entry: Entry) -> Count:
    """Return the steps taken after the step."""
    _, state, grad, _ = entry
    if isinstance(grad, np.ndarray) and isinstance(state.t, int):
        return state.t + 1
    if is_ignored(convention, grad):
        return state.t
    return steps_after(convention, state.t, entry.param, grad)
