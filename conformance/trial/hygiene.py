"""Hygiene: a subject leaves the caller's gradients alone, and never returns its own arrays.

A second run overwrites every returned array with NaN. If the subject kept one of them as its state,
its later results differ from those of the first run.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np

from ..subject.subject import Subject
from ..vectors.slices import IndexedSlices
from .contract import Misbehaved
from .digest import digest
from .outcomes import Cause, Detail, RunStatus
from .run import Run, run


def check_hygiene(subject: Subject, first: Run) -> Run:
    """Return the run, or one that misbehaved if a watched second run shows bad hygiene."""
    if first.status is not RunStatus.RAN:
        return first
    # What the subject keeps of the arrays that it returned is NaN in this run.
    second = run(replace(subject, make=_watch_make(subject.make)), first.vector)
    if second.status is not RunStatus.RAN:
        return second
    if digest(second.snapshots) == digest(first.snapshots):
        return first
    message = "step and slots() must hand back copies, but overwriting them changed what came after"
    cause = Cause(message, detail=Detail.HYGIENE)
    return replace(first, status=RunStatus.MISBEHAVED, cause=cause)


def _watch_make(make: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(make)
    def watched(*arguments: Any, **switches: Any) -> Any:
        optimizer = make(*arguments, **switches)
        if hasattr(optimizer, "step"):
            return _Watched(optimizer)
        return _watch_step(optimizer)

    return watched


class _Watched:
    """An optimizer with watched `step` and `slots`; everything else is passed through."""

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = optimizer
        self.step = _watch_step(optimizer.step)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._optimizer, name)
        return _watch_slots(value) if name == "slots" else value


def _watch_slots(slots: Callable[[], Any]) -> Callable[[], Any]:
    def watched() -> Any:
        return {name: _copy_and_overwrite(arrays) for name, arrays in slots().items()}

    return watched


def _watch_step(step: Any) -> Any:
    # `wraps` keeps the signature, which tells whether step takes a learning rate.
    @wraps(step)
    def watched(grads: Any, *rate: Any, **rates: Any) -> Any:
        copies = [_copy_grad(grad) for grad in grads]
        returned = step(grads, *rate, **rates)
        for number, (grad, copy) in enumerate(zip(grads, copies, strict=True)):
            if grad is not None and not _same(grad, copy):
                raise Misbehaved(
                    "step must leave the caller's gradients as they are, "
                    f"but changed grads[{number}]",
                    Detail.HYGIENE,
                )
        return _copy_and_overwrite(returned)

    return watched


def _copy_grad(grad: Any) -> Any:
    return None if grad is None else grad.copy()


def _same(grad: Any, copy: Any) -> bool:
    pairs = [(grad, copy)]
    # The shape of slices is a tuple, which nobody can change.
    if isinstance(grad, IndexedSlices):
        pairs = [(grad.values, copy.values), (grad.indices, copy.indices)]
    return all(np.array_equal(one, other, equal_nan=True) for one, other in pairs)


def _copy_and_overwrite(returned: Any) -> Any:
    """Copy the returned arrays, then overwrite the originals with NaN."""
    if not isinstance(returned, (list, tuple)):
        return returned  # the checks of the contract complain about it
    copies: list[Any] = []
    for array in returned:
        if array is None:
            copies.append(None)
            continue
        copies.append(np.array(array))
    # Only after all are copied: two entries may share their memory.
    for array in returned:
        if array is None:
            continue
        # Other frameworks hand out views of their memory, which may be read-only.
        view = np.asarray(array)
        if view.flags.writeable and view.dtype.kind == "f":
            view[...] = np.nan
    return copies
