"""Run: one subject through one vector, and what it returned or why there is nothing to compare."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..subject.guard import guarded
from ..subject.interrupts import from_outside
from ..subject.subject import Subject, Unsupported
from ..vectors.relations import RELATIONS
from ..vectors.vector import Vector
from ..vectors.words import Array
from .contract import Lacking, Misbehaved
from .events import Event, Raised, Snapshot, Stepped, cause_of, events
from .outcomes import NO_CAUSE, Cause, RunStatus


@dataclass(frozen=True, eq=False)
class Run:
    """One run of one vector.

    Fields:
        cause: why there is nothing to compare.
        snapshots: call -> the state after it, for each answered call that returned.
        raised: call -> why it raised, for calls in which a gradient is missing.
        related: like snapshots, of a second run with inputs changed as the vector's relation
            says; its results are changed back.
        lacks: if unsupported, the missing feature, or all of the vector's where the subject
            does not tell.
    """

    vector: Vector
    status: RunStatus
    cause: Cause = NO_CAUSE
    snapshots: Mapping[int, Snapshot] = field(default_factory=dict)
    raised: Mapping[int, Cause] = field(default_factory=dict)
    related: Mapping[int, Snapshot] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()

    @property
    def reason(self) -> str:
        """The cause in one line, for people; empty where there is something to compare."""
        return str(self.cause)


class _Recorder:
    """The events of a trial so far; they survive the exception that ends it."""

    def __init__(self) -> None:
        self.snapshots: dict[int, Snapshot] = {}
        self.raised: dict[int, Cause] = {}

    def record(self, trial: Iterable[Event]) -> None:
        for event in trial:
            match event:
                case Stepped(call, Snapshot() as snapshot):
                    self.snapshots[call] = snapshot
                case Raised(call, cause):
                    self.raised[call] = cause


# NumPy must not warn: a division by zero is judged by its result.
@np.errstate(all="ignore")
def run(subject: Subject, vector: Vector) -> Run:
    """Run ``subject`` through ``vector``.

    Every exception that the subject raises becomes a status of the run; only an interrupt from
    outside passes.
    """
    with guarded():
        return _run(subject, vector)


def _run(subject: Subject, vector: Vector) -> Run:
    # Outside of `try`, because a run that ends early still shows what came before.
    plain = _Recorder()
    related: dict[int, Snapshot] = {}
    try:
        plain.record(events(subject, vector, vector.inputs))
        if vector.relation:
            related = _run_related(subject, vector, plain.raised)
    except Unsupported as error:
        # A subject that raises Unsupported itself may mean any feature of the vector.
        lacks = vector.features
        if isinstance(error, Lacking):
            lacks = frozenset({error.feature})
        cause = Cause(str(error) or "the subject says so")
        return Run(vector, RunStatus.UNSUPPORTED, cause, lacks=lacks)
    except Misbehaved as error:
        cause = Cause(str(error), detail=error.detail)
        return Run(vector, RunStatus.MISBEHAVED, cause, plain.snapshots, plain.raised)
    except BaseException as error:
        if from_outside(error):
            raise
        cause = cause_of(error)
        return Run(vector, RunStatus.ERRORED, cause, plain.snapshots, plain.raised)
    return Run(vector, RunStatus.RAN, NO_CAUSE, plain.snapshots, plain.raised, related)


def _run_related(
    subject: Subject, vector: Vector, raised: Mapping[int, Cause]
) -> dict[int, Snapshot]:
    """Return the snapshots of a run with changed inputs, changed back.

    Args:
        subject: the Adam under test.
        vector: its relation says how inputs are changed.
        raised: the calls that raised in the first run; the same must raise in this one.
    """
    assert vector.relation is not None
    kind = vector.relation.kind
    transformation = RELATIONS[kind]
    inputs = transformation.change(vector.inputs, vector.relation)
    save_after = vector.relation.after if kind == "resume" else None
    second = _Recorder()
    second.record(events(subject, vector, inputs, save_after))
    if differing := sorted(second.raised.keys() ^ raised.keys()):
        call = differing[0]
        raise Misbehaved(
            f"step {call} must raise in both runs of relation {kind} or in neither, got one"
        )
    # Changed back, the results must agree with the answers of the first run.
    related: dict[int, Snapshot] = {}
    for call, snapshot in second.snapshots.items():
        # Parameters are never None, but the change is written for slots, which may be.
        params = transformation.undo(list(snapshot.params), "params", vector)
        slots: dict[str, list[Array | None]] = {}
        for name, arrays in snapshot.slots.items():
            slots[name] = transformation.undo(arrays, name, vector)
        related[call] = Snapshot([array for array in params if array is not None], slots)
    return related
