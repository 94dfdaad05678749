"""Run: one subject through one vector, and what it returned or why there is nothing to compare."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import localcontext

import numpy as np

from ..process.floating_point import own_floating_point, subject_floating_point
from ..process.signals import from_outside
from ..subject.guard import guard
from ..subject.messages import text_of
from ..subject.program.respondent import Respondent
from ..subject.subject import Subject, Unsupported, ValueRefused
from ..vectors.answer import Answer, Axes
from ..vectors.inputs import Inputs
from ..vectors.relations import RELATIONS
from ..vectors.spec import Relation
from ..vectors.storage import HALVES, USUAL
from ..vectors.vector import Vector
from ..vectors.words import Array
from .contract import Lacking, Misbehaved, Unanswered
from .events import Event, Raised, Snapshot, Stepped, events
from .objects import cause_of
from .outcomes import NO_CAUSE, Cause, Detail, RunStatus
from .outside.program_events import program_events
from .watch import Watch

# What is missing where a library refuses a value: no feature that can be required.
_VALUE = "value"


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
        storages: dtype of half precision -> what the subject keeps of it.
    """

    vector: Vector
    status: RunStatus
    cause: Cause = NO_CAUSE
    snapshots: Mapping[int, Snapshot] = field(default_factory=dict)
    raised: Mapping[int, Cause] = field(default_factory=dict)
    related: Mapping[int, Snapshot] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()
    storages: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The cause in one line, for people; empty where there is something to compare."""
        return str(self.cause)

    def answers_for(self, axes: Axes, code: str) -> tuple[Answer, ...]:
        """Return the answers for a convention, an arithmetic, and what the subject keeps.

        A vector about storage is unsupported where the subject does not say what it keeps; then
        the usual storage stands for any.
        """
        usual = dict.fromkeys(HALVES, USUAL)
        return self.vector.answers_for({**usual, **self.storages, **axes}, code)


class EventRecorder:
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
def run(subject: Subject, vector: Vector, watch: Watch | None = None) -> Run:
    """Run ``subject`` through ``vector``; a ``watch`` sees all arrays that go to and fro.

    Every exception that the subject raises becomes a status of the run; only an interrupt from
    outside passes.
    """
    # Also the context of decimals is the oracle's, and not the subject's to set.
    with guard(), localcontext(), subject_floating_point():
        return replace(_run(subject, vector, watch), storages=subject.storage)


def _run(subject: Subject, vector: Vector, watch: Watch | None) -> Run:
    # Outside of `try`, because a run that ends early still shows what came before.
    plain = EventRecorder()
    related: dict[int, Snapshot] = {}
    try:
        plain.record(_events(subject, vector, vector.inputs, None, watch))
        if vector.relation:
            related = _run_related(subject, vector, plain.raised, watch)
        _require_slots(vector, plain.snapshots, related)
        if watch is not None:
            watch.require_unchanged()
    except BaseException as error:
        return failed_run(vector, error, plain)
    return Run(vector, RunStatus.RAN, NO_CAUSE, plain.snapshots, plain.raised, related)


def failed_run(vector: Vector, error: BaseException, recorder: EventRecorder) -> Run:
    """Return the run that an exception of the subject has ended; raise one from outside."""
    # Not isinstance, which asks for attributes of an exception of the subject.
    if issubclass(type(error), Unsupported):
        # A subject that raises Unsupported itself may mean any feature of the vector.
        lacks = vector.features
        if type(error) is Lacking:
            lacks = frozenset({error.feature})
        if type(error) is ValueRefused:
            lacks = frozenset({_VALUE})
        detail = None
        if type(error) is Unanswered:
            detail = Detail.UNANSWERED
            # It may have all of them.
            lacks = frozenset()
        cause = Cause(text_of(error) or "the subject says so", detail=detail)
        return Run(vector, RunStatus.UNSUPPORTED, cause, lacks=lacks)
    if type(error) is Misbehaved:
        cause = Cause(text_of(error), detail=error.detail)
        status = RunStatus.MISBEHAVED
    elif from_outside(error):
        raise error
    else:
        cause = cause_of(error)
        status = RunStatus.ERRORED
    return Run(vector, status, cause, recorder.snapshots, recorder.raised)


def _events(
    subject: Subject,
    vector: Vector,
    inputs: Inputs,
    lifetime: Relation | None,
    watch: Watch | None,
) -> Iterable[Event]:
    if isinstance(subject.make, Respondent):
        return program_events(subject, vector, inputs, lifetime, watch)
    return events(subject, vector, inputs, lifetime, watch)


def _run_related(
    subject: Subject, vector: Vector, raised: Mapping[int, Cause], watch: Watch | None
) -> dict[int, Snapshot]:
    """Return the snapshots of a run with changed inputs, changed back.

    Args:
        subject: the Adam under test.
        vector: its relation says how inputs are changed.
        raised: the calls that raised in the first run; the same must raise in this one.
        watch: sees all arrays that go to and fro.
    """
    assert vector.relation is not None
    kind = vector.relation.kind
    transformation = RELATIONS[kind]
    with own_floating_point():
        inputs = transformation.change(vector.inputs, vector.relation)
    second = EventRecorder()
    second.record(_events(subject, vector, inputs, vector.relation, watch))
    if differing := sorted(second.raised.keys() ^ raised.keys()):
        call = differing[0]
        raise Misbehaved(
            f"step {call} must raise in both runs of relation {kind} or in neither, got one"
        )
    # Changed back, the results must agree with the answers of the first run.
    return {call: _undo(snapshot, vector) for call, snapshot in second.snapshots.items()}


# Once more, because the subject may have set both otherwise.
@own_floating_point()
@np.errstate(all="ignore")
def _undo(snapshot: Snapshot, vector: Vector) -> Snapshot:
    assert vector.relation is not None
    transformation = RELATIONS[vector.relation.kind]
    # Parameters are never None, but the change is written for slots, which may be.
    params = transformation.undo(list(snapshot.params), "params", vector)
    slots: dict[str, list[Array | None]] = {}
    for name, arrays in snapshot.slots.items():
        slots[name] = transformation.undo(arrays, name, vector)
    return Snapshot([array for array in params if array is not None], slots)


def _require_slots(vector: Vector, *runs: Mapping[int, Snapshot]) -> None:
    """Raise Misbehaved if a slot is shown after some calls and not after others.

    It could hide wrong moments. Only before the first gradient there need not be any.
    """
    snapshots = [(call, snapshot) for one in runs for call, snapshot in one.items()]
    shown = {name for _, snapshot in snapshots for name in snapshot.slots}
    for call, snapshot in snapshots:
        missing = shown - snapshot.slots.keys()
        if missing and _has_state(vector, call):
            raise Misbehaved(
                f"slots() must show {min(missing)} after every step if it does after one, "
                f"got none after step {call}"
            )


def _has_state(vector: Vector, call: int) -> bool:
    # A call that is skipped leaves no moments behind.
    taken = [one for one in vector.calls[:call] if not one.is_skipped]
    grads = [grad for one in taken for grad in one.grads]
    return vector.load is not None or any(grad is not None for grad in grads)
