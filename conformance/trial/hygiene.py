"""Hygiene: a subject leaves the caller's gradients alone, and never returns its own arrays.

A second run overwrites every returned array with NaN. If the subject kept one of them as its state,
its later results differ from those of the first run. `watch` has what else must not change.
"""

from dataclasses import replace
from typing import Any

from ..subject.subject import Subject
from .digest import digest
from .outcomes import Cause, Detail, RunStatus
from .run import Run, run
from .watch import Watch

_RULE = "step and slots() must hand back copies, but overwriting them changed what came after"


def check_hygiene(subject: Subject, first: Run) -> Run:
    """Return the run, or one that misbehaved if a watched second run shows bad hygiene."""
    if first.status is not RunStatus.RAN:
        return first
    cause = _objection(first, run(subject, first.vector, Watch()))
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
