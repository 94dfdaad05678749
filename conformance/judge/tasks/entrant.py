"""Entrant: one subject of a campaign, and how far it has come."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...subject.shipped import SHIPPED
from ...trial.outcomes import Cause, RunStatus
from ...trial.run import Run
from .plan import Plan
from .task import Done


@dataclass
class Entrant:
    """One subject on its way.

    Fields:
        name: of the subject.
        plan: None until the subject is described.
        code: the version of its code.
        runs: one for each vector of the plan; None until it is run.
        queue: the places of vectors that are still to be run, a list for each task.
        counted: of how many runs from the first it is known whether they are the last.
        ends: the places of vectors whose worker has ended, with how often.
        flushes: whether subnormal numbers were flushed to zero.
        seconds: how long its tasks took.
        loading: how many seconds a worker takes to load it.
        error: why it cannot be judged.
        is_asked: whether a worker was asked to describe it.
    """

    name: str
    plan: Plan | None = None
    code: str = ""
    runs: list[Run | None] = field(default_factory=list)
    queue: deque[list[int]] = field(default_factory=deque)
    counted: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    flushes: bool = False
    seconds: float = 0.0
    loading: float = 0.0
    error: Exception | None = None
    is_asked: bool = False

    @property
    def library(self) -> str:
        """What a worker must load for it: the package of a shipped subject, or its own module."""
        shipped = SHIPPED.get(self.name)
        return shipped.distribution if shipped else self.name.partition(":")[0]

    @property
    def is_complete(self) -> bool:
        """Whether all its runs are there."""
        return self.plan is not None and self.counted == len(self.runs)

    @property
    def seconds_left(self) -> float:
        """How long the vectors in its queue take, as those before them did."""
        waiting = sum(map(len, self.queue))
        return waiting * self.seconds / max(len(self.finished_runs), 1)

    @property
    def finished_runs(self) -> list[Run]:
        """The runs that are there, in the order of the vectors."""
        return [run for run in self.runs if run is not None]

    def count(self) -> None:
        """Count the runs up to the first that is missing; cut off what comes after the last."""
        assert self.plan is not None
        while self.counted < len(self.runs):
            run = self.runs[self.counted]
            if run is None:
                return
            self.counted += 1
            if self.plan.ends_after(run):
                del self.runs[self.counted :]
                self.queue.clear()

    def enter(self, places: Sequence[int], done: Done) -> list[Run]:
        """Take over what a task has returned, and return its runs."""
        assert self.plan is not None
        runs = []
        for place, fields in zip(places, done.runs, strict=True):
            # What is cut off is of no use.
            if place < len(self.runs):
                runs.append(Run(vector=self.plan.vectors[place], **fields))
                self.runs[place] = runs[-1]
        self.flushes = done.flushes
        self.seconds += done.seconds
        self.count()
        return runs

    def give_up(self, place: int, message: str) -> None:
        """End a vector without a run."""
        assert self.plan is not None
        vector = self.plan.vectors[place]
        storages = self.plan.subject.storage
        cause = Cause(message)
        self.runs[place] = Run(vector, RunStatus.ERRORED, cause, storages=storages)

    def give_up_rest(self, message: str) -> None:
        """End all vectors in the queue without a run."""
        for places in self.queue:
            for place in places:
                self.give_up(place, message)
        self.queue.clear()
