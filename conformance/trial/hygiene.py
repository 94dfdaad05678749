"""Hygiene: a subject leaves the caller's gradients alone, and never returns its own arrays.

The first run keeps every returned array, and none may change later. A second run overwrites them
with NaN. If the subject goes on from one of them, its later results differ from those of the first.
What `save` returns is not overwritten: only `restore` knows what is in it.
"""

from dataclasses import replace
from typing import Any

from ..subject.subject import Subject
from ..vectors.vector import Vector
from .digest import digest
from .outcomes import Cause, Detail, RunStatus
from .run import Run, run
from .watch import Watch

_RULE = "step and slots() must hand back copies, but overwriting them changed what came after"


def run_twice(subject: Subject, vector: Vector) -> Run:
    """Return a run like `run`, or one that misbehaved if it or a second one shows bad hygiene."""
    first = run(subject, vector, Watch(overwrites=False))
    if first.status is not RunStatus.RAN:
        return first
    cause = _objection(first, run(subject, vector, Watch(overwrites=True)))
    if cause is None:
        return first
    return replace(first, status=RunStatus.MISBEHAVED, cause=cause)


def _objection(first: Run, second: Run) -> Cause | None:
    """Return what the second run has against the subject, or None."""
    if second.cause.detail is Detail.HYGIENE:
        return second.cause
    # Nothing but the overwriting was new in it.
    if second.status is not RunStatus.RAN:
        return Cause(f"{_RULE}: {second.reason}", detail=Detail.HYGIENE)
    if _results(first) != _results(second):
        return Cause(_RULE, detail=Detail.HYGIENE)
    return None


def _results(one: Run) -> tuple[Any, ...]:
    return digest(one.snapshots), digest(one.related), sorted(one.raised)
