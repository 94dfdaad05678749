"""Which worker gets which subject."""

from concurrent.futures import Executor, Future
from functools import partial

from conformance.judge.tasks.plan import plan_check
from conformance.judge.tasks.schedule import Schedule
from conformance.judge.tasks.task import describe


class HereExecutor(Executor):
    """Does its tasks in this process, and remembers the subjects that it was given."""

    def __init__(self):
        self.described = []

    def submit(self, fn, /, *arguments):
        if fn is describe:
            self.described.append(arguments[0])
        future = Future()
        future.set_result(fn(*arguments))
        return future


def described(names, count):
    """The subjects that each of so many workers was the first to get, in their order."""
    workers = [HereExecutor() for _ in range(count)]
    plan_of = partial(plan_check, only="basic.f32.mixed")
    kept = []
    schedule = Schedule(names, workers, plan_of, lambda *_: None, lambda *entry: kept.append(entry))
    assert all(entrant.is_complete for entrant in schedule.complete())
    assert len(kept) == len(names)
    return [worker.described for worker in workers]


def test_a_worker_goes_on_with_the_library_that_it_has():
    names = ["adamref", "sklearn", "autograd", "adamref-torch"]
    assert described(names, 1) == [["adamref", "adamref-torch", "sklearn", "autograd"]]


def test_a_worker_begins_with_a_library_that_no_other_has():
    _, second = described(["adamref", "adamref-torch", "adamref-optax", "sklearn"], 2)
    assert second[0] == "sklearn"
