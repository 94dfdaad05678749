"""Hygiene: what a subject is given stays as it was, and what it hands back is not its own state."""

from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np

from ..subject.subject import Subject
from ..vectors.slices import IndexedSlices
from .digest import digest
from .outcomes import Cause, Detail, RunStatus
from .run import Misbehaved, Run, run


def cleaned(subject: Subject, first: Run) -> Run:
    """The run, or one that misbehaved where another, with all that is handed back overwritten, is not the same."""
    if first.status is not RunStatus.RAN:
        return first
    second = run(replace(subject, make=_watched(subject.make)), first.vector)
    if second.status is RunStatus.RAN and digest(second.snapshots) != digest(first.snapshots):
        reason = (
            "step and slots() must hand back copies, but overwriting them changed what came after"
        )
        cause = Cause(reason, detail=Detail.HYGIENE)
        return first._replace(status=RunStatus.MISBEHAVED, cause=cause)
    return second if second.status is not RunStatus.RAN else first


def _watched(make: Any) -> Any:
    @wraps(make)
    def watched(*given: Any, **switches: Any) -> Any:
        made = make(*given, **switches)
        return _Watched(made) if hasattr(made, "step") else _steps(made)

    return watched


class _Watched:
    """A subject whose step and slots are looked after; all else is its own."""

    def __init__(self, made: Any) -> None:
        self._made = made
        self.step = _steps(made.step)

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._made, name)
        return (
            (lambda: {key: _taken(arrays) for key, arrays in own().items()})
            if name == "slots"
            else own
        )


def _steps(step: Any) -> Any:
    @wraps(step)
    def watched(grads: Any, *rate: Any, **rates: Any) -> Any:
        before = [None if grad is None else grad.copy() for grad in grads]
        returned = step(grads, *rate, **rates)
        for at, (grad, kept) in enumerate(zip(grads, before, strict=True)):
            if grad is not None and not _same(grad, kept):
                raise Misbehaved(
                    f"step must leave the caller's gradients as they are, but changed grads[{at}]",
                    Detail.HYGIENE,
                )
        return _taken(returned)

    return watched


def _same(grad: Any, kept: Any) -> bool:
    pairs = (
        zip(grad[:2], kept[:2], strict=True) if isinstance(grad, IndexedSlices) else ((grad, kept),)
    )
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def _taken(returned: Any) -> Any:
    """Copies of arrays, of which those that were handed back are overwritten."""
    if not isinstance(returned, (list, tuple)):
        return returned  # for the contract to complain of
    copies = [None if array is None else np.array(array) for array in returned]
    for array in returned:
        view = np.asarray(array) if array is not None else None
        if view is not None and view.flags.writeable and view.dtype.kind == "f":
            view[...] = np.nan
    return copies
