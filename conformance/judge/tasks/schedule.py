"""Schedule: which vectors of which subject go where, and what becomes of a worker that ends.

A lane works for one subject as long as that has vectors left, because a worker that has loaded
every library needs much memory. Lanes that have no subject left help the others, if that takes
longer than to load the library.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any

from ...executors.clusters import ExecutorError
from ...executors.lanes import why_ended
from ...subject.program.connect import HERE, Running
from ...subject.subject import Subject, SubjectError
from ...trial.run import Run
from ...vectors.vector import Vector
from .case import Case
from .plan import Plan
from .task import Described, Task, describe, perform

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
        future: Future[Any]
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
            assert case.plan is not None
            for run in case.enter(sent.places, result):
                self._keep(case.plan, case.code, run)

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
        case.count()

    def _try_again(self, sent: _Sent, why: str) -> None:
        """Divide a task whose worker has ended, until the vector that ends it is found."""
        case = sent.case
        places = sent.places
        if not places:
            # Of a subject that is not loaded yet, -1 stands for the loading.
            case.ends[-1] = case.ends.get(-1, 0) + 1
            case.is_asked = False
            if case.ends[-1] >= _TRIES:
                reason = f"its process must load it, but {why}"
                case.error = SubjectError(f"subject {case.name}: {reason}")
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
        case.give_up(place, f"a subject must not end its process, but {why}")
        if len(case.ends) >= _MOST_ENDS:
            case.give_up_rest(f"not run, because {_MOST_ENDS} vectors have ended a process")
        case.count()


def _lost(error: BaseException) -> BaseException:
    """Return what to raise for a failure that is no subject's."""
    # Those of a connection; any other is a mistake of ours.
    if isinstance(error, OSError) or type(error).__name__ in _CONNECTION:
        kind = type(error).__name__
        return ExecutorError(
            f"the executor was lost: {kind}: {error}; a run with --resume FILE can go on"
        )
    return error


# By name, because their libraries need not be installed.
_CONNECTION = ("CancelledError", "FutureCancelledError", "CommClosedError", "BrokenExecutor")
