"""Schedule: which vectors of which subject go where, and what becomes of a worker that ends.

A lane works for one subject as long as that has vectors left, and then for others of the same
library: a worker that has loaded every library needs much memory, and what a library has compiled
serves its next subject. Lanes that have no subject left help the others, if that takes longer than
to load the library.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from ...executors.clusters import ExecutorError
from ...executors.lanes import why_ended
from ...subject.loading import load
from ...subject.program.connect import HERE, Running, end
from ...subject.subject import Subject, SubjectError
from ...trial.run import Run
from ...vectors.vector import Vector
from .entrant import Entrant
from .plan import Plan
from .task import Described, VectorTask, describe, perform

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
    entrant: Entrant | None = None
    count: int = 0
    libraries: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Sent:
    """A task that is on its way: to describe the subject if it has no places."""

    lane: _Lane
    entrant: Entrant
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
        self.entrants = [Entrant(name) for name in names]
        self._lanes = [_Lane(executor) for executor in executors]
        self._plan_of = plan_of
        self._find = find
        self._keep = keep
        self._running = running
        self._sent: dict[Future[Any], _Sent] = {}

    def complete(self) -> Iterator[Entrant]:
        """Yield each subject as soon as it is complete, or cannot be judged.

        Raises:
            ExecutorError: the executors are lost.
        """
        left = list(self.entrants)
        while left:
            self._send()
            done, _ = wait(self._sent, return_when=FIRST_COMPLETED)
            for future in done:
                self._receive(future)
            # Before anything is judged, so that no lane waits.
            self._send()
            for entrant in left[:]:
                if entrant.is_complete or entrant.error:
                    left.remove(entrant)
                    yield entrant

    def _send(self) -> None:
        """Give every lane its tasks."""
        for _ in range(_DEPTH):
            for lane in self._lanes:
                if lane.count < _DEPTH:
                    self._send_next(lane)

    def _send_next(self, lane: _Lane) -> None:
        entrant = self._choose(lane)
        if entrant is None:
            return
        lane.entrant = entrant
        lane.libraries.add(entrant.library)
        future: Future[Any]
        if not entrant.is_asked:
            entrant.is_asked = True
            sent = _Sent(lane, entrant)
            future = lane.executor.submit(describe, entrant.name, self._running)
        else:
            places = entrant.queue.popleft()
            sent = _Sent(lane, entrant, tuple(places))
            future = lane.executor.submit(perform, self._task(entrant, places))
        lane.count += 1
        self._sent[future] = sent

    def _choose(self, lane: _Lane) -> Entrant | None:
        """Return the subject that a lane works for next: its own, a new one, or another's."""
        own = lane.entrant
        if own is not None and own.queue:
            return own
        # Its vectors are known when it is described.
        if own is not None and own.plan is None and own.error is None:
            return None
        new = [entrant for entrant in self.entrants if not entrant.is_asked]
        if new:
            return _nearest(new, lane, self._lanes)
        longest = max(self.entrants, key=lambda entrant: entrant.seconds_left)
        return longest if longest.seconds_left > longest.loading else None

    def _task(self, entrant: Entrant, places: Sequence[int]) -> VectorTask:
        assert entrant.plan is not None
        plan = entrant.plan
        specs = tuple(plan.vectors[place].spec for place in places)
        subject = plan.subject
        return VectorTask(
            entrant.name, self._running, subject.storage, subject.fixed, plan.has_hygiene, specs
        )

    def _receive(self, future: Future[Any]) -> None:
        sent = self._sent.pop(future)
        sent.lane.count -= 1
        entrant = sent.entrant
        # Nobody waits for it any more.
        if entrant.error or entrant.is_complete:
            return
        try:
            result = future.result()
        except SubjectError as error:
            entrant.error = error
            return
        except BaseException as error:
            why = why_ended(sent.lane.executor, error)
            if not why:
                raise _lost(error) from error
            self._try_again(sent, why)
            return
        if isinstance(result, Described):
            self._start(entrant, result)
        else:
            assert entrant.plan is not None
            for run in entrant.enter(sent.places, result):
                self._keep(entrant.plan, entrant.code, run)

    def _start(self, entrant: Entrant, described: Described) -> None:
        subject = described.subject
        try:
            if subject.is_outside:
                subject = load(entrant.name, self._running)
            plan = self._plan_of(subject)
            # The judge may never need it again, and then nothing starts it again.
            end(subject)
        except Exception as error:
            entrant.error = error
            return
        entrant.plan = plan
        entrant.code = described.code
        entrant.loading = described.seconds
        entrant.runs = [self._find(plan, entrant.code, vector) for vector in plan.vectors]
        missing = [place for place, run in enumerate(entrant.runs) if run is None]
        size = len(missing) // (len(self._lanes) * _TASKS)
        size = min(max(size, 1), _LARGEST)
        for start in range(0, len(missing), size):
            entrant.queue.append(missing[start : start + size])
        entrant.count()

    def _try_again(self, sent: _Sent, why: str) -> None:
        """Divide a task whose worker has ended, until the vector that ends it is found."""
        entrant = sent.entrant
        places = sent.places
        if not places:
            # Of a subject that is not loaded yet, -1 stands for the loading.
            entrant.ends[-1] = entrant.ends.get(-1, 0) + 1
            entrant.is_asked = False
            if entrant.ends[-1] >= _TRIES:
                reason = f"its process must load it, but {why}"
                entrant.error = SubjectError(f"subject {entrant.name}: {reason}")
            return
        if len(places) > 1:
            middle = len(places) // 2
            entrant.queue.extendleft([list(places[middle:]), list(places[:middle])])
            return
        (place,) = places
        entrant.ends[place] = entrant.ends.get(place, 0) + 1
        if entrant.ends[place] < _TRIES:
            entrant.queue.appendleft([place])
            return
        entrant.give_up(place, f"a subject must not end its process, but {why}")
        if len(entrant.ends) >= _MOST_ENDS:
            entrant.give_up_rest(f"not run, because {_MOST_ENDS} vectors have ended a process")
        entrant.count()


def _nearest(new: Sequence[Entrant], lane: _Lane, lanes: Sequence[_Lane]) -> Entrant:
    """Return a subject whose library a lane has, or else one whose library no lane has."""
    elsewhere = set().union(*(other.libraries for other in lanes))
    own = [entrant for entrant in new if entrant.library in lane.libraries]
    unloaded = [entrant for entrant in new if entrant.library not in elsewhere]
    return (own or unloaded or new)[0]


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
