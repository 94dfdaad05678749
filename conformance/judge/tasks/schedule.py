"""Schedule: which vectors of which subject go where, and what becomes of a worker that ends.

A lane works for one subject as long as that has vectors left, because a worker that has loaded
every library needs much memory. Lanes that have no subject left help the others, if that takes
longer than to load the library.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from ...executors.clusters import ExecutorError
from ...executors.lanes import why_ended
from ...subject.program.connect import HERE, Running
from ...subject.subject import Subject, SubjectError
from ...trial.outcomes import Cause, RunStatus
from ...trial.run import Run
from ...vectors.vector import Vector
from ..plan import Plan
from .task import Described, Done, Task, describe, perform

# Each lane has one task more than it works on, so that it never waits for the judge.
_DEPTH = 2
# A subject is cut into so many tasks for each lane, of at most so many vectors.
_TASKS = 4
_LARGEST = 40
# A vector that ends its worker so often is given up. Once may be somebody else's doing.
_TRIES = 2
# A subject with so many such vectors is given up.
_MOST_ENDS = 10

PlanOf = Callable[[Subject], Plan]
# The subject's plan and its version, a vector -> its run in a file, or None.
Find = Callable[[Plan, str, Vector], Run | None]
Keep = Callable[[Plan, str, Run], None]


@dataclass
class Case:
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


@dataclass
class _Lane:
    executor: Executor
    case: Case | None = None
    count: int = 0


@dataclass(frozen=True)
class _Sent:
    """A task that is on its way: to describe the subject if it has no places."""

    lane: _Lane
    case: Case
    places: tuple[int, ...] = ()


class Schedule:
    """The runs of several subjects, on several executors.

    Args:
        names: of the subjects.
        executors: one for each task that may run at a time.
        plan_of: makes the plan of a subject.
        find: finds a run that was made before.
        keep: is called with each new run.
        running: how subjects run in their worker.
    """

    def __init__(
        self,
        names: Sequence[str],
        executors: Sequence[Executor],
        plan_of: PlanOf,
        find: Find,
        keep: Keep,
        running: Running = HERE,
    ) -> None:
        self.cases = [Case(name) for name in names]
        self._lanes = [_Lane(executor) for executor in executors]
        self._plan_of = plan_of
        self._find = find
        self._keep = keep
        self._running = running
        self._sent: dict[Future[Any], _Sent] = {}

    def complete(self) -> Iterator[Case]:
        """Yield each subject as soon as it is complete, or cannot be judged.

        Raises:
            ExecutorError: the executors are lost.
        """
        left = list(self.cases)
        while left:
            self._send()
            done, _ = wait(self._sent, return_when=FIRST_COMPLETED)
            for future in done:
                self._receive(future)
            # Before anything is judged, so that no lane waits.
            self._send()
            for case in left[:]:
                if case.is_complete or case.error:
                    left.remove(case)
                    yield case

    def _send(self) -> None:
        """Give every lane its tasks."""
        for _ in range(_DEPTH):
            for lane in self._lanes:
                if lane.count < _DEPTH:
                    self._send_next(lane)

    def _send_next(self, lane: _Lane) -> None:
        case = self._choose(lane)
        if case is None:
            return
        lane.case = case
        if not case.is_asked:
            case.is_asked = True
            sent = _Sent(lane, case)
            future = lane.executor.submit(describe, case.name, self._running)
        else:
            places = case.queue.popleft()
            sent = _Sent(lane, case, tuple(places))
            future = lane.executor.submit(perform, self._task(case, places))
        lane.count += 1
        self._sent[future] = sent

    def _choose(self, lane: _Lane) -> Case | None:
        """Return the subject that a lane works for next: its own, a new one, or another's."""
        own = lane.case
        if own is not None and own.queue:
            return own
        # Its vectors are known when it is described.
        if own is not None and own.plan is None and own.error is None:
            return None
        for case in self.cases:
            if not case.is_asked:
                return case
        longest = max(self.cases, key=lambda case: case.seconds_left)
        return longest if longest.seconds_left > longest.loading else None

    def _task(self, case: Case, places: Sequence[int]) -> Task:
        assert case.plan is not None
        plan = case.plan
        specs = tuple(plan.vectors[place].spec for place in places)
        subject = plan.subject
        return Task(
            case.name, self._running, subject.storage, subject.fixed, plan.has_hygiene, specs
        )

    def _receive(self, future: Future[Any]) -> None:
        sent = self._sent.pop(future)
        sent.lane.count -= 1
        case = sent.case
        # Nobody waits for it any more.
        if case.error or case.is_complete:
            return
        try:
            result = future.result()
        except SubjectError as error:
            case.error = error
            return
        except BaseException as error:
            why = why_ended(sent.lane.executor, error)
            if not why:
                raise _lost(error) from error
            self._try_again(sent, why)
            return
        if isinstance(result, Described):
            self._start(case, result)
        else:
            self._enter(case, sent.places, result)

    def _start(self, case: Case, described: Described) -> None:
        try:
            plan = self._plan_of(described.subject)
        except Exception as error:
            case.error = error
            return
        case.plan = plan
        case.code = described.code
        case.loading = described.seconds
        case.runs = [self._find(plan, case.code, vector) for vector in plan.vectors]
        missing = [place for place, run in enumerate(case.runs) if run is None]
        size = len(missing) // (len(self._lanes) * _TASKS)
        size = min(max(size, 1), _LARGEST)
        for start in range(0, len(missing), size):
            case.queue.append(missing[start : start + size])
        _count(case)

    def _enter(self, case: Case, places: Sequence[int], done: Done) -> None:
        assert case.plan is not None
        for place, fields in zip(places, done.runs, strict=True):
            run = Run(vector=case.plan.vectors[place], **fields)
            case.runs[place] = run
            self._keep(case.plan, case.code, run)
        case.flushes = done.flushes
        case.seconds += done.seconds
        _count(case)

    def _try_again(self, sent: _Sent, why: str) -> None:
        """Divide a task whose worker has ended, until the vector that ends it is found."""
        case, places = sent.case, sent.places
        if not places:
            # Of a subject that is not loaded yet, -1 stands for the loading.
            case.ends[-1] = case.ends.get(-1, 0) + 1
            case.is_asked = False
            if case.ends[-1] >= _TRIES:
                case.error = SubjectError(
                    f"subject {case.name}: its process must load it, but {why}"
                )
            return
        if len(places) > 1:
            middle = len(places) // 2
            case.queue.extendleft([list(places[middle:]), list(places[:middle])])
            return
        (place,) = places
        case.ends[place] = case.ends.get(place, 0) + 1
        if case.ends[place] < _TRIES:
            case.queue.appendleft([place])
            return
        self._give_up(case, place, f"a subject must not end its process, but {why}")
        if len(case.ends) >= _MOST_ENDS:
            self._give_up_rest(case)

    def _give_up(self, case: Case, place: int, message: str) -> None:
        assert case.plan is not None
        vector = case.plan.vectors[place]
        storages = case.plan.subject.storage
        run = Run(vector, RunStatus.ERRORED, Cause(message), storages=storages)
        case.runs[place] = run
        _count(case)

    def _give_up_rest(self, case: Case) -> None:
        for places in case.queue:
            for place in places:
                self._give_up(case, place, f"not run, because {_MOST_ENDS} vectors ended a process")
        case.queue.clear()


def _count(case: Case) -> None:
    """Count the runs up to the first that is missing; cut off what comes after the last."""
    assert case.plan is not None
    while case.counted < len(case.runs):
        run = case.runs[case.counted]
        if run is None:
            return
        case.counted += 1
        if case.plan.ends_after(run):
            del case.runs[case.counted :]
            case.queue.clear()


def _lost(error: BaseException) -> BaseException:
    """Return what to raise for a failure that is no subject's."""
    # Those of a connection; any other is a mistake of ours.
    if isinstance(error, OSError) or type(error).__name__ in _CONNECTION:
        kind = type(error).__name__
        return ExecutorError(f"the executor was lost: {kind}: {error}; --resume goes on")
    return error


# By name, because their libraries need not be installed.
_CONNECTION = ("CancelledError", "FutureCancelledError", "CommClosedError", "BrokenExecutor")
