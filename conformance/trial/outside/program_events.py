"""Events of a program: its answer to a whole run, as `events` yields the calls of an optimizer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NoReturn

from ...subject.program.question import ReplyKind, RunQuestion, RunReply, StepReply, WrongAnswer
from ...subject.program.respondent import Respondent
from ...subject.subject import Subject, Unsupported
from ...vectors.inputs import Inputs
from ...vectors.spec import Relation
from ...vectors.switches import COMPLEX
from ...vectors.vector import Vector
from ..contract import NO_PROGRAM, NOT_SUPPORTED, Lacking, Misbehaved, Unanswered, require_asked
from ..events import Event, Made, Raised, Snapshot, Stepped
from ..objects import Reported
from ..outcomes import Cause, Detail
from ..watch import Watch

# Relations whose second run has other inputs and no other object.
_OF_INPUTS = ("scale", "negate", "reverse", "split", "mixed")


def program_events(
    subject: Subject,
    vector: Vector,
    inputs: Inputs,
    lifetime: Relation | None,
    watch: Watch | None,
) -> Iterator[Event]:
    """Ask a program for a run, and yield what it did; arguments as of `events.events`.

    Raises:
        ProgramError: the program did not answer.
        Reported: a call raised in the other process.
        Lacking, Misbehaved, Unsupported: as `events.events` does.
    """
    program = subject.make
    assert isinstance(program, Respondent)
    question = question_of(subject, vector, inputs, lifetime, watch)
    if not program.has_objects:
        _require_supported(program, vector, question)
    require_asked(subject, vector, inputs)
    try:
        reply = program.ask(question)
    except WrongAnswer as error:
        raise Misbehaved(str(error)) from None
    yield Made()
    for number, (call, step) in enumerate(zip(inputs.calls, reply.steps, strict=False), 1):
        if step.raised is not None:
            cause = Cause(*step.raised)
            # Only a convention may demand an exception, and only for a missing gradient.
            if all(grad is not None for grad in call.grads):
                raise Reported(cause)
            yield Raised(number, cause)
        elif step.params is not None:
            slots = {name: list(arrays) for name, arrays in step.slots.items()}
            yield Stepped(number, Snapshot(step.params, slots))
    if reply.kind is not ReplyKind.RAN:
        _raise(reply)
    _require_all(reply.steps, question)


def question_of(
    subject: Subject,
    vector: Vector,
    inputs: Inputs,
    lifetime: Relation | None,
    watch: Watch | None,
) -> RunQuestion:
    """Return a run as a program is asked for it."""
    if lifetime is not None and lifetime.kind in _OF_INPUTS:
        lifetime = None
    question = RunQuestion(inputs, list(vector.after), lifetime)
    program = subject.make
    if not isinstance(program, Respondent) or not program.has_objects:
        return question
    hygiene = None
    if watch is not None:
        hygiene = "overwrite" if watch.overwrites else "keep"
    return replace(
        question,
        watch=hygiene,
        fixed=sorted(subject.fixed),
        storage=subject.storage,
        features=sorted(vector.features),
        about_storage=vector.is_about_storage,
        may_repeat="may_repeat" in program.started.understands,
    )


def _require_supported(program: Respondent, vector: Vector, question: RunQuestion) -> None:
    """Raise Lacking for what a program cannot be asked: it has no objects and no memory here."""
    relation = vector.relation
    inputs = question.inputs
    out_of_reach = []
    if relation is not None and relation.refuses is not None:
        out_of_reach.append(f"refuse_{relation.refuses}")
    if inputs.form not in (None, COMPLEX):
        out_of_reach.append(str(inputs.form))
    if question.relation is not None:
        out_of_reach.append(question.relation.kind)
    for feature in out_of_reach:
        raise Lacking(feature, f"{feature}: {NO_PROGRAM}")
    if missing := program.lacks(vector.features):
        raise Lacking(missing, f"{missing}: {NOT_SUPPORTED}")


def _raise(reply: RunReply) -> NoReturn:
    """Raise what has ended the run."""
    if reply.detail == Detail.UNANSWERED.value:
        raise Unanswered(reply.reason)
    if reply.kind is ReplyKind.SKIPPED and reply.feature:
        raise Lacking(reply.feature, reply.reason)
    if reply.kind is ReplyKind.SKIPPED:
        raise Unsupported(reply.reason or "the program says so")
    if reply.kind is ReplyKind.MISBEHAVED:
        # A program may send any word.
        is_known = reply.detail in Detail.__members__.values()
        raise Misbehaved(reply.reason, Detail(reply.detail) if is_known else None)
    raise Reported(Cause(reply.reason or "the program says so", reply.place))


def _require_all(steps: Sequence[StepReply], question: RunQuestion) -> None:
    """Raise Misbehaved if an answer that is wanted is missing."""
    for number in question.after:
        step = steps[number - 1] if number <= len(steps) else StepReply()
        if step.params is None and step.raised is None:
            raise Misbehaved(f"step {number} must have params, because `after` has it; got none")
