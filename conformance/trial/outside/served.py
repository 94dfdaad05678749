"""Served: a Python subject answers the line protocol in its own process, with its own objects."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import localcontext

import numpy as np

from ...process.floating_point import subject_floating_point
from ...subject.guard import guard
from ...subject.program import json_answers, json_questions
from ...subject.program.json_lines import line_of, parse_line
from ...subject.program.question import ReplyKind, RunQuestion, RunReply, Started, StepReply
from ...subject.program.respondent import arguments_of
from ...subject.subject import Subject, signature_of
from ...vectors.spec import VectorSpec
from ...vectors.vector import Vector
from ..events import Event, Raised, Snapshot, Stepped, events
from ..outcomes import RunStatus
from ..run import EventRecorder, Run, failed_run
from ..watch import Watch

# How a run ended -> the type of the answer.
_KINDS = {
    RunStatus.RAN: ReplyKind.RAN,
    RunStatus.UNSUPPORTED: ReplyKind.SKIPPED,
    RunStatus.MISBEHAVED: ReplyKind.MISBEHAVED,
    RunStatus.ERRORED: ReplyKind.ERRORED,
}


def serve(subject: Subject, lines: Iterable[str], write: Callable[[str], object]) -> None:
    """Answer every line until one says `stop`, or there is no more.

    Args:
        subject: it answers.
        lines: what the judge sends.
        write: takes an answer, one line.

    Raises:
        ProgramError: a line is no message of the protocol.
    """
    for line in lines:
        message = parse_line(line, "question")
        match message["type"]:
            case "start":
                write(line_of(json_answers.write_started(started_of(subject))))
            case "run":
                question = json_questions.read_run(message)
                reply = answer(subject, question)
                write(line_of(json_answers.write_reply(reply, message["seq"], question.may_repeat)))
            case _:
                return


def started_of(subject: Subject) -> Started:
    """Return what a Python subject says of itself."""
    make = subject.make
    declared = {}
    for name in json_answers.DECLARATIONS:
        value = getattr(make, name, None)
        if isinstance(value, (set, frozenset, tuple)):
            value = sorted(value)
        if value:
            declared[name] = value
    if subject.convention is not None:
        declared["convention"] = subject.convention
    declared |= {"serves": subject.name, "notes": list(subject.notes)}
    declared["is_guess"] = subject.is_guess
    return Started(
        name=subject.name,
        version=subject.version,
        dtypes=sorted(subject.dtypes),
        supports=sorted(subject.supports),
        declared=declared,
        understands=frozenset(json_answers.EXTRAS),
        arguments=arguments_of(signature_of(make)),
    )


@dataclass(frozen=True, eq=False)
class _AskedVector(Vector):
    """A vector of which only what a run needs is known.

    Fields:
        asked: its features, which a run of the inputs alone need not show.
    """

    asked: frozenset[str] = frozenset()

    @property
    def features(self) -> frozenset[str]:
        return self.asked


@np.errstate(all="ignore")
def answer(subject: Subject, question: RunQuestion) -> RunReply:
    """Return the answer of a Python subject to a run."""
    # A vector is about storage if its answers depend on what is kept of its dtype.
    axes: dict[str, list[str]] = {question.dtypes[0]: []} if question.about_storage else {}
    spec = VectorSpec(
        id="question.asked.now",
        inputs=question.inputs,
        axes=axes,
        after=question.after,
        relation=question.relation,
        decimal=True,
    )
    # Who asks through a file says only what the inputs say themselves.
    vector = _AskedVector(spec, asked=frozenset(question.features) or spec.features)
    watch = None
    if question.watch is not None:
        watch = Watch(overwrites=question.watch == "overwrite")
    fixed = frozenset(question.fixed)
    # `identify` asks as if it kept something else.
    subject = replace(subject, fixed=fixed, storage=dict(question.storage))
    steps: list[StepReply] = []
    with guard(), localcontext(), subject_floating_point():
        run = _run(subject, vector, watch, steps)
    feature = ""
    if run.lacks and run.lacks != vector.features:
        feature = min(run.lacks)
    return RunReply(
        kind=_KINDS[run.status],
        steps=steps,
        reason=run.cause.message,
        place=run.cause.place,
        feature=feature,
        detail=run.cause.detail or "",
    )


def _run(subject: Subject, vector: Vector, watch: Watch | None, steps: list[StepReply]) -> Run:
    """Return how a run ended; ``steps`` gets what was returned."""
    recorder = EventRecorder()
    inputs = vector.spec.inputs
    trial = events(subject, vector, inputs, vector.relation, watch)
    try:
        recorder.record(_note(trial, steps))
        if watch is not None:
            watch.require_unchanged()
    except BaseException as error:
        return failed_run(vector, error, recorder)
    return Run(vector, RunStatus.RAN)


def _note(trial: Iterable[Event], steps: list[StepReply]) -> Iterator[Event]:
    for event in trial:
        match event:
            case Stepped(_, None):
                steps.append(StepReply())
            case Stepped(_, Snapshot() as snapshot):
                steps.append(StepReply(snapshot.params, snapshot.slots))
            case Raised(_, cause):
                steps.append(StepReply(raised=(cause.message, cause.place)))
        yield event
